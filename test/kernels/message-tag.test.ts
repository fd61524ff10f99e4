import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  equalTags,
  MessageTagger,
  messageTag,
  portableMessageTag,
  TAG_BYTES,
} from '../../src/kernels/message-tag.js';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
const messages = fc.uint8Array({ minLength: 0, maxLength: 200 });

describe('tags of messages', () => {
  it('are those of the GCM specification for a key, a nonce and no text of zeros (test case 1)', () => {
    expect(text(messageTag(new Uint8Array(16), new Uint8Array(0)))).toBe('58e2fccefa7e3061367f1d57a4e7455a');
  });

  it('have 16 bytes, and the native code makes those of the portable one', () => {
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        const tag = messageTag(key, message);
        expect(tag).toHaveLength(TAG_BYTES);
        expect(tag).toEqual(portableMessageTag(key, message));
      }),
    );
  });

  it('are the same of pieces, which may be overwritten', () => {
    fc.assert(
      fc.property(keys, fc.array(messages, { maxLength: 5 }), (key, pieces) => {
        const tagger = new MessageTagger(key);
        for (const piece of pieces) {
          const memory = piece.slice();
          tagger.update(memory);
          memory.fill(7);
        }
        expect(tagger.tag()).toEqual(messageTag(key, new Uint8Array(Buffer.concat(pieces))));
      }),
    );
    expect(() => new MessageTagger(new Uint8Array(15))).toThrow(RangeError);
  });

  it('are those that AES-128-GCM accepts for the message as associated data', () => {
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        const decipher = createDecipheriv('aes-128-gcm', key, new Uint8Array(12));
        decipher.setAAD(message).setAuthTag(messageTag(key, message));
        expect(() => decipher.final()).not.toThrow();
      }),
    );
  });

  it('differ where a bit of the message, its length or the key differs', () => {
    fc.assert(
      fc.property(keys, messages, fc.nat(), (key, message, at) => {
        const tag = messageTag(key, message);
        const flip = (bytes: Uint8Array): Uint8Array =>
          bytes.map((byte, i) => (i === Math.floor(at / 8) % bytes.length ? byte ^ (1 << (at % 8)) : byte));
        expect(messageTag(flip(key), message)).not.toEqual(tag);
        expect(messageTag(key, new Uint8Array([...message, 0]))).not.toEqual(tag);
        if (message.length > 0) expect(messageTag(key, flip(message))).not.toEqual(tag);
      }),
    );
  });

  it('are of the bytes that a view shows, not of those around it', () => {
    const around = hex('000102030405060708090a0b0c0d0e0f');
    const key = hex('00112233445566778899aabbccddeeff');
    expect(messageTag(key, around.subarray(3, 9))).toEqual(messageTag(key, around.slice(3, 9)));
  });

  it.each([0, 15, 17, 32])('refuse a key of %i bytes', (length) => {
    for (const make of [messageTag, portableMessageTag]) {
      expect(() => make(new Uint8Array(length), new Uint8Array(3))).toThrow(RangeError);
    }
  });

  it('are equal when all bytes are', () => {
    const tag = messageTag(new Uint8Array(16), new Uint8Array(3));
    expect(equalTags(tag, new Uint8Array(tag))).toBe(true);
    for (let i = 0; i < TAG_BYTES; i++) {
      expect(
        equalTags(
          tag,
          tag.map((byte, at) => (at === i ? byte ^ 0x80 : byte)),
        ),
      ).toBe(false);
    }
    expect(equalTags(tag, tag.subarray(0, 15))).toBe(false);
  });
});
