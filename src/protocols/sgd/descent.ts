/**
 * Mini-batch gradient descent for generalised linear models on shares.
 *
 * Functionality: coefficients w, the intercept first, after so many epochs of steps on batches of shuffled rows:
 *   v' = momentum * v + learningRate * (transpose(X) r / rows + l2 * w), w' = w - v', from w = v = 0; r is the model's residual of
 *   z = X w and y. The L2 weight spares the intercept.
 * Protocol (ours): rows are shuffled once an epoch, all columns at once; a batch is then a stretch of two local layouts.
 *   z is a matrix product, left unrounded to the model, which can go on from there (sigmoidOfSums). The gradient, the
 *   momentum and the L2 term are sums of products with public scales that end in one truncation (plan.ts).
 * Requires: X over 64 bits with one fraction; public bounds from which the plan proves that nothing leaves the ring.
 * Cost (rep3): an epoch 2 rounds; a batch 3 rounds and those of the residual, 4 where that is sigmoidOfSums; with c columns a
 *   batch sends 12 c bytes per node beside those of the residual.
 * Reveals: nothing; the order of the rows is known to no node, the number of rows and all options are public.
 * Error: rounding of v and w is unbiased and 2^-fraction of the plan in size, which is 20 bits or more for standardised
 *   columns; over 1,000 steps it adds up to a few units (regression.ts).
 * Fails: RangeError for other shapes or options; BOUND_NOT_PROVED before anything is sent.
 */
import { type Bounds, constantBounds } from '../../share/bounds.js';
import type { Fixed } from '../../share/fixed.js';
import { concatenate, scaleModular, slice, subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { ProductSums } from '../backend.js';
import type { Context } from '../context.js';
import { rescaling } from '../fixed/truncate.js';
import { type Batch, type Batches, batchAt } from './batches.js';
import type { DescentPlan } from './plan.js';

/** X w, not yet rounded. */
export interface Prediction {
  readonly sums: ProductSums<64>;
  readonly rows: number;
  readonly fraction: number;
  /** The largest absolute value, as the number it stands for. */
  readonly largest: number;
}

/** The parts of a model that differ. */
export interface Model {
  /** r of z and y, with y's fraction. */
  readonly residual: (ctx: Context, z: Prediction, y: ArithmeticShare<64>) => Promise<ArithmeticShare<64>>;
  /** What becomes of the weights after a step. */
  readonly clip?: (ctx: Context, weights: ArithmeticShare<64>) => Promise<ArithmeticShare<64>>;
}

/** What a step changes. */
export interface DescentState {
  readonly weights: ArithmeticShare<64>;
  readonly velocity: ArithmeticShare<64>;
  /** So far. */
  readonly steps: number;
}

/** z with so many bits of fraction. */
export async function rounded(
  ctx: Context,
  { sums, fraction, largest }: Prediction,
  to: number,
): Promise<Fixed<64>> {
  const most = BigInt(Math.ceil(largest * 2 ** fraction));
  const form = rescaling({ min: -most, max: most }, 64, fraction - to, 64);
  return { value: await sums.finishRescaled(ctx, form), fraction: to };
}

/** Steps on batches, for one plan. */
export class Descent {
  readonly #plan: DescentPlan;
  readonly #model: Model;
  readonly #columns: number;
  /** Bits of fraction of X. */
  readonly #fraction: number;

  constructor(plan: DescentPlan, model: Model, fraction: number) {
    this.#plan = plan;
    this.#model = model;
    this.#columns = plan.weights.length;
    this.#fraction = fraction;
  }

  start(ctx: Context): DescentState {
    const zeros = ctx.constant(64, this.#columns, 0n);
    return { weights: zeros, velocity: zeros, steps: 0 };
  }

  /** One pass over batches of `size` rows. */
  async epoch(ctx: Context, state: DescentState, batches: Batches, size: number): Promise<DescentState> {
    let current = state;
    const { length } = batches.target;
    for (let first = 0, b = 0; first < length; first += size, b++) {
      const batch = batchAt(batches, first, Math.min(length, first + size));
      current = await this.#step(ctx.step(`batch-${b}`), current, batch);
    }
    return current;
  }

  async #step(ctx: Context, { weights, velocity, steps }: DescentState, batch: Batch): Promise<DescentState> {
    const plan = this.#plan;
    const z = await this.#predict(ctx, weights, batch, plan.z(steps));
    const residual = await this.#model.residual(ctx.step('residual'), z, batch.y);
    const next = await this.#accelerate(ctx.step('gradient'), { weights, velocity }, residual, batch);
    const moved = subtract(weights, next);
    const { clip } = this.#model;
    const clipped = clip === undefined ? moved : await clip(ctx.step('clip'), moved);
    return { velocity: next, weights: clipped.with({ bounds: within(plan.weights) }), steps: steps + 1 };
  }

  /** X w. */
  async #predict(
    ctx: Context,
    weights: ArithmeticShare<64>,
    { x, rows }: Batch,
    largest: number,
  ): Promise<Prediction> {
    const sums = ctx.backend.productSums(64, rows);
    await sums.addMatrix(x, weights, { rows, inner: this.#columns, columns: 1 });
    return { sums, rows, fraction: this.#fraction + this.#plan.fraction, largest };
  }

  /** The next velocity. */
  async #accelerate(
    ctx: Context,
    { weights, velocity }: Pick<DescentState, 'weights' | 'velocity'>,
    residual: ArithmeticShare<64>,
    { xT, rows }: Batch,
  ): Promise<ArithmeticShare<64>> {
    const { shift, rate, momentum, l2, velocity: limits } = this.#plan;
    const shape = { rows: this.#columns, inner: rows, columns: 1 };
    const sums = ctx.backend.productSums(64, this.#columns);
    // The plan proves that their sum fits; a single one need not.
    await sums.addMatrix(xT, scaleModular(residual, rate(rows)), shape);
    if (momentum !== 0n) await sums.addValues(scaleModular(velocity, momentum));
    if (l2 !== 0n) await sums.addValues(scaleModular(withoutIntercept(ctx, weights), l2));
    const bounds = within(limits);
    const factor = 1n << BigInt(shift);
    const to = rescaling({ min: bounds.min * factor, max: bounds.max * factor }, 64, shift, 64);
    return (await sums.finishRescaled(ctx, to)).with({ bounds });
  }
}

function withoutIntercept(ctx: Context, weights: ArithmeticShare<64>): ArithmeticShare<64> {
  return concatenate([ctx.constant(64, 1, 0n), slice(weights, 1, weights.length)]);
}

/** Bounds of a vector whose elements have these bounds of their absolute values. */
function within(limits: readonly bigint[]): Bounds {
  return limits
    .map((limit) => ({ min: -limit, max: limit }))
    .reduce((all, own) => (own.max > all.max ? own : all), constantBounds(0n));
}
