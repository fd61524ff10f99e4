import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/core/bytes.js';
import { type NodeIndex, partsHeldBy, REP3 } from '../../../src/core/scheme.js';
import {
  type KeyContext,
  type KeyOffer,
  PairwiseAgreement,
} from '../../../src/server/identity/pairwise-keys.js';
import { codeOf } from '../../query/request-fixtures.js';

const base: Omit<KeyContext, 'self'> = {
  scheme: REP3,
  cluster: 'ab'.repeat(32),
  queryId: 'cd'.repeat(16),
  startDigest: new Uint8Array(32).fill(3),
};
const at = (nodes: readonly PairwiseAgreement[], i: number): PairwiseAgreement => {
  const node = nodes[i];
  if (node === undefined) throw new Error('no node');
  return node;
};

/** The agreement of three nodes; `changes[i]` is what node i believes differently. */
function agreed(changes: readonly Partial<KeyContext>[] = []): PairwiseAgreement[] {
  const nodes = REP3.nodes.map((self) => new PairwiseAgreement({ ...base, ...changes[self], self }));
  for (const to of REP3.nodes) {
    for (const from of REP3.nodes) {
      if (from !== to) at(nodes, to).accept(from, JSON.parse(JSON.stringify(at(nodes, from).offerTo(to))));
    }
  }
  return nodes;
}

const hex = (node: PairwiseAgreement, part: 0 | 1 | 2): string =>
  Buffer.from(node.keys().get(part)?.reveal() ?? []).toString('hex');

describe('pairwise keys', () => {
  it('give each part a key that exactly its two holders know', () => {
    const nodes = agreed();
    for (const self of REP3.nodes) {
      expect(new Set(at(nodes, self).keys().keys())).toEqual(new Set(partsHeldBy(REP3, self)));
    }
    const known = [hex(at(nodes, 0), 0), hex(at(nodes, 1), 1), hex(at(nodes, 2), 2)];
    expect(new Set(known).size).toBe(3);
    expect(known.every((key) => key.length === 64)).toBe(true);
    expect(hex(at(nodes, 2), 0)).toBe(known[0]);
    expect(hex(at(nodes, 0), 1)).toBe(known[1]);
    expect(hex(at(nodes, 1), 2)).toBe(known[2]);
  });

  it('are the HKDF of the documented bytes, computed by node:crypto', () => {
    const peer = new PairwiseAgreement({ ...base, self: 0 });
    // node 1 by hand, with the scalar of RFC 7748 section 6.1
    const secret = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
    const publicKey = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
    const theirs: KeyOffer = { public_key: publicKey, nonce: '55'.repeat(32) };
    const ours = peer.offerTo(1);
    peer.accept(1, theirs);
    peer.accept(2, new PairwiseAgreement({ ...base, self: 2 }).offerTo(0));
    const shared = diffieHellman({
      privateKey: createPrivateKey({
        key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]),
        format: 'der',
        type: 'pkcs8',
      }),
      publicKey: createPublicKey({
        key: Buffer.concat([
          Buffer.from('302a300506032b656e032100', 'hex'),
          Buffer.from(ours.public_key, 'hex'),
        ]),
        format: 'der',
        type: 'spki',
      }),
    });
    const info = new ByteWriter()
      .text('warifu pairwise key v1')
      .sized(Buffer.from(base.cluster, 'hex'))
      .u8(0)
      .u8(1)
      .sized(Buffer.from(ours.public_key, 'hex'))
      .sized(Buffer.from(publicKey, 'hex'))
      .sized(Buffer.from(base.queryId, 'hex'))
      .sized(base.startDigest)
      .u8(1)
      .finish();
    const salt = Buffer.from(ours.nonce + theirs.nonce, 'hex');
    expect(hex(peer, 1)).toBe(Buffer.from(hkdfSync('sha256', shared, salt, info, 32)).toString('hex'));
  });

  it('are fresh for each query', () => {
    expect(hex(at(agreed(), 0), 0)).not.toBe(hex(at(agreed(), 0), 0));
  });

  it.each<[string, Partial<KeyContext>]>([
    ['cluster', { cluster: 'ac'.repeat(32) }],
    ['query', { queryId: 'ce'.repeat(16) }],
    ['start record', { startDigest: new Uint8Array(32).fill(4) }],
  ])('differ when the two nodes believe in another %s', (_what, change) => {
    const nodes = agreed([{}, change, {}]);
    expect(hex(at(nodes, 0), 1)).not.toBe(hex(at(nodes, 1), 1));
    expect(hex(at(nodes, 0), 0)).toBe(hex(at(nodes, 2), 0));
  });

  it.each<[string, (ours: KeyOffer) => unknown]>([
    ['our own offer sent back', (ours) => ours],
    ['a key of small order', (ours) => ({ ...ours, public_key: '00'.repeat(32) })],
    ['another form', () => ({ public_key: 'ab' })],
    ['an unknown field', (ours) => ({ ...ours, extra: 1 })],
    ['nothing', () => undefined],
  ])('refuse %s, naming the peer', (_what, offer) => {
    const node = new PairwiseAgreement({ ...base, self: 0 });
    expect(() => {
      node.accept(1, offer(node.offerTo(1)));
    }).toThrow(/^node 1 sent/);
  });

  it('refuse a second offer, and are not there before all offers are', () => {
    const node = new PairwiseAgreement({ ...base, self: 0 });
    const offer = (self: NodeIndex): KeyOffer => new PairwiseAgreement({ ...base, self }).offerTo(0);
    node.accept(1, offer(1));
    expect(
      codeOf(() => {
        node.accept(1, offer(1));
      }),
    ).toBe('PEER_MISBEHAVED');
    expect(() => node.keys()).toThrow(TypeError);
    node.accept(2, offer(2));
    expect(node.keys().size).toBe(2);
    expect(() => node.offerTo(0)).toThrow(RangeError);
  });

  it('are gone after wiping', () => {
    const [node] = agreed();
    const kept = node?.keys().get(0)?.reveal() ?? new Uint8Array(1).fill(1);
    node?.wipe();
    expect(kept.every((byte) => byte === 0)).toBe(true);
    expect(() => node?.keys().get(0)?.reveal()).toThrow(TypeError);
  });
});
