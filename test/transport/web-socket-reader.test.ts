import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ws from 'ws';
import { binaryFrameHead, WebSocketReader } from '../../src/transport/web-socket-reader.js';

// Public in ws, absent from its types.
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: object) => Writable;
  Sender: { frame: (payload: Buffer, options: object) => Buffer[] };
};

const MAX = 1 << 20;

/** What the reader makes of these bytes, cut into pieces of the given sizes (repeated). */
function read(bytes: Uint8Array, cuts: readonly number[]): { messages: Buffer[]; other: Buffer } {
  const messages: Buffer[][] = [];
  const other: Buffer[] = [];
  const lengths: number[] = [];
  const reader = new WebSocketReader(MAX, {
    onMessage: (length) => {
      lengths.push(length);
      messages.push([]);
    },
    onBytes: (piece) => messages.at(-1)?.push(Buffer.from(piece)),
    onOther: (piece) => other.push(Buffer.from(piece)),
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = cuts[i % cuts.length] ?? 1;
    reader.read(bytes.subarray(at, at + size));
    at += size;
  }
  const whole = messages.map((pieces) => Buffer.concat(pieces));
  expect(whole.map(({ length }) => length)).toEqual(lengths);
  return { messages: whole, other: Buffer.concat(other) };
}

/** One frame as `ws` writes it. */
function frameOf(
  payload: Uint8Array,
  options: { opcode?: number; fin?: boolean; mask?: boolean } = {},
): Buffer {
  const { opcode = 2, fin = true, mask = false } = options;
  const list = Sender.frame(Buffer.from(payload), { opcode, fin, mask, readOnly: true, rsv1: false });
  return Buffer.concat(list);
}

/** The binary messages that the receiver of `ws` finds. */
async function receivedByWs(bytes: Uint8Array): Promise<Buffer[]> {
  const receiver = new Receiver({ isServer: false, binaryType: 'nodebuffer' });
  const messages: Buffer[] = [];
  receiver.on('message', (data: Buffer) => messages.push(Buffer.from(data)));
  await new Promise<void>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.write(bytes, () => resolve());
  });
  return messages;
}

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
const bytesOf = (length: number) => Buffer.from(new Uint8Array(length).map((_, i) => (i * 7 + length) & 255));

describe('the head of a binary frame', () => {
  test.each(LENGTHS)('of %i bytes is the one that ws writes', (length) => {
    const payload = bytesOf(length);
    expect(Buffer.concat([binaryFrameHead(length), payload]).equals(frameOf(payload))).toBe(true);
  });
});

describe('the reader of binary frames', () => {
  test('finds what ws wrote, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...LENGTHS), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 }),
        (lengths, cuts) => {
          const payloads = lengths.map(bytesOf);
          const { messages, other } = read(Buffer.concat(payloads.map((payload) => frameOf(payload))), cuts);
          expect(Buffer.concat(messages).equals(Buffer.concat(payloads))).toBe(true);
          expect(other.length).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('one byte at a time', () => {
    const payloads = [0, 1, 126, 300].map(bytesOf);
    const bytes = Buffer.concat(payloads.map((payload) => frameOf(payload)));
    expect(read(bytes, [1]).messages).toEqual(payloads);
  });

  test('leaves pings, closes, texts, masked and fragmented messages as they came', () => {
    const others = [
      frameOf(Buffer.from('ping'), { opcode: 9 }),
      frameOf(Buffer.alloc(0), { opcode: 10 }),
      frameOf(Buffer.from('text'), { opcode: 1 }),
      frameOf(bytesOf(200), { mask: true }),
      frameOf(bytesOf(300), { fin: false }),
      frameOf(bytesOf(70_000), { opcode: 0 }),
      frameOf(Buffer.of(3, 232), { opcode: 8 }),
    ];
    const mine = bytesOf(500);
    for (const cuts of [[1], [3, 7], [100_000]]) {
      const { messages, other } = read(
        Buffer.concat(others.flatMap((frame) => [frameOf(mine), frame])),
        cuts,
      );
      expect(other.equals(Buffer.concat(others))).toBe(true);
      expect(messages).toEqual(others.map(() => mine));
    }
  });

  test('what ws finds in the same bytes is the same, fragmented messages through it', async () => {
    const bytes = Buffer.concat([
      frameOf(bytesOf(10)),
      frameOf(bytesOf(1000), { fin: false }),
      frameOf(bytesOf(24), { opcode: 0 }),
      frameOf(bytesOf(66_000)),
    ]);
    const { messages, other } = read(bytes, [1000]);
    expect([messages[0], ...(await receivedByWs(other)), messages[1]]).toEqual(await receivedByWs(bytes));
  });

  test.each([
    ['binary', { opcode: 2 }],
    ['masked', { opcode: 2, mask: true }],
    ['text', { opcode: 1 }],
  ])('refuses a %s frame over the limit at its head, whatever follows', (_name, options) => {
    const head = frameOf(bytesOf(MAX + 1), options).subarray(0, 10);
    expect(() => read(head, [4])).toThrow(`a frame of ${MAX + 1} bytes is over ${MAX}`);
  });

  test('refuses a length beyond any that a number can hold', () => {
    const head = Buffer.of(0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255);
    expect(() => read(head, [10])).toThrow('is over');
  });
});
