/**
 * Replicated products: multiplication and AND; inner products are in product-sums.ts.
 *
 * Functionality: z = x * y elementwise, or x AND y (XOR another).
 * Protocol: Araki, Furukawa, Lindell, Nof, Ohara 2016 (CCS), section 2: party i computes its additive share
 *   x_i*y_i + x_i*y_{i+1} + x_{i+1}*y_i + a_i, where a_0 + a_1 + a_2 = 0 comes from keyed randomness, and sends
 *   it to prev. For AND the sums are XORs, and what is to be XORed to a result
 *   is added to the local terms: no pass of its own. Long results are made block by block while they travel (grow.ts).
 * Requires: same widths and lengths; bounds proved by the caller.
 * Cost: 1 round; one ring element (or bit, in whole words) per result and node.
 * Reveals: nothing; the message is uniform because prev lacks one of the two streams in a_i.
 * Fails: never by itself; a wrong message gives a wrong result (three semi-honest nodes).
 */

import { release } from '../../core/release.js';
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix, clearTailsFrom } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { type ArithmeticShare, BinaryShare, latest } from '../../share/shares.js';
import { type AndTerm, shapeOfTerms } from '../backend.js';
import type { Context } from '../context.js';
import type { MaskStream } from '../randomness.js';
import { bothBits, bothParts, exchange, type Rep3Party } from './party.js';

export async function multiply<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  bounds: Bounds,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const clock = latest(x, y) + 1;
  const { width, length } = x;
  const [x0, x1] = bothParts(x);
  const [y0, y1] = bothParts(y);
  const [plus, minus] = zeroStreams(party, (part) =>
    party.randomness.ringStream(part, step, 'zero', width, length),
  );
  const product = RingVector.uninitialised(width, length);
  const fill = (start: number, end: number): void => {
    const [from, to] = [(start * 8) / width, (end * 8) / width];
    const masks = [plus.next(end - start), minus.next(end - start)] as const;
    kernels.multiplyReplicatedInto(
      x0.slice(from, to),
      x1.slice(from, to),
      y0.slice(from, to),
      y1.slice(from, to),
      RingVector.fromBytes(width, masks[0]),
      RingVector.fromBytes(width, masks[1]),
      product.slice(from, to),
    );
    release(masks);
  };
  const receiving = party.receiveRing(party.next, step, 'product', width, length);
  const sending = party.sendWhileFilling(party.prev, step, 'product', product, clock, fill);
  return x.with({ bounds, clock, parts: [product, await exchange(sending, receiving)] });
}

export async function and(party: Rep3Party, ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
  const step = ctx.claim();
  const { rows, length, clock: ready } = shapeOfTerms(terms);
  const clock = ready + 1;
  const product = BitMatrix.uninitialised(rows, length);
  const masks = zeroStreams(party, (part) => party.randomness.bitStream(part, step, 'zero', rows, length));
  const operands = operandsOf(terms);
  const fill = (start: number, end: number): void => {
    fillAnd(product, operands, masks, start / 8, end / 8);
  };
  const receiving = party.receiveBits(party.next, step, 'product', rows, length);
  const sending = party.sendWhileFilling(party.prev, step, 'product', product, clock, fill);
  const parts = [product, await exchange(sending, receiving)];
  return new BinaryShare({ rows, length, held: party.held, parts, clock });
}

/** The words of a term, whose result lies from word `start` to `end` of the product. */
interface AndOperands {
  readonly x0: BigUint64Array;
  readonly x1: BigUint64Array;
  readonly y0: BigUint64Array;
  readonly y1: BigUint64Array;
  readonly plus: BigUint64Array | undefined;
  readonly start: number;
  readonly end: number;
}

function operandsOf(terms: readonly AndTerm[]): AndOperands[] {
  let end = 0;
  return terms.map(({ x, y, plus }) => {
    const [x0, x1] = bothBits(x);
    const [y0, y1] = bothBits(y);
    const own = plus === undefined ? undefined : bothBits(plus)[0].words;
    const start = end;
    end += x0.words.length;
    return { x0: x0.words, x1: x1.words, y0: y0.words, y1: y1.words, plus: own, start, end };
  });
}

/** The masked product from word `start` to `end`. */
function fillAnd(
  product: BitMatrix,
  operands: readonly AndOperands[],
  masks: readonly [MaskStream, MaskStream],
  start: number,
  end: number,
): void {
  const drawn = masks.map((mask) => mask.next((end - start) * 8));
  const [plus, minus] = drawn.map(({ buffer }) => new BigUint64Array(buffer)) as [
    BigUint64Array,
    BigUint64Array,
  ];
  for (const operand of operands) {
    const from = Math.max(start, operand.start);
    const to = Math.min(end, operand.end);
    if (from >= to) continue;
    const part = (words: BigUint64Array): BigUint64Array =>
      words.subarray(from - operand.start, to - operand.start);
    kernels.andReplicatedInto(
      part(operand.x0),
      part(operand.x1),
      part(operand.y0),
      part(operand.y1),
      operand.plus === undefined ? undefined : part(operand.plus),
      plus.subarray(from - start, to - start),
      minus.subarray(from - start, to - start),
      product.words.subarray(from, to),
    );
  }
  release(drawn);
  clearTailsFrom(product.words.subarray(start, end), start, product.length);
}

/** Masked additive shares become replicated ones, at once: for vectors that are made already. */
export async function reshare(
  party: Rep3Party,
  step: StepPath,
  masked: RingVector,
  clock: number,
): Promise<[RingVector, RingVector]> {
  const sending = party.send(party.prev, step, 'product', masked, clock);
  const receiving = party.receiveRing(party.next, step, 'product', masked.width, masked.length);
  return [masked, await exchange(sending, receiving)];
}

/** This party's share of zero: the three parties' vectors sum to 0 and any two look uniform. */
export function zeroShare(party: Rep3Party, step: StepPath, width: RingWidth, n: number): RingVector {
  const [plus, minus] = zeroStreams(party, (part) => party.randomness.ring(part, step, 'zero', width, n));
  return kernels.subtract(plus, minus);
}

/** What a share of zero is made of: the stream that prev has too, less the one that next has too. */
function zeroStreams<T>(party: Rep3Party, streamOf: (part: PartIndex) => T): [T, T] {
  return [streamOf(party.first), streamOf(party.second)];
}
