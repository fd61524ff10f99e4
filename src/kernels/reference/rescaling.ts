/**
 * Kernels that shift, compare with zero and cut elements; contracts in `Kernels`. Loops over 32-bit limbs, which V8
 * compiles well; WebAssembly has those of 64-bit elements.
 */

import type { RoundedUp, SplitOperand } from '../kernels.js';
import { RingVector, type RingWidth } from '../ring-vector.js';
import { add, addConstant, extend, multiply, negate, reduce, scale, subtract } from './arithmetic.js';
import { limbsOf } from './loops.js';

export function shiftRight(x: RingVector, shift: number, width: RingWidth, up: boolean): RingVector {
  if (!Number.isInteger(shift) || shift < 0 || shift >= x.width)
    throw new RangeError(`a shift of ${shift} of ${x.width} bits`);
  const out = RingVector.zeros(width, x.length);
  if (x.width === 64) shift64(limbsOf(x), shift, limbsOf(out), width / 32, up);
  else shiftLimbs(limbsOf(x), x.width / 32, shift, limbsOf(out), width / 32, up);
  return out;
}

/** Two limbs an element, the most frequent width. */
function shift64(x: Uint32Array, shift: number, out: Uint32Array, size: number, up: boolean): void {
  const whole = shift >= 32;
  const left = shift % 32;
  // A shift by 32 is one by 0 in JavaScript.
  const cut = left === 0 ? 0 : 0xffffffff;
  const below = left === 0 ? 0 : 0xffffffff >>> (32 - left);
  const rise = up ? 1 : 0;
  for (let i = 0, at = 0; i < x.length; i += 2, at += size) {
    const low = x[i]!;
    const high = x[i + 1]!;
    const dropped = whole ? low | (high & below) : low & below;
    // 1 where some dropped bit is set.
    const add = rise & ((dropped | -dropped) >>> 31);
    const shifted = whole ? high >>> left : (low >>> left) | ((high << (32 - left)) & cut);
    const sum = (shifted + add) >>> 0;
    out[at] = sum;
    if (size > 1) {
      const carry = add & (((sum | -sum) >>> 31) ^ 1);
      out[at + 1] = (whole ? 0 : high >>> left) + carry;
    }
  }
}

function shiftLimbs(
  x: Uint32Array,
  from: number,
  shift: number,
  out: Uint32Array,
  to: number,
  up: boolean,
): void {
  const skipped = shift >>> 5;
  const left = shift & 31;
  const cut = left === 0 ? 0 : 0xffffffff;
  const below = left === 0 ? 0 : 0xffffffff >>> (32 - left);
  const n = x.length / from;
  for (let i = 0; i < n; i++) {
    const base = i * from;
    let dropped = x[base + skipped]! & below;
    for (let limb = 0; limb < skipped; limb++) dropped |= x[base + limb]!;
    let carry = up ? (dropped | -dropped) >>> 31 : 0;
    for (let limb = 0; limb < to; limb++) {
      const source = limb + skipped;
      const low = source < from ? x[base + source]! >>> left : 0;
      const high = source + 1 < from ? (x[base + source + 1]! << (32 - left)) & cut : 0;
      const sum = ((low | high) + carry) >>> 0;
      carry &= ((sum | -sum) >>> 31) ^ 1;
      out[i * to + limb] = sum;
    }
  }
}

export function splitOperand(from: SplitOperand): {
  readonly quotient: RingVector;
  readonly top: RingVector;
} {
  const { x, y, offset, shift, at, corrections, mask, half } = from;
  const operand = addConstant(add(x, y), offset);
  const quotient = addConstant(shiftRight(operand, shift, mask.width, false), -(offset >> BigInt(shift)));
  return {
    quotient: subtract(add(quotient, shifted(add(...corrections), at, mask.width)), mask),
    top: subtract(withoutTop(operand, half.width), half),
  };
}

export function maskedCorrection(
  half: RingVector,
  operand: RingVector,
  plus: bigint,
  mask: RingVector,
): RingVector {
  return subtract(addConstant(multiply(half, withoutTop(operand, half.width)), plus), mask);
}

export function roundUpCorrected(
  operand: RingVector,
  { width, shift, at, first, second }: RoundedUp,
): RingVector {
  return add(shiftRight(operand, shift, width, true), shifted(add(first, second), at, width));
}

/** 1 where the top bit is 0. */
function withoutTop(x: RingVector, width: RingWidth): RingVector {
  return addConstant(negate(shiftRight(x, x.width - 1, width, false)), 1n);
}

/** 2^at * x over another ring. */
function shifted(x: RingVector, at: number, width: RingWidth): RingVector {
  const resized = x.width > width ? reduce(x, width) : extend(x, width);
  return scale(resized, 1n << BigInt(at));
}

export function xorElements(x: RingVector, y: RingVector): RingVector {
  if (x.width !== y.width) throw new TypeError(`vectors over ${x.width} and ${y.width} bits`);
  if (x.length !== y.length) throw new RangeError(`vectors of ${x.length} and ${y.length} elements`);
  const out = RingVector.zeros(x.width, x.length);
  const [a, b, to] = [limbsOf(x), limbsOf(y), limbsOf(out)];
  for (let i = 0; i < to.length; i++) to[i] = a[i]! ^ b[i]!;
  return out;
}
