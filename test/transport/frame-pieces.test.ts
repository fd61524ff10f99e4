import { describe, expect, test } from 'vitest';
import { encodeControl, encodeData, encodeSessionMark } from '../../src/transport/encode-frame.js';
import { type DataFrame, type Frame, FrameDecoder } from '../../src/transport/frame.js';
import { FramePieces } from '../../src/transport/frame-pieces.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';
import { helloFrame } from './support/raw-peer.js';

const LIMITS = { ...DEFAULT_LIMITS, frameBytes: 1000 };
const SESSION = 'ab'.repeat(16);
const DATA = { session: SESSION, key: 'k'.repeat(16), clock: 3, total: 5000, offset: 100, charged: true };

function framesOf(messages: readonly Uint8Array[], cut: number): Frame[] {
  const decoder = new FrameDecoder('dialling', LIMITS);
  decoder.decode(helloFrame(0));
  const frames: Frame[] = [];
  const pieces = new FramePieces(decoder, (frame) =>
    frames.push(frame.kind === 'data' ? { ...frame, payload: Uint8Array.from(frame.payload) } : frame),
  );
  for (const message of messages) {
    pieces.begin(message.length);
    for (let at = 0; at < message.length; at += cut) pieces.add(message.subarray(at, at + cut));
  }
  return frames;
}

const payload = Uint8Array.from({ length: 777 }, (_, i) => i & 255);
const data = Buffer.concat(encodeData({ ...DATA, payload }));

describe('the pieces of frames', () => {
  test.each([1, 5, 47, 48, 49, 100, 1000])('cut every %i bytes give the frames again', (cut) => {
    const mark = encodeSessionMark('finish', SESSION);
    const control = encodeControl(new TextEncoder().encode(`{"text":"${'x'.repeat(300)}"}`));
    const frames = framesOf([mark, data, control, data], cut);
    const parts = frames.filter((frame): frame is DataFrame => frame.kind === 'data');
    expect(frames.filter(({ kind }) => kind !== 'data')).toEqual([
      { kind: 'finish', session: SESSION },
      { kind: 'control', bytes: 311, message: { text: 'x'.repeat(300) } },
    ]);
    for (const half of [parts.slice(0, parts.length / 2), parts.slice(parts.length / 2)]) {
      expect(Buffer.concat(half.map((part) => part.payload))).toEqual(Buffer.from(payload));
      let offset = DATA.offset;
      for (const part of half) {
        expect(part).toEqual({ ...DATA, kind: 'data', offset, payload: part.payload });
        offset += part.payload.length;
      }
    }
  });

  test('an empty message is one frame', () => {
    const empty = Buffer.concat(encodeData({ ...DATA, total: 0, offset: 0, payload: new Uint8Array(0) }));
    expect(framesOf([empty, empty], 10)).toHaveLength(2);
  });

  test.each<[string, Uint8Array, string]>([
    ['an empty frame', new Uint8Array(0), 'ends too early'],
    ['data shorter than its head', data.subarray(0, 47), 'ends too early'],
    [
      'too long a payload',
      Buffer.concat(encodeData({ ...DATA, payload: new Uint8Array(1001) })),
      'over 1000',
    ],
    ['a payload past the end', Buffer.concat(encodeData({ ...DATA, total: 800, payload })), 'runs past'],
    ['no payload', Buffer.concat(encodeData({ ...DATA, payload: new Uint8Array(0) })), 'empty payload'],
    ['a kind that this side sends', Uint8Array.of(1, 4, 0, 0, ...new Uint8Array(16)), 'not allowed here'],
  ])('refuse %s, as the decoder of whole frames does', (_name, message, words) => {
    expect(() => framesOf([message], 16)).toThrow(words);
    const decoder = new FrameDecoder('dialling', LIMITS);
    decoder.decode(helloFrame(0));
    expect(() => decoder.decode(message)).toThrow(words);
  });

  test('nothing is read after an invalid frame', () => {
    const decoder = new FrameDecoder('dialling', LIMITS);
    decoder.decode(helloFrame(0));
    const pieces = new FramePieces(decoder, () => undefined);
    pieces.begin(4);
    expect(() => pieces.add(Uint8Array.of(1, 99, 0, 0))).toThrow('unknown frame kind');
    pieces.begin(data.length);
    expect(() => pieces.add(data)).toThrow('nothing is read after an invalid frame');
  });
});
