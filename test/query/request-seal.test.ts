import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  newReplyKey,
  openReply,
  type ReplyContext,
  ReplyOpener,
  ReplySealer,
  sealReply,
} from '../../src/query/request-seal.js';
import { CLUSTER, codeOf, flipped } from './request-fixtures.js';

const context: ReplyContext = { requestDigest: new Uint8Array(32).fill(7), cluster: CLUSTER, node: 1 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('the primitives under a seal', () => {
  it('X25519 gives the exchange of RFC 7748, section 6.1', () => {
    const alice = hexToBytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hexToBytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const bobPublic = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f';
    expect(bytesToHex(x25519.getPublicKey(bob))).toBe(bobPublic);
    expect(bytesToHex(x25519.getSharedSecret(alice, hexToBytes(bobPublic)))).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('HKDF-SHA256 gives test case 1 of RFC 5869', () => {
    const output = hkdf(
      sha256,
      new Uint8Array(22).fill(0x0b),
      hexToBytes('000102030405060708090a0b0c'),
      hexToBytes('f0f1f2f3f4f5f6f7f8f9'),
      42,
    );
    expect(bytesToHex(output)).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });
});

describe('sealed replies', () => {
  const own = newReplyKey();

  it.each([0, 1, 1000])('open for the client that asked: %d bytes', (length) => {
    const bytes = new Uint8Array(length).fill(5);
    expect(openReply(own, context, sealReply(own.publicKey, context, bytes))).toEqual(bytes);
  });

  it('show nothing of their content, and never the same twice', () => {
    const first = sealReply(own.publicKey, context, text('average 67.95'));
    const second = sealReply(own.publicKey, context, text('average 67.95'));
    expect(Buffer.from(first).includes('67.95')).toBe(false);
    expect(bytesToHex(first.subarray(6))).not.toBe(bytesToHex(second.subarray(6)));
  });

  it('are refused with a flipped bit in any byte, and cut anywhere', () => {
    const sealed = sealReply(own.publicKey, context, text('result'));
    for (let at = 0; at < sealed.length; at++) {
      // Bit 7 of the last byte of an X25519 key is ignored by RFC 7748; the associated data still covers it.
      const flips = [flipped(sealed, at), sealed.map((byte, i) => (i === at ? byte ^ 0x80 : byte))];
      for (const altered of flips) {
        expect(
          codeOf(() => openReply(own, context, altered)),
          `byte ${at}`,
        ).toBe('PEER_MISBEHAVED');
      }
      expect(codeOf(() => openReply(own, context, sealed.subarray(0, at)))).toBe('PEER_MISBEHAVED');
    }
  });

  it.each<[string, ReplyContext]>([
    ['another request', { ...context, requestDigest: new Uint8Array(32).fill(8) }],
    ['another cluster', { ...context, cluster: 'ba'.repeat(32) }],
    ['another node', { ...context, node: 2 }],
  ])('do not open as an answer to %s', (_what, other) => {
    expect(codeOf(() => openReply(own, other, sealReply(own.publicKey, context, text('x'))))).toBe(
      'PEER_MISBEHAVED',
    );
  });

  it('do not open for anyone else, such as a node that replayed the request', () => {
    const sealed = sealReply(own.publicKey, context, text('x'));
    expect(codeOf(() => openReply(newReplyKey(), context, sealed))).toBe('PEER_MISBEHAVED');
  });

  it('refuse a reply key of small order, on both sides', () => {
    expect(codeOf(() => sealReply(new Uint8Array(32), context, text('x')))).toBe('REQUEST_INVALID');
    const sealed = sealReply(own.publicKey, context, text('x'));
    sealed.fill(0, 6, 38);
    expect(codeOf(() => openReply(own, context, sealed))).toBe('PEER_MISBEHAVED');
  });
});

describe('a reply of several messages', () => {
  const own = newReplyKey();
  const messages = (): Uint8Array[] => {
    const sealer = new ReplySealer(own.publicKey, context);
    return [
      sealer.seal(text('10 %'), false),
      sealer.seal(text('50 %'), false),
      sealer.seal(text('result'), true),
    ];
  };
  const openAll = (sealed: readonly (Uint8Array | undefined)[]): string[] => {
    const opener = new ReplyOpener(own, context);
    const contents = sealed.map((message) =>
      Buffer.from(opener.open(message ?? new Uint8Array()).bytes).toString(),
    );
    opener.end();
    return contents;
  };

  it('opens in order', () => {
    expect(openAll(messages())).toEqual(['10 %', '50 %', 'result']);
  });

  it('is refused when a message is repeated, left out, reordered, or from another reply', () => {
    const [first, second, third] = messages();
    const [, otherSecond] = messages();
    for (const order of [
      [first, first, second, third],
      [first, third],
      [second, first, third],
      [first, otherSecond, third],
      [first, second, third, third],
    ]) {
      expect(codeOf(() => openAll(order))).toBe('PEER_MISBEHAVED');
    }
  });

  it('is known to be incomplete when it stops before its last message', () => {
    const [first, second] = messages();
    expect(codeOf(() => openAll([first, second]))).toBe('NODE_LOST');
    expect(codeOf(() => openAll([]))).toBe('NODE_LOST');
  });

  it('cannot be made to end early by marking a message as the last', () => {
    const [first] = messages();
    const marked = first?.slice() ?? new Uint8Array();
    marked[1] = 1;
    expect(codeOf(() => openAll([marked]))).toBe('PEER_MISBEHAVED');
  });

  it('has nothing after its last message on the node either', () => {
    const sealer = new ReplySealer(own.publicKey, context);
    sealer.seal(text('x'), true);
    expect(() => sealer.seal(text('y'), false)).toThrow(TypeError);
  });

  it('is bounded in the size of a message', () => {
    const sealed = sealReply(own.publicKey, context, new Uint8Array(200));
    expect(codeOf(() => new ReplyOpener(own, context, 100).open(sealed))).toBe('PEER_MISBEHAVED');
  });
});
