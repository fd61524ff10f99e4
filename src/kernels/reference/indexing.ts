/**
 * Kernels that move elements to other places; contracts in `Kernels`.
 *
 * They are not in WebAssembly: what they read or write at random does not fit into its scratch memory. A loop of
 * its own for each number of limbs, for speed.
 */
import { RingVector, type RingWidth } from '../ring-vector.js';
import { checkIndices } from './checks.js';
import { limbsOf } from './loops.js';

export function gather(x: RingVector, indices: Uint32Array): RingVector {
  checkIndices(indices, x.length);
  const out = RingVector.uninitialised(x.width, indices.length);
  if (x.width === 64) gather64(x.data as BigUint64Array, indices, out.data as BigUint64Array);
  else GATHER[x.width](limbsOf(x), indices, limbsOf(out));
  return out;
}

export function scatter(x: RingVector, indices: Uint32Array): RingVector {
  if (indices.length !== x.length) throw new RangeError(`${indices.length} indices for ${x.length} elements`);
  checkIndices(indices, x.length);
  const out = RingVector.zeros(x.width, x.length);
  SCATTER[x.width](limbsOf(x), indices, limbsOf(out));
  return out;
}

export function gatherDifference(x: RingVector, left: Uint32Array, right: Uint32Array): RingVector {
  if (left.length !== right.length) throw new RangeError(`${left.length} and ${right.length} indices`);
  checkIndices(left, x.length);
  checkIndices(right, x.length);
  const out = RingVector.uninitialised(x.width, left.length);
  if (x.width === 32) subtract32(x.data as Uint32Array, left, right, out.data as Uint32Array);
  else if (x.width === 64) subtract64(x.data as BigUint64Array, left, right, out.data as BigUint64Array);
  else subtractLimbs(limbsOf(x), left, right, limbsOf(out), 4);
  return out;
}

function subtract32(from: Uint32Array, left: Uint32Array, right: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < left.length; i++) to[i] = from[left[i]!]! - from[right[i]!]!;
}

function subtract64(from: BigUint64Array, left: Uint32Array, right: Uint32Array, to: BigUint64Array): void {
  for (let i = 0; i < left.length; i++) {
    to[i] = BigInt.asUintN(64, from[left[i]!]! - from[right[i]!]!);
  }
}

/** Limb by limb; the borrow without a comparison, since what is compared would be a share. */
function subtractLimbs(
  from: Uint32Array,
  left: Uint32Array,
  right: Uint32Array,
  to: Uint32Array,
  limbs: number,
): void {
  for (let i = 0; i < left.length; i++) {
    const a = limbs * left[i]!;
    const b = limbs * right[i]!;
    let borrow = 0;
    for (let j = 0; j < limbs; j++) {
      const x = from[a + j]! | 0;
      const y = from[b + j]! | 0;
      const partial = (x - y) | 0;
      const whole = (partial - borrow) | 0;
      // Of x - y, and of what is then taken off: both are never 1.
      borrow = (((~x & y) | (~(x ^ y) & partial)) >>> 31) | ((~partial & whole & -borrow) >>> 31);
      to[limbs * i + j] = whole;
    }
  }
}

type Move = (from: Uint32Array, indices: Uint32Array, to: Uint32Array) => void;

/**
 * Four elements are read before any is written: with reads and writes in turns it takes twice as long; and of 64 bits as
 * two halves each, too.
 */
function gather64(from: BigUint64Array, indices: Uint32Array, to: BigUint64Array): void {
  let i = 0;
  for (const last = indices.length - 3; i < last; i += 4) {
    const a = from[indices[i]!]!;
    const b = from[indices[i + 1]!]!;
    const c = from[indices[i + 2]!]!;
    const d = from[indices[i + 3]!]!;
    to[i] = a;
    to[i + 1] = b;
    to[i + 2] = c;
    to[i + 3] = d;
  }
  for (; i < indices.length; i++) to[i] = from[indices[i]!]!;
}

const GATHER: Readonly<Record<32 | 128, Move>> = {
  32: (from, indices, to) => {
    let i = 0;
    for (const last = indices.length - 3; i < last; i += 4) {
      const a = from[indices[i]!]!;
      const b = from[indices[i + 1]!]!;
      const c = from[indices[i + 2]!]!;
      const d = from[indices[i + 3]!]!;
      to[i] = a;
      to[i + 1] = b;
      to[i + 2] = c;
      to[i + 3] = d;
    }
    for (; i < indices.length; i++) to[i] = from[indices[i]!]!;
  },
  128: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) {
      const source = 4 * indices[i]!;
      to[4 * i] = from[source]!;
      to[4 * i + 1] = from[source + 1]!;
      to[4 * i + 2] = from[source + 2]!;
      to[4 * i + 3] = from[source + 3]!;
    }
  },
};

const SCATTER: Readonly<Record<RingWidth, Move>> = {
  32: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) to[indices[i]!] = from[i]!;
  },
  64: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) {
      const target = 2 * indices[i]!;
      to[target] = from[2 * i]!;
      to[target + 1] = from[2 * i + 1]!;
    }
  },
  128: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) {
      const target = 4 * indices[i]!;
      to[target] = from[4 * i]!;
      to[target + 1] = from[4 * i + 1]!;
      to[target + 2] = from[4 * i + 2]!;
      to[target + 3] = from[4 * i + 3]!;
    }
  },
};
