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
  GATHER[x.width](limbsOf(x), indices, limbsOf(out));
  return out;
}

export function scatter(x: RingVector, indices: Uint32Array): RingVector {
  if (indices.length !== x.length) throw new RangeError(`${indices.length} indices for ${x.length} elements`);
  checkIndices(indices, x.length);
  const out = RingVector.zeros(x.width, x.length);
  SCATTER[x.width](limbsOf(x), indices, limbsOf(out));
  return out;
}

type Move = (from: Uint32Array, indices: Uint32Array, to: Uint32Array) => void;

const GATHER: Readonly<Record<RingWidth, Move>> = {
  32: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) to[i] = from[indices[i]!]!;
  },
  64: (from, indices, to) => {
    for (let i = 0; i < indices.length; i++) {
      const source = 2 * indices[i]!;
      to[2 * i] = from[source]!;
      to[2 * i + 1] = from[source + 1]!;
    }
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
