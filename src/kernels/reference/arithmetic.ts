/** Elementwise arithmetic and sums on ring vectors; contracts in `Kernels`. */
import { RingVector, type RingWidth } from '../ring-vector.js';
import { checkAlike, checkExtend, checkReduce } from './checks.js';
import { limbsOf, loopsOf, type RingLoops, wordsOf } from './loops.js';

export function add(x: RingVector, y: RingVector): RingVector {
  return pairwise('add', x, y);
}

export function subtract(x: RingVector, y: RingVector): RingVector {
  return pairwise('subtract', x, y);
}

export function negate(x: RingVector): RingVector {
  return scale(x, -1n);
}

export function multiply(x: RingVector, y: RingVector): RingVector {
  return pairwise('multiply', x, y);
}

export function addConstant(x: RingVector, c: bigint): RingVector {
  return withConstant('addConstant', x, c);
}

export function scale(x: RingVector, c: bigint): RingVector {
  return withConstant('scale', x, c);
}

export function sum(x: RingVector): RingVector {
  const out = RingVector.zeros(x.width, 1);
  loopsOf(x.width).sum(wordsOf(x), wordsOf(out));
  return out;
}

export function sumRange(x: RingVector, start: number, end: number): RingVector {
  return sum(x.slice(start, end));
}

export function prefixSum(x: RingVector): RingVector {
  const out = RingVector.zeros(x.width, x.length);
  loopsOf(x.width).prefixSum(wordsOf(x), wordsOf(out));
  return out;
}

export function reduce(x: RingVector, width: RingWidth): RingVector {
  checkReduce(x, width);
  return resize(x, width);
}

export function extend(x: RingVector, width: RingWidth): RingVector {
  checkExtend(x, width);
  return resize(x, width);
}

function pairwise(loop: 'add' | 'subtract' | 'multiply', x: RingVector, y: RingVector): RingVector {
  checkAlike(x, y);
  const out = RingVector.zeros(x.width, x.length);
  const loops: RingLoops = loopsOf(x.width);
  loops[loop](wordsOf(x), wordsOf(y), wordsOf(out));
  return out;
}

function withConstant(loop: 'addConstant' | 'scale', x: RingVector, c: bigint): RingVector {
  const out = RingVector.zeros(x.width, x.length);
  loopsOf(x.width)[loop](wordsOf(x), wordsOf(RingVector.fromBigInts(x.width, [c])), wordsOf(out));
  return out;
}

/** The low limbs of every element; limbs that x lacks are 0. */
function resize(x: RingVector, width: RingWidth): RingVector {
  const out = RingVector.zeros(width, x.length);
  const from = limbsOf(x);
  const to = limbsOf(out);
  const fromLimbs = x.width / 32;
  const toLimbs = width / 32;
  for (let limb = 0; limb < Math.min(fromLimbs, toLimbs); limb++) {
    for (let i = 0; i < x.length; i++) to[i * toLimbs + limb] = from[i * fromLimbs + limb]!;
  }
  return out;
}
