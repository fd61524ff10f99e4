/**
 * Sines and cosines of odd multiples of an angle, as ring elements.
 *
 * The angle is a share of a secret, or a secret, so nothing here branches on it or indexes by it: additions,
 * subtractions and products of doubles only, none of them subnormal. Two nodes that hold the same angle must get the same
 * bits: IEEE 754 says what these operations give, but not what Math.sin gives, which is not called.
 */
import { kernels } from './kernels.js';
import { RingVector } from './ring-vector.js';

/** Which of sine and cosine of a multiple comes first. */
export type First = 'sine' | 'cosine';

/** Points on the circle. */
interface Points {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

/** A double of this size has units of 1 in the last place: what is added to it is rounded to a whole number. */
const ROUNDING = 1.5 * 2 ** 52;
/** Its bits. */
const ROUNDING_BITS = 0x4338_0000_0000_0000n;

/** 1/3!, 1/5!, ... and 1/2!, 1/4!, ... with alternating signs, enough for angles up to pi/4. */
const SINE_TERMS = termsFrom(3);
const COSINE_TERMS = termsFrom(2);

/**
 * For each amplitude a_j and each element x, with the angle t = 2 pi turns x / 2^width: a_j times sine and cosine of
 * (2j + 1) t, rounded to so many bits of fraction, over Z_2^64. Vectors lie one after the other: the first function for
 * j = 0, the other one, then those for j = 1, and so on. Amplitudes are below 2^(50 - bits) in size.
 */
export function oddHarmonics(
  x: RingVector,
  turns: bigint,
  amplitudes: readonly number[],
  bits: number,
  first: First,
): RingVector {
  const n = x.length;
  const base = pointsOf(fractionsOfTurn(x, turns));
  const twice = doubled(base);
  const out = new Float64Array(2 * amplitudes.length * n);
  let at = 0;
  for (const amplitude of amplitudes) {
    const sines = out.subarray(at, at + n);
    const cosines = out.subarray(at + n, at + 2 * n);
    const factor = amplitude * 2 ** bits;
    write(first === 'sine' ? sines : cosines, base.sines, factor);
    write(first === 'sine' ? cosines : sines, base.cosines, factor);
    turn(base, twice);
    at += 2 * n;
  }
  return kernels.addConstant(new RingVector(64, new BigUint64Array(out.buffer)), -ROUNDING_BITS);
}

/** Sums over j of a_j times the sine of (2j + 1) t, with t as above, rounded to so many bits of fraction: in the clear. */
export function sineSums(
  x: RingVector,
  turns: bigint,
  amplitudes: readonly number[],
  bits: number,
): RingVector {
  const base = pointsOf(fractionsOfTurn(x, turns));
  const twice = doubled(base);
  const sums = new Float64Array(x.length);
  for (const amplitude of amplitudes) {
    for (let i = 0; i < sums.length; i++) sums[i]! += amplitude * base.sines[i]!;
    turn(base, twice);
  }
  return RingVector.fromBigInts(
    64,
    Array.from(sums, (sum) => BigInt(Math.round(sum * 2 ** bits))),
  );
}

/** turns * x / 2^width modulo 1, from -1/2 to 1/2. */
function fractionsOfTurn(x: RingVector, turns: bigint): Float64Array {
  const { data } = kernels.scale(x, turns);
  const halves = new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const out = new Float64Array(x.length);
  const perElement = x.width / 32;
  for (let i = 0; i < out.length; i++) {
    const high = halves[(i + 1) * perElement - 1]!;
    const low = perElement === 1 ? 0 : halves[(i + 1) * perElement - 2]! >>> 0;
    out[i] = high * 2 ** -32 + low * 2 ** -64;
  }
  return out;
}

/** Where fractions of a turn lead: by a quarter of each, whose angle is doubled twice. */
function pointsOf(fractions: Float64Array): Points {
  const cosines = new Float64Array(fractions.length);
  const sines = new Float64Array(fractions.length);
  for (let i = 0; i < fractions.length; i++) {
    const angle = fractions[i]! * (Math.PI / 2);
    const square = angle * angle;
    sines[i] = angle + angle * (square * sumOfTerms(square, SINE_TERMS));
    cosines[i] = 1 + square * sumOfTerms(square, COSINE_TERMS);
  }
  return doubled(doubled({ cosines, sines }));
}

function sumOfTerms(square: number, terms: readonly number[]): number {
  let sum = 0;
  for (let k = terms.length - 1; k >= 0; k--) sum = sum * square + terms[k]!;
  return sum;
}

function termsFrom(start: number): number[] {
  const terms: number[] = [];
  let term = start === 2 ? 1 / 2 : 1 / 6;
  for (let k = start; k < start + 18; k += 2) {
    terms.push(terms.length % 2 === 0 ? -term : term);
    term /= (k + 1) * (k + 2);
  }
  return terms;
}

/** Twice the angles. */
function doubled({ cosines, sines }: Points): Points {
  const out = { cosines: new Float64Array(cosines.length), sines: new Float64Array(cosines.length) };
  for (let i = 0; i < cosines.length; i++) {
    const [c, s] = [cosines[i]!, sines[i]!];
    out.cosines[i] = 1 - 2 * s * s;
    out.sines[i] = 2 * s * c;
  }
  return out;
}

/** Turns points on by angles. */
function turn({ cosines, sines }: Points, by: Points): void {
  for (let i = 0; i < cosines.length; i++) {
    const c = cosines[i]!;
    const s = sines[i]!;
    const otherC = by.cosines[i]!;
    const otherS = by.sines[i]!;
    cosines[i] = c * otherC - s * otherS;
    sines[i] = s * otherC + c * otherS;
  }
}

/** Products, rounded to whole numbers as the low bits of a double. */
function write(out: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < out.length; i++) out[i] = values[i]! * factor + ROUNDING;
}
