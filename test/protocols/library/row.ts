/** A row of a table of costs in docs/protocols.md, and shapes that its programs work on. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import type { Fixed } from '../../../src/share/fixed.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import type { Dealer, Program } from '../../support/world.js';

export interface CostRow {
  readonly name: string;
  readonly program: Program<unknown>;
  /** Elements, or rows, to which the bytes are charged. */
  readonly elements: number;
  /** What DESIGN.md (section 6) or the goals of a bench allow; absent where they set no bound. */
  readonly limit?: { readonly rounds?: number; readonly bytes?: number };
}

/** Elements of a vector; the cost per element is that of long vectors. */
export const N = 65_536;

/** A row for vectors of N elements. */
export function perElement(name: string, program: Program<unknown>, limit: CostRow['limit'] = {}): CostRow {
  return { name, program, elements: N, limit };
}

/** Half of the range of a number of 62 bits, with its sign. */
const HALF = 1n << 61n;

/** N numbers; of 62 bits where no bounds are given. */
export function ring<W extends RingWidth>(
  deal: Dealer,
  width: W,
  min = -HALF,
  max = HALF,
): ArithmeticShare<W> {
  return deal.ring('x', width, N, { min, max }, () => []);
}

/** Numbers of so many bits. */
export function unsigned<W extends RingWidth>(
  deal: Dealer,
  name: string,
  width: W,
  n: number,
  bits: number,
): ArithmeticShare<W> {
  return deal.ring(name, width, n, { min: 0n, max: (1n << BigInt(bits)) - 1n }, () => []);
}

/** Fractions within 2^bits on either side of 0. */
export function fixed<W extends RingWidth>(
  deal: Dealer,
  width: W,
  n: number,
  fraction: number,
  bits: number,
): Fixed<W> {
  const bound = 1n << BigInt(fraction + bits);
  return { value: deal.ring('x', width, n, { min: -bound, max: bound }, () => []), fraction };
}

/** Rows of bits. */
export function bits(deal: Dealer, rows: number, n = N): BinaryShare {
  return deal.bits('b', rows, n, () => []);
}
