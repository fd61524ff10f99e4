/** Between ring elements and packed bits; contracts in `Kernels`. All work is on 32-bit limbs. */
import { BitMatrix, wordsPerRow } from '../bit-matrix.js';
import { RingVector, type RingWidth } from '../ring-vector.js';
import { subtract } from './arithmetic.js';
import { checkBitCount, checkExpand, checkFromBits } from './checks.js';
import { limbsOf } from './loops.js';

export function toBits(x: RingVector, k: number): BitMatrix {
  checkBitCount(x, k);
  const out = BitMatrix.zeros(k, x.length);
  const limbs = limbsOf(x);
  const perElement = x.width / 32;
  const bits = halvesOf(out);
  const perRow = 2 * wordsPerRow(x.length);
  const block = new Int32Array(32);
  for (let limb = 0; 32 * limb < k; limb++) {
    const rows = Math.min(32, k - 32 * limb);
    for (let start = 0; start < x.length; start += 32) {
      const count = Math.min(32, x.length - start);
      for (let i = 0; i < count; i++) block[i] = limbs[(start + i) * perElement + limb]!;
      block.fill(0, count);
      transpose(block);
      for (let j = 0; j < rows; j++) bits[(32 * limb + j) * perRow + start / 32] = block[j]!;
    }
  }
  return out;
}

export function fromBits(b: BitMatrix, width: RingWidth): RingVector {
  checkFromBits(b, width);
  const out = RingVector.zeros(width, b.length);
  const limbs = limbsOf(out);
  const perElement = width / 32;
  const bits = halvesOf(b);
  const perRow = 2 * wordsPerRow(b.length);
  const block = new Int32Array(32);
  for (let limb = 0; 32 * limb < b.rows; limb++) {
    const rows = Math.min(32, b.rows - 32 * limb);
    for (let start = 0; start < b.length; start += 32) {
      const count = Math.min(32, b.length - start);
      for (let j = 0; j < rows; j++) block[j] = bits[(32 * limb + j) * perRow + start / 32]!;
      block.fill(0, rows);
      transpose(block);
      for (let i = 0; i < count; i++) limbs[(start + i) * perElement + limb] = block[i]!;
    }
  }
  return out;
}

export function expandBit(b: BitMatrix, width: RingWidth, masks?: RingVector): RingVector {
  checkExpand(b, width, masks);
  const out = RingVector.zeros(width, b.length);
  const limbs = limbsOf(out);
  const perElement = width / 32;
  const bits = halvesOf(b);
  for (let i = 0; i < b.length; i++) limbs[i * perElement] = (bits[i >>> 5]! >>> (i & 31)) & 1;
  return masks === undefined ? out : subtract(out, masks);
}

/** The words of a bit matrix as 32-bit halves, low half first: a view. */
function halvesOf(b: BitMatrix): Uint32Array {
  return new Uint32Array(b.words.buffer, b.words.byteOffset, 2 * b.words.length);
}

/**
 * Transposes 32 x 32 bits in place: bit j of word i becomes bit i of word j. Swaps the off-diagonal quarters,
 * then those of each quarter, and so on (Warren, Hacker's Delight, 2nd ed., section 7-3).
 */
function transpose(block: Int32Array): void {
  let mask = 0x0000ffff;
  for (let size = 16; size > 0; size >>= 1) {
    for (let i = 0; i < 32; i = (i + size + 1) & ~size) {
      const swap = ((block[i]! >>> size) ^ block[i + size]!) & mask;
      block[i] = block[i]! ^ (swap << size);
      block[i + size] = block[i + size]! ^ swap;
    }
    mask ^= mask << (size >> 1);
  }
}
