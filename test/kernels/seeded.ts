/** Long random vectors, from a seed: fast-check shrinks the seed, since it is too slow to make every element. */
import { BitMatrix, clearTails, wordsPerRow } from '../../src/kernels/bit-matrix.js';
import { keystream } from '../../src/kernels/keystream.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';

/** Around the sizes of a v128, of 16 and 128 columns, and of the blocks of every width (2K, 4K, 8K elements). */
export const BLOCK_LENGTHS = [0, 1, 2, 3, 15, 17, 65, 127, 129, 2047, 2049, 4097, 8193, 16_389];

function keyOf(seed: number): Uint8Array {
  return new Uint8Array(Int32Array.of(seed, 1, 2, 3).buffer);
}

/** Uniform elements, every seventh a small one or an edge; at an odd element of its memory. */
export function aVector(width: RingWidth, n: number, seed: number): RingVector {
  const odd = RingVector.fromBytes(width, keystream(keyOf(seed), ((n + 1) * width) / 8)).slice(1, n + 1);
  const bits = BigInt(width);
  const edges = [0n, 1n, -1n, 1n << (bits - 1n), (1n << (bits - 1n)) - 1n, 0xffffffffn, 1n << 32n];
  for (let i = 0; i < n; i += 7) {
    const edge = RingVector.fromBigInts(width, [edges[(i / 7) % edges.length]!]);
    odd
      .slice(i, i + 1)
      .bytes()
      .set(edge.bytes());
  }
  return odd;
}

export function aBitMatrix(rows: number, n: number, seed: number): BitMatrix {
  const bytes = keystream(keyOf(seed), 8 * (rows * wordsPerRow(n) + 1));
  const out = new BitMatrix(rows, n, new BigUint64Array(bytes.buffer, 8));
  clearTails(out);
  return out;
}
