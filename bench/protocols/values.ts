/** Plain values for benches, the same in every process: uniform words cut to a range, by loops over 32-bit halves. */
import type { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { expandBits, expandRing } from '../../src/share/deal.js';
import { seedOf } from './dealer.js';

/** Every so many elements are zero in `signs`, or equal to their partner in `withTies`. */
const EVERY = 16;

/** -1 and 1, and a few zeros. */
export function signs(name: string, n: number): RingVector {
  const out = words(name, n);
  const halves = halvesOf(out);
  for (let i = 0; i < n; i++) {
    const random = halves[2 * i]!;
    const value = random % EVERY === 0 ? 0 : (random & 32) === 0 ? 1 : -1;
    halves[2 * i] = value;
    halves[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return out;
}

/** Uniform in [0, 2^bits), bits from 1 to 63. */
export function unsigned(name: string, n: number, bits: number): RingVector {
  const out = words(name, n);
  const halves = halvesOf(out);
  const low = maskOf(Math.min(bits, 32));
  const high = maskOf(Math.max(0, bits - 32));
  for (let i = 0; i < n; i++) {
    halves[2 * i] = halves[2 * i]! & low;
    halves[2 * i + 1] = halves[2 * i + 1]! & high;
  }
  return out;
}

/** Uniform in [-2^bits, 2^bits), bits from 1 to 62. */
export function signed(name: string, n: number, bits: number): RingVector {
  const out = unsigned(name, n, bits + 1);
  const halves = halvesOf(out);
  for (let i = 0; i < n; i++) {
    if (bits >= 32) {
      halves[2 * i + 1] = halves[2 * i + 1]! - 2 ** (bits - 32);
    } else {
      const value = halves[2 * i]! - 2 ** bits;
      halves[2 * i] = value;
      halves[2 * i + 1] = value < 0 ? -1 : 0;
    }
  }
  return out;
}

/** `y` with every sixteenth element replaced by that of `x`: comparisons must meet equal values. */
export function withTies(x: RingVector, y: RingVector): RingVector {
  const data = BigUint64Array.from(y.data as BigUint64Array);
  for (let i = 0; i < data.length; i += EVERY) data[i] = x.data[i] as bigint;
  return new RingVector(64, data);
}

/** The same words as numbers with a sign: a view. */
export function signedView({ data, length }: RingVector): BigInt64Array {
  return new BigInt64Array(data.buffer, data.byteOffset, length);
}

/** A row of n uniform bits. */
export function bits(name: string, n: number): BitMatrix {
  return expandBits(seedOf(`${name} values`), n);
}

function words(name: string, n: number): RingVector {
  return expandRing(seedOf(`${name} values`), 64, n);
}

/** Low and high half of each element in turn; a stored number is taken modulo 2^32. */
function halvesOf(vector: RingVector): Uint32Array {
  return new Uint32Array(vector.data.buffer, vector.data.byteOffset, 2 * vector.length);
}

function maskOf(bits: number): number {
  return bits === 32 ? -1 : 2 ** bits - 1;
}
