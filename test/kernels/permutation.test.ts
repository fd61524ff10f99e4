import { describe, expect, it } from 'vitest';
import { Keystream, keystream } from '../../src/kernels/keystream.js';
import { isPermutation, randomPermutation } from '../../src/kernels/permutation.js';

const streamOf = (seed: number): Keystream => new Keystream(new Uint8Array(16).fill(seed));

describe('a random permutation', () => {
  it.each([0, 1, 2, 3, 64, 1000, 70_000, 300_000])('of %i holds every number once', (n) => {
    const order = randomPermutation(streamOf(1), n);
    expect(order).toHaveLength(n);
    expect(isPermutation(order)).toBe(true);
  });

  it('is decided by the stream', () => {
    expect(randomPermutation(streamOf(1), 100)).toEqual(randomPermutation(streamOf(1), 100));
    expect(randomPermutation(streamOf(1), 100)).not.toEqual(randomPermutation(streamOf(2), 100));
  });

  it.each([
    ['a short', undefined],
    ['a long', 0],
  ])('of %s list has every number at every place equally often', (_, notDealt) => {
    const [n, draws] = [7, 3500];
    const counts = new Uint32Array(n * n);
    for (let draw = 0; draw < draws; draw++) {
      const key = keystream(new Uint8Array(16).fill(9), 16 * (draw + 1)).slice(16 * draw);
      const order = randomPermutation(new Keystream(key), n, notDealt);
      for (const [place, row] of order.entries())
        counts[place * n + row] = (counts[place * n + row] ?? 0) + 1;
    }
    const expected = draws / n;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    const freedom = (n - 1) ** 2;
    expect(Math.abs(chiSquare - freedom)).toBeLessThan(6 * Math.sqrt(2 * freedom));
  });
});

describe('a long random permutation', () => {
  /** 16 of each list, and words that leave each of these in its order, or bring its first element to the end. */
  const streamOfLists = (word: number) => ({
    next: (length: number): Uint8Array =>
      length === 4096
        ? Uint8Array.from({ length }, (_, i) => i % 256)
        : new Uint8Array(Uint32Array.from({ length: length / 4 }, () => word).buffer),
  });

  it('deals elements to lists by their bytes, list after list', () => {
    const order = randomPermutation(streamOfLists(2 ** 32 - 1), 4096, 0);
    expect(order).toEqual(Uint32Array.from({ length: 4096 }, (_, i) => 256 * (i % 16) + Math.floor(i / 16)));
  });

  it('shuffles each list by itself', () => {
    const order = randomPermutation(streamOfLists(2 ** 27), 4096, 0);
    expect(isPermutation(order)).toBe(true);
    // Each place swaps with the first of its list.
    const inList = [...Array.from({ length: 15 }, (_, i) => i + 1), 0];
    expect(order).toEqual(
      Uint32Array.from({ length: 4096 }, (_, i) => 256 * (inList[i % 16] ?? 0) + Math.floor(i / 16)),
    );
  });
});

describe('a permutation', () => {
  it.each([[[]], [[0]], [[2, 0, 1]]])('is %j', (order) => {
    expect(isPermutation(Uint32Array.from(order))).toBe(true);
  });

  it.each([[[1]], [[0, 0]], [[0, 2]], [[1, 2, 1]], [[0, 2 ** 32 - 1]], [[2, 1, 3]]])('is not %j', (order) => {
    expect(isPermutation(Uint32Array.from(order))).toBe(false);
  });
});
