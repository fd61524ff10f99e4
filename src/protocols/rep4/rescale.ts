/**
 * Rescale: x, shared over Z_2^w with 0 <= x + offset < 2^(w-1), becomes x / 2^s over Z_2^v, rounded down or
 * up to a neighbouring whole number.
 *
 * Protocol (ours): as in rep3/rescale.ts, x + offset is a sum A + B modulo 2^w, here of A = x0 + x1 + offset, known to nodes 2
 *   and 3, and B = x2 + x3, known to nodes 0 and 1; with a, b their top bits
 *     result = floor(A / 2^s) - offset / 2^s + ceil(B / 2^s) + ((1-a)*(1-b) - 1) * 2^(w-s).
 *   Each pair shares its quotient and, in the narrowest ring that has the bits that count, 1 less its top bit (terms.ts). A
 *   product of these has the four mixed terms only, as each of them has two parts that are not 0.
 * Error: as in rep3: the floor or the ceiling of the quotient, the latter with probability (x + offset mod 2^s) / 2^s;
 *   nothing that is opened is rounded so.
 * Cost: 2 rounds (1 without correction). With c bytes of the correction's ring all nodes together send two elements of v
 *   bits and six times c, and a tag for each message. Of products in the making: 1 round and four elements of w bits more.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { ArithmeticShare } from '../../share/shares.js';
import type { Rescaling } from '../backend.js';
import type { Context } from '../context.js';
import { correctionWidth } from '../rescaling.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { knows, LOW, MIXED, ringShape, shareSides, shareTerms, sumOfSide } from './terms.js';

export async function rescale<W extends RingWidth, V extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  to: Rescaling<V>,
): Promise<ArithmeticShare<V>> {
  const step = ctx.claim();
  return await rescaleOperands(party, step, sumOfSide(party, x.parts), to, x.clock);
}

/**
 * A sum of two operands rescaled.
 *
 * @param operand this node's side of it, which one other node knows, without the offset.
 */
export async function rescaleOperands<V extends RingWidth>(
  party: Rep4Party,
  step: StepPath,
  operand: RingVector,
  to: Rescaling<V>,
  clock: number,
): Promise<ArithmeticShare<V>> {
  const { length } = operand;
  const isLow = knows(party.self, LOW);
  const own = isLow ? kernels.addConstant(operand, to.offset) : operand;
  const correction = correctionWidth(operand.width, to.shift, to.width);
  const [quotient, corrected] = await Promise.all([
    shareSides(
      party,
      { step, name: 'operand', clock: clock + 1 },
      ringShape(party, to.width, length, 'operand'),
      (mask) => {
        const rounded = kernels.shiftRight(own, to.shift, to.width, !isLow);
        kernels.subtractInto(rounded, mask);
        return isLow && to.offset !== 0n ? kernels.addConstant(rounded, -quotientOf(to)) : rounded;
      },
    ),
    correction === undefined
      ? undefined
      : correct(party, step, notTop(own, correction), { width: correction, clock }),
  ]);
  const parts =
    corrected === undefined
      ? quotient
      : quotient.map((part, i) => {
          const whole = kernels.scale(inRing(corrected[i] as RingVector, to.width), factorOf(operand, to));
          kernels.addInto(whole, part);
          return whole;
        });
  return new ArithmeticShare({
    width: to.width,
    length,
    bounds: to.bounds,
    held: party.held,
    parts,
    clock: clock + (correction === undefined ? 1 : 2),
  });
}

/** (1-a)*(1-b) - 1. @param own 1 less the top bit of this node's operand. */
async function correct(
  party: Rep4Party,
  step: StepPath,
  own: RingVector,
  { width, clock }: { readonly width: RingWidth; readonly clock: number },
): Promise<RingVector[]> {
  const { length } = own;
  const tops = await shareSides(
    party,
    { step, name: 'top', clock: clock + 1 },
    ringShape(party, width, length, 'top'),
    (mask) => kernels.subtract(own, mask),
  );
  const top = { held: party.held, parts: tops };
  const shape = ringShape(party, width, length, 'correction');
  const sharing = { step, name: 'correction', clock: clock + 2 };
  const products = await shareTerms(party, sharing, shape, MIXED, ({ mask, rest }, stream) => {
    const product = kernels.multiply(partOf(top, mask), partOf(top, rest));
    kernels.subtractInto(product, stream);
    return product;
  });
  return products.map((part, i) => (party.held[i] === 0 ? kernels.addConstant(part, -1n) : part));
}

/** What the offset adds to the quotient. */
function quotientOf({ offset, shift }: Rescaling<RingWidth>): bigint {
  return offset >> BigInt(shift);
}

/** 1 less the top bit. */
function notTop(x: RingVector, width: RingWidth): RingVector {
  const top = kernels.shiftRight(x, x.width - 1, width, false);
  return kernels.addConstant(kernels.negate(top), 1n);
}

/** 2^(w-s). */
function factorOf(operand: RingVector, { shift }: Rescaling<RingWidth>): bigint {
  return 1n << BigInt(operand.width - shift);
}

function inRing(x: RingVector, width: RingWidth): RingVector {
  return x.width <= width ? kernels.extend(x, width) : kernels.reduce(x, width);
}
