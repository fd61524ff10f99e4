/**
 * Linear and logistic regression by mini-batch gradient descent on shares.
 *
 * Functionality: coefficients of columns X and a target y over 64 bits, the intercept first, after a public number of epochs
 *   (descent.ts). Logistic: y is 0 or 1, the residual sigmoid(z) - y; the sigmoid within 2^-14, or as exact as 20 bits are.
 *   Linear: the residual z - y, and after each step every coefficient is clipped to [-limit, limit].
 * Bounds: a logistic residual is below 1, so that weights grow by a bounded amount a step, and the plan proves that the
 *   whole run fits. A linear residual grows with the weights, which could grow by a factor a step where the learning rate is too
 *   large for the data: nothing public tells. Clipping makes it the projected gradient method, with the same
 *   solution where that lies within the limit (Bertsekas 1999, Nonlinear Programming, section 2.3). Coefficients at the limit
 *   say that it is too narrow or the learning rate too large; one that is for any data, because of the intercept, is refused.
 * Requires: columns and target with one fraction, standardised: bounds of X and the limit decide how many bits are left for
 *   the weights, and a range of 8 standard deviations leaves enough.
 * Cost (rep3): 2 rounds an epoch; for 10 columns within 4 and batches of 128 a batch takes 23 rounds and 63 KB of node 0, 23 KB
 *   of the others, with the exact sigmoid 32 rounds; linear 15 rounds.
 * Error: beside doubles in the same order 2^-15 with the spline, 2^-20 with the exact sigmoid, 2^-22 for linear ones; no
 *   more after 1,000 steps. Where coefficients grow without end, as for separable classes, the sigmoid's error adds up: 2^-11
 *   after 1,000 steps.
 * Reveals: nothing; rows are shuffled anew each epoch by an order that no node knows.
 * Fails: RangeError for other shapes or options, BOUND_NOT_PROVED before anything is sent.
 */
import { encode, type Fixed } from '../../share/fixed.js';
import { subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { withFraction } from '../fixed/forms.js';
import { sigmoid } from '../fixed/sigmoid.js';
import { sigmoidSpline } from '../fixed/sigmoid-spline.js';
import { clamp } from '../select/clamp.js';
import { orderOfBatches, shuffledBatches } from './batches.js';
import { Descent, type Model } from './descent.js';
import { type DescentOptions, type DescentPlan, planDescent } from './plan.js';

/** A residual may be rounded by so much. */
const ROUNDING = 2 ** -10;
/** How far beyond [0, 1] a sigmoid may be, and how far beyond 1 a residual. */
const SIGMOID_SLACK = 2 ** -12;

export interface RegressionData {
  /** Columns of one length and fraction. */
  readonly features: readonly Fixed<64>[];
  readonly target: Fixed<64>;
}

export interface LogisticOptions extends DescentOptions {
  readonly sigmoid: 'spline' | 'exact';
}

export interface LinearOptions extends DescentOptions {
  /** Coefficients are clipped to [-limit, limit]. */
  readonly limit: number;
}

/** Coefficients of a logistic regression, the intercept first. The bounds of the target say that it lies in [0, 1]. */
export async function logisticRegression(
  ctx: Context,
  data: RegressionData,
  options: LogisticOptions,
): Promise<Fixed<64>> {
  const { bounds } = data.target.value;
  if (bounds.min < 0n || bounds.max > encode(1, data.target.fraction)) {
    throw new RangeError('the target of a logistic regression lies in [0, 1]');
  }
  const ofChoice = options.sigmoid === 'spline' ? sigmoidSpline : sigmoid;
  const model: Model = {
    residual: async (step, z, y) => subtract((await ofChoice(step, z)).value, y),
  };
  return await regression(ctx, data, options, model, () => 1 + SIGMOID_SLACK);
}

/** Coefficients of a linear regression, the intercept first. */
export async function linearRegression(
  ctx: Context,
  data: RegressionData,
  options: LinearOptions,
): Promise<Fixed<64>> {
  const { limit } = options;
  if (!(limit > 0 && limit < 2 ** 30)) throw new RangeError(`coefficients limited to ${limit}`);
  checkRate(options);
  const largestTarget = largestOf(data.target);
  const residual = (z: number): number => z + largestTarget + ROUNDING;
  const model = (plan: DescentPlan): Model => {
    const most = encode(limit, plan.fraction);
    return {
      residual: async (_step, z, y) => subtract(z.value, y),
      clip: async (step, weights) => await clamp(step, weights, -most, most),
    };
  };
  return await regression(ctx, data, options, model, residual, limit);
}

/** The mean of the intercept's squares is 1 in any batch, so that steps along it overshoot by more and more beyond this. */
function checkRate({ learningRate, momentum = 0 }: LinearOptions): void {
  if (learningRate < 2 * (1 + momentum)) return;
  throw new RangeError(
    `a learning rate of ${learningRate} diverges for any data: take less than 2 * (1 + momentum)`,
  );
}

async function regression(
  ctx: Context,
  { features, target }: RegressionData,
  options: DescentOptions,
  model: Model | ((plan: DescentPlan) => Model),
  residual: (z: number) => number,
  limit?: number,
): Promise<Fixed<64>> {
  const { fraction, rows } = checkData(features, target);
  const plan = planDescent(options, {
    rows,
    columns: [1, ...features.map(largestOf)],
    fraction,
    residual,
    ...(limit === undefined ? {} : { limit }),
  });
  const own = typeof model === 'function' ? model(plan) : model;
  const descent = new Descent(plan, own, fraction);
  const { value: y } = await withFraction(ctx.step('target'), target, plan.residualFraction);
  const ones = ctx.constant(64, rows, 1n << BigInt(fraction));
  const order = orderOfBatches(rows, features.length + 1, options.batch);
  const columns = features.map(({ value }): ArithmeticShare<64> => value);
  let state = descent.start(ctx);
  for (let epoch = 0; epoch < options.epochs && rows > 0; epoch++) {
    const step = ctx.step(`epoch-${epoch}`);
    const batches = await shuffledBatches(step.step('shuffle'), columns, y, ones, order);
    state = await descent.epoch(step, state, batches, options.batch);
  }
  return { value: state.weights, fraction: plan.fraction };
}

/** The fraction of all columns, and their length. */
function checkData(
  features: readonly Fixed<64>[],
  target: Fixed<64>,
): { readonly fraction: number; readonly rows: number } {
  const rows = target.value.length;
  const fraction = features[0]?.fraction ?? 0;
  for (const column of features) {
    if (column.value.length !== rows) {
      throw new RangeError(`a column of ${column.value.length} elements and a target of ${rows}`);
    }
    if (column.fraction !== fraction) throw new RangeError('columns of different fractions');
  }
  return { fraction, rows };
}

/** The largest absolute value that bounds allow. */
function largestOf({ value: { bounds }, fraction }: Fixed<64>): number {
  const largest = bounds.max > -bounds.min ? bounds.max : -bounds.min;
  return Number(largest) / 2 ** fraction;
}
