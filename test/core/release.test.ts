import { expect, it } from 'vitest';
import { release } from '../../src/core/release.js';
import { uninitialised } from '../../src/core/uninitialised.js';

const LONG = 1 << 17;

it('leaves empty views of long pieces, and frees them at once', () => {
  const before = process.memoryUsage().arrayBuffers;
  const pieces = Array.from({ length: 64 }, () => new Uint8Array(uninitialised(LONG)));
  const word = new BigUint64Array(pieces[0]!.buffer);
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThanOrEqual(64 * LONG);
  release(pieces);
  expect(pieces.map(({ length }) => length)).toEqual(Array(64).fill(0));
  expect(word.length).toBe(0);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * LONG);
});

it('leaves short pieces and those that share a buffer to the garbage collector', () => {
  const short = Uint8Array.of(1, 2, 3);
  const half = new Uint8Array(2 * LONG).subarray(LONG).fill(7);
  release([short, half, new Uint8Array(0)]);
  expect([...short]).toEqual([1, 2, 3]);
  expect(half.length).toBe(LONG);
  expect(half.every((byte) => byte === 7)).toBe(true);
});

it('does nothing the second time', () => {
  const piece = new Uint8Array(LONG);
  release([piece]);
  expect(() => release([piece])).not.toThrow();
});
