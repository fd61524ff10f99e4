/**
 * The public numbers of a gradient descent, found before it starts: how many bits each quantity has, such that no value
 * of any step can leave the ring.
 *
 * A step computes z = X w, a residual r from z and y, and with whole numbers M, B and L
 *   v' = (M * transpose(X) r + B v + L w) / 2^shift,   w' = w - v'
 * so that M / 2^(...) is the learning rate by the rows of the batch, B / 2^shift the momentum and L / 2^shift the learning
 * rate times the L2 weight: one truncation for all three. v and w have `fraction` bits, as many as there is room for, so
 * that their rounding, which is unbiased, stays far below that of X, y and z.
 *
 * Bounds. Where the residual is bounded, v and w are the response of a linear recurrence to bounded impulses: their
 * largest values are the impulse's bound times the sum of the absolute values of the response to a single impulse.
 * Without momentum and L2 that is the number of steps, so that the first steps have small z. Where w is clipped instead,
 * only v is a response.
 */
import { WarifuError } from '../../core/errors.js';

/** Bits of a sum of products below the ring's 64: one for the sign, one for the way in which it is truncated. */
const ROOM = 62;
const MOST_FRACTION = 40;
/** With fewer bits the rounding of the weights could be seen. */
const LEAST_FRACTION = 16;
/** Residuals are averaged over a batch, so that fewer bits do where their range is large. */
const MOST_RESIDUAL_FRACTION = 20;
const LEAST_RESIDUAL_FRACTION = 12;
/** The learning rate is met up to half a part in so many, the momentum and the L2 weight better. */
const LEAST_RATE = 128;
/** For that, and for the rounding of doubles. */
const SLACK = 1 + 1 / LEAST_RATE;

/** What a person chooses. */
export interface DescentOptions {
  /** Rows of a batch. */
  readonly batch: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** In [0, 1); 0 where absent. */
  readonly momentum?: number;
  /** Weight of half the squared coefficients but the intercept, per row; 0 where absent. */
  readonly l2?: number;
}

/** What is known of the data. */
export interface DescentShape {
  readonly rows: number;
  /** Largest absolute value of each column of X, as the numbers they stand for. */
  readonly columns: readonly number[];
  /** Bits of fraction of X. */
  readonly fraction: number;
  /** Largest absolute residual, given the largest absolute z. */
  readonly residual: (z: number) => number;
  /** Where the weights are clipped to, if they are. */
  readonly limit?: number;
  /** The ring has room for a z of this size at least, however small z is; 0 where absent. */
  readonly room?: number;
}

export interface DescentPlan {
  /** Bits of fraction of the weights. */
  readonly fraction: number;
  /** Bits of fraction of z, y and the residual. */
  readonly residualFraction: number;
  readonly shift: number;
  /** Of the residuals of a batch of so many rows. */
  readonly rate: (rows: number) => bigint;
  readonly momentum: bigint;
  readonly l2: bigint;
  /** The largest absolute z after so many steps, as the number it stands for; below 2^62 in units of X times w. */
  readonly z: (steps: number) => number;
  /** Bounds of the absolute values of v and w for each column. */
  readonly velocity: readonly bigint[];
  readonly weights: readonly bigint[];
}

/** @throws RangeError for options that make no sense; WarifuError BOUND_NOT_PROVED where the ring has no room. */
export function planDescent(options: DescentOptions, shape: DescentShape): DescentPlan {
  checkOptions(options);
  const responses = responsesOf(options, shape);
  for (let residual = MOST_RESIDUAL_FRACTION; residual >= LEAST_RESIDUAL_FRACTION; residual--) {
    for (let fraction = MOST_FRACTION; fraction >= LEAST_FRACTION; fraction--) {
      const plan = planWith(fraction, residual, options, shape, responses);
      if (plan !== undefined) return plan;
    }
  }
  throw new WarifuError(
    'BOUND_NOT_PROVED',
    'this gradient descent could leave the ring: standardise the columns, or take fewer steps or a smaller learning rate',
  );
}

/** Batches of an epoch. */
export function batchesOf(rows: number, batch: number): number {
  return Math.ceil(rows / batch);
}

function checkOptions({ batch, epochs, learningRate, momentum = 0, l2 = 0 }: DescentOptions): void {
  if (!Number.isInteger(batch) || batch < 1) throw new RangeError(`batches of ${batch} rows`);
  if (!Number.isInteger(epochs) || epochs < 0) throw new RangeError(`${epochs} epochs`);
  if (!(learningRate > 0 && learningRate < 1024)) throw new RangeError(`a learning rate of ${learningRate}`);
  if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`a momentum of ${momentum}, not in [0, 1)`);
  if (!(l2 >= 0 && l2 * learningRate < 1)) throw new RangeError(`an L2 weight of ${l2}`);
}

/** The plan with so many bits of fraction of weights and residuals; undefined where it does not fit. */
function planWith(
  fraction: number,
  residualFraction: number,
  options: DescentOptions,
  shape: DescentShape,
  { plain, decayed }: Responses,
): DescentPlan | undefined {
  const { learningRate, momentum = 0, l2 = 0, batch } = options;
  const decay = learningRate * l2;
  const ulp = 2 ** -fraction;
  const { limit } = shape;
  const largestZ = (weights: readonly number[]): number =>
    shape.columns.reduce((total, column, j) => total + column * (weights[j] ?? 0), 0);
  const residual = shape.residual(
    limit === undefined ? Number.POSITIVE_INFINITY : largestZ(shape.columns.map(() => limit)),
  );
  const impulses = shape.columns.map((column) => SLACK * learningRate * column * residual + 2 * ulp);
  const responses = impulses.map((_, j) => (j === 0 ? plain : decayed));
  const weightsAfter = (steps: number): number[] =>
    impulses.map((impulse, j) => limit ?? impulse * (responses[j]?.weights[steps] ?? 0));
  const weights = weightsAfter(plain.weights.length - 1);
  const velocity = impulses.map(
    (impulse, j) => (impulse + (limit === undefined ? 0 : decay * limit)) * (responses[j]?.velocity ?? 0),
  );
  const z = Math.max(largestZ(weights), shape.room ?? 0);
  if (!(z * 2 ** (shape.fraction + fraction) < 2 ** ROOM)) return undefined;

  // v' before it is divided by 2^shift must fit.
  const shift = Math.min(ROOM, Math.floor(ROOM - Math.log2(largest(velocity) + ulp) - fraction));
  const rate = (rows: number): number =>
    Math.round((learningRate / rows) * 2 ** (shift + fraction - shape.fraction - residualFraction));
  if (shift < 1 || rate(Math.min(batch, shape.rows)) < LEAST_RATE) return undefined;
  return {
    fraction,
    residualFraction,
    shift,
    rate: (rows) => BigInt(rate(rows)),
    momentum: BigInt(Math.floor(momentum * 2 ** shift)),
    l2: BigInt(Math.floor(decay * 2 ** shift)),
    z: (steps) => largestZ(weightsAfter(steps)),
    velocity: velocity.map((value) => scaled(value, fraction)),
    weights: weights.map((value) => scaled(value, fraction)),
  };
}

/** Sums of absolute values. */
interface Response {
  /** Over as many steps as the place says. */
  readonly weights: readonly number[];
  readonly velocity: number;
}

/** Of the intercept, which has no L2 weight, and of the others; of v alone where w is clipped. */
interface Responses {
  readonly plain: Response;
  readonly decayed: Response;
}

function responsesOf(
  { learningRate, momentum = 0, l2 = 0, batch, epochs }: DescentOptions,
  { rows, limit }: DescentShape,
): Responses {
  const steps = Math.max(1, epochs * batchesOf(rows, batch));
  const plain = responseOf(steps, momentum, 0);
  const decay = limit === undefined ? learningRate * l2 : 0;
  return { plain, decayed: decay === 0 ? plain : responseOf(steps, momentum, decay) };
}

/** What v' = m v + d w + impulse, w' = w - v' make of a single impulse of 1. */
function responseOf(steps: number, momentum: number, decay: number): Response {
  const weights = [0];
  let [weight, velocity] = [0, 0];
  let [w, v] = [0, 1];
  for (let step = 0; step < steps; step++) {
    if (step > 0) v = momentum * v + decay * w;
    w -= v;
    velocity += Math.abs(v);
    weight += Math.abs(w);
    weights.push(weight);
  }
  return { weights, velocity };
}

function scaled(value: number, fraction: number): bigint {
  return BigInt(Math.ceil(value * 2 ** fraction));
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
