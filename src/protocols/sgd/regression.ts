/**
 * Linear and logistic regression by mini-batch gradient descent on shares.
 *
 * Functionality: coefficients of columns X and a target y over 64 bits, the intercept first, after a public number of epochs
 *   (descent.ts). Logistic: y is 0 or 1, the residual sigmoid(z) - y; the quick sigmoid is within 2^-14, the other one as
 *   exact as 20 bits are.
 *   Linear: the residual z - y, and after each step every coefficient is clipped to [-limit, limit].
 * Bounds: a logistic residual is below 1, so that weights grow by a bounded amount a step, and the plan proves that the
 *   whole run fits. A linear residual grows with the weights, which could grow by a factor a step where the learning rate is too
 *   large for the data: nothing public tells. Clipping makes it the projected gradient method, with the same
 *   solution where that lies within the limit (Bertsekas 1999, Nonlinear Programming, section 2.3). Coefficients at the limit
 *   say that it is too narrow or the learning rate too large; one that is for any data, because of the intercept, is refused.
 * Requires: columns and target with one fraction, standardised: bounds of X and the limit decide how many bits are left for
 *   the weights, and a range of 8 standard deviations leaves enough.
 * Cost (rep3): 2 rounds before the first epoch; with the quick sigmoid a batch takes 7 rounds, 15 once bounds of z are wide (1,000 for
 *   batches of 128 rows), and for 10 columns 108 bytes a row of nodes 1 and 2 each; node 0 sends 120 and 8 bytes for each unit
 *   of those bounds (up to 8 KB). With the exact sigmoid 32 rounds; linear 15 rounds.
 * Error: beside doubles in the same order 2^-15 with the quick sigmoid, 2^-20 with the exact sigmoid, 2^-22 for linear ones; no
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
import { quickSigmoid, sigmoidOfSums } from '../fixed/quick-sigmoid.js';
import { sigmoid } from '../fixed/sigmoid.js';
import { SERIES_MARGIN, sigmoidSeries } from '../fixed/sigmoid-series.js';
import { clamp } from '../select/clamp.js';
import { type Batches, orderOfBatches, shuffledBatches } from './batches.js';
import { Descent, type Model, type Prediction, rounded } from './descent.js';
import { type DescentOptions, type DescentPlan, type DescentShape, planDescent } from './plan.js';

/** A residual may be rounded by so much. */
const ROUNDING = 2 ** -10;
/** How far beyond [0, 1] a sigmoid may be, and how far beyond 1 a residual. */
const SIGMOID_SLACK = 2 ** -12;
/** Terms of a series by rows of a batch, 16 bytes each, that take as long as the rounds of comparisons. */
const TERMS_OF_BATCH = 1 << 16;

export interface RegressionData {
  /** Columns of one length and fraction. */
  readonly features: readonly Fixed<64>[];
  readonly target: Fixed<64>;
}

export interface LogisticOptions extends DescentOptions {
  readonly sigmoid: 'quick' | 'exact';
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
  const ofChoice = options.sigmoid === 'quick' ? quickOf : exactOf;
  const model = (plan: DescentPlan): Model => ({
    residual: async (step, z, y) => subtract(await ofChoice(step, z, plan.residualFraction), y),
  });
  return await regression(ctx, data, options, model, {
    residual: () => 1 + SIGMOID_SLACK,
    room: SERIES_MARGIN,
  });
}

/** The series at what is not yet rounded; where z is wide or the batch long, after that, in chunks. */
async function quickOf(ctx: Context, z: Prediction, fraction: number): Promise<ArithmeticShare<64>> {
  const series = sigmoidSeries(z.largest, 64, z.fraction, TERMS_OF_BATCH / z.rows);
  if (series !== undefined) return await sigmoidOfSums(ctx, z.sums, series, fraction);
  return (await quickSigmoid(ctx.step('wide'), await rounded(ctx.step('predict'), z, fraction))).value;
}

async function exactOf(ctx: Context, z: Prediction, fraction: number): Promise<ArithmeticShare<64>> {
  return (await sigmoid(ctx.step('sigmoid'), await rounded(ctx.step('predict'), z, fraction))).value;
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
      residual: async (step, z, y) => subtract((await rounded(step, z, plan.residualFraction)).value, y),
      clip: async (step, weights) => await clamp(step, weights, -most, most),
    };
  };
  return await regression(ctx, data, options, model, { residual, limit });
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
  model: (plan: DescentPlan) => Model,
  known: Pick<DescentShape, 'residual' | 'limit' | 'room'>,
): Promise<Fixed<64>> {
  const { fraction, rows } = checkData(features, target);
  const plan = planDescent(options, {
    rows,
    columns: [1, ...features.map(largestOf)],
    fraction,
    ...known,
  });
  const descent = new Descent(plan, model(plan), fraction);
  const { value: y } = await withFraction(ctx.step('target'), target, plan.residualFraction);
  const ones = ctx.constant(64, rows, 1n << BigInt(fraction));
  const order = orderOfBatches(rows, features.length + 1, options.batch);
  const columns = features.map(({ value }): ArithmeticShare<64> => value);
  const epochs = rows === 0 ? 0 : options.epochs;
  const shuffled = (epoch: number): Promise<Batches> =>
    shuffledBatches(ctx.step(`shuffle-${epoch}`), columns, y, ones, order);
  let state = descent.start(ctx);
  let batches = epochs === 0 ? undefined : await shuffled(0);
  for (let epoch = 0; batches !== undefined; epoch++) {
    // The next rows are shuffled while these are used.
    [state, batches] = await Promise.all([
      descent.epoch(ctx.step(`epoch-${epoch}`), state, batches, options.batch),
      epoch + 1 < epochs ? shuffled(epoch + 1) : undefined,
    ]);
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
