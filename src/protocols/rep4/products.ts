/**
 * Products: multiplication and AND.
 *
 * Functionality: z = x * y elementwise, or x AND y (XOR another).
 * Protocol: Dalskov, Escudero, Keller 2021 (USENIX Security), section 3: x*y is the sum of x_i*y_j + x_j*y_i over all pairs of parts
 *   and of x_i*y_i over all parts. The two nodes that hold parts i and j share the former (terms.ts); the latter go with
 *   one of the pairs each. All messages are checked in the round in which they travel (party.ts).
 * Requires: same widths and lengths; bounds proved by the caller.
 * Cost: 1 round; six elements (or bits, in whole words) per result and six tags, from all nodes together.
 * Reveals: nothing; each message is masked by a stream that its receiver lacks.
 * Fails: COPIES_DIFFER where a node lies.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels, type ReplicatedPair } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { type ArithmeticShare, BinaryShare, latest } from '../../share/shares.js';
import { type AndTerm, shapeOfTerms } from '../backend.js';
import type { Context } from '../context.js';
import { type Parts, partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { ALL_TERMS, bitShape, HIGH, LOW, MIXED, ringShape, shareTerms, type Term } from './terms.js';

/** Parts whose own product goes with a term: with `mask` or `rest`, or with none. */
export const SQUARES: ReadonlyMap<Term, 'mask' | 'rest'> = new Map([
  [LOW, 'mask'],
  [HIGH, 'mask'],
  [MIXED[0], 'rest'],
  [MIXED[1], 'mask'],
]);

/**
 * The parts of a vector that a term multiplies, such that x0*(y0 + y1) + x1*y0 of its two vectors is the term: with one
 * part's own product, or without any, for which x1 becomes x1 - x0.
 */
export function factorOf(term: Term, x: Parts<RingVector>, side: 'left' | 'right'): ReplicatedPair {
  const square = SQUARES.get(term);
  const [mask, rest] = [partOf(x, term.mask), partOf(x, term.rest)];
  if (square === 'rest') return [rest, mask];
  if (square === 'mask' || side === 'right') return [mask, rest];
  return [mask, kernels.subtract(rest, mask)];
}

export async function multiply<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  bounds: Bounds,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const clock = latest(x, y) + 1;
  const { width, length } = x;
  const shape = ringShape(party, width, length, 'product');
  const parts = await shareTerms(party, { step, name: 'product', clock }, shape, ALL_TERMS, (term, mask) => {
    const [x0, x1] = factorOf(term, x, 'left');
    const [y0, y1] = factorOf(term, y, 'right');
    const out = RingVector.uninitialised(width, length);
    kernels.multiplyReplicatedInto(x0, x1, y0, y1, undefined, mask, out);
    return out;
  });
  return x.with({ bounds, clock, parts });
}

export async function and(party: Rep4Party, ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
  const step = ctx.claim();
  const { rows, length, clock: ready } = shapeOfTerms(terms);
  const clock = ready + 1;
  const shape = bitShape(party, rows, length, 'product');
  const sharing = { step, name: 'product', clock };
  const products = await shareTerms(party, sharing, shape, ALL_TERMS, (term, mask) => {
    const out = BitMatrix.uninitialised(rows, length);
    let at = 0;
    for (const { x, y } of terms) {
      const end = at + x.rows * (out.words.length / Math.max(1, rows));
      andTerm(term, x, y, mask.words.subarray(at, end), out.words.subarray(at, end));
      at = end;
    }
    return out;
  });
  const parts = products.map((product, i) => plusParts(product, terms, i));
  return new BinaryShare({ rows, length, held: party.held, parts, clock });
}

/** One term of an AND, XOR its mask. */
function andTerm(
  term: Term,
  x: BinaryShare,
  y: BinaryShare,
  mask: BigUint64Array,
  out: BigUint64Array,
): void {
  const square = SQUARES.get(term);
  const [first, second] = square === 'rest' ? [term.rest, term.mask] : [term.mask, term.rest];
  const [x0, x1] = [partOf(x, first), partOf(x, second)];
  const left = square === undefined ? kernels.xor(x1, x0) : x1;
  const zeros = new BigUint64Array(mask.length);
  const [y0, y1] = [partOf(y, first).words, partOf(y, second).words];
  kernels.andReplicatedInto(x0.words, left.words, y0, y1, undefined, mask, zeros, out);
}

/** What is to be XORed to the products. */
function plusParts(product: BitMatrix, terms: readonly AndTerm[], i: number): BitMatrix {
  if (terms.every(({ plus }) => plus === undefined)) return product;
  const plus = BitMatrix.stack(
    terms.map(({ x, plus: own }) => own?.parts[i] ?? BitMatrix.zeros(x.rows, x.length)),
  );
  return kernels.xor(product, plus);
}
