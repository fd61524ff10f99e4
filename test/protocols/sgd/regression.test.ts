import { describe, expect, it } from 'vitest';
import { shuffle } from '../../../src/protocols/permute/shuffle.js';
import { type DescentOptions, planDescent } from '../../../src/protocols/sgd/plan.js';
import {
  linearRegression,
  logisticRegression,
  type RegressionData,
} from '../../../src/protocols/sgd/regression.js';
import { encode, type Fixed } from '../../../src/share/fixed.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import { type Dealer, type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';
import { descendInDoubles, ratesOf, sigmoid, type Table } from './in-doubles.js';

const FRACTION = 20;
/** Standardised columns are cut here. */
const WIDEST = 4;

/** Columns of about unit variance, and numbers of [0, 1) for the targets. */
function features(rows: number, columns: number): { x: number[][]; chances: number[] } {
  const random = new TestRandom(`sgd-${rows}-${columns}`);
  const unit = (): number[] =>
    random.values(rows, 0n, (1n << 32n) - 1n).map((value) => Number(value) / 2 ** 32);
  const byColumn = Array.from({ length: columns }, () => {
    const parts = Array.from({ length: 6 }, unit);
    return unit().map((_, i) => Math.SQRT2 * parts.reduce((total, part) => total + (part[i] ?? 0) - 0.5, 0));
  });
  const onGrid = (value: number): number => Math.round(value * 2 ** FRACTION) / 2 ** FRACTION;
  return { x: unit().map((_, i) => byColumn.map((column) => onGrid(column[i] ?? 0))), chances: unit() };
}

const TRUE = [0.5, -1, 0.75, 0, 1.25];

function linearPart(row: readonly number[]): number {
  return row.reduce((total, value, j) => total + value * (TRUE[j % TRUE.length] ?? 0), -0.25);
}

function logisticTable(rows: number, columns: number): Table {
  const { x, chances } = features(rows, columns);
  return { x, y: x.map((row, i) => ((chances[i] ?? 0) < sigmoid(linearPart(row)) ? 1 : 0)) };
}

function linearTable(rows: number, columns: number): Table {
  const { x, chances } = features(rows, columns);
  const y = x.map((row, i) => Math.max(-8, Math.min(8, linearPart(row) + (chances[i] ?? 0) - 0.5)));
  return { x, y: y.map((value) => Math.round(value * 2 ** FRACTION) / 2 ** FRACTION) };
}

function dealt(
  deal: Dealer,
  { x, y }: Table,
  target: { fraction: number; min: number; max: number },
): RegressionData {
  const fixed = (
    name: string,
    values: readonly number[],
    fraction: number,
    min: number,
    max: number,
  ): Fixed<64> => ({
    value: deal.ring(
      name,
      64,
      values.length,
      { min: encode(min, fraction), max: encode(max, fraction) },
      () => values.map((value) => encode(value, fraction)),
    ),
    fraction,
  });
  const columns = x[0]?.length ?? 0;
  return {
    features: Array.from({ length: columns }, (_, j) =>
      fixed(
        `x${j}`,
        x.map((row) => row[j] ?? 0),
        FRACTION,
        -WIDEST,
        WIDEST,
      ),
    ),
    target: fixed('y', y, target.fraction, target.min, target.max),
  };
}

const BINARY = { fraction: 0, min: 0, max: 1 };
const REAL = { fraction: FRACTION, min: -8, max: 8 };

type Fit = (ctx: Parameters<Program<unknown>>[0], data: RegressionData) => Promise<Fixed<64>>;

interface Run {
  readonly coefficients: number[];
  readonly orders: number[][];
  readonly rounds: number;
}

/** Coefficients, and the orders of rows: those that the same keys give under the same steps. */
async function run(table: Table, target: typeof REAL, epochs: number, fit: Fit): Promise<Run> {
  let fraction = 0;
  const program: Program<ArithmeticShare<64>> = async (ctx, deal) => {
    const found = await fit(ctx, dealt(deal, table, target));
    fraction = found.fraction;
    return found.value;
  };
  const { results, cost } = await runRep3(program);
  expect(await runDry(program)).toEqual(cost);
  const order: Program<ArithmeticShare<32>[]> = async (ctx, deal) => {
    const rows = table.y.length;
    const index = deal.ring('index', 32, rows, { min: 0n, max: BigInt(rows) }, () =>
      table.y.map((_, i) => BigInt(i)),
    );
    const shuffled: ArithmeticShare<32>[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { columns } = await shuffle(ctx.step(`shuffle-${epoch}`), [index]);
      shuffled.push(columns[0]);
    }
    return shuffled;
  };
  const orders = (await runRep3(order)).results;
  return {
    coefficients: revealRing(results).map((value) => Number(value) / 2 ** fraction),
    orders: orders[0].map((_, epoch) =>
      revealRing(orders.map((own) => own[epoch] as ArithmeticShare<32>)).map(Number),
    ),
    rounds: cost.rounds,
  };
}

function largestDifference(found: readonly number[], expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))));
}

function planOf(
  options: DescentOptions,
  rows: number,
  columns: number,
  residual: (z: number) => number,
  limit?: number,
) {
  return planDescent(options, {
    rows,
    columns: [1, ...Array.from({ length: columns }, () => WIDEST)],
    fraction: FRACTION,
    residual,
    ...(limit === undefined ? {} : { limit }),
  });
}

const LOGISTIC_RESIDUAL = (): number => 1 + 2 ** -12;
const LINEAR_RESIDUAL = (z: number): number => z + 8 + 2 ** -10;

describe('logistic regression by gradient descent', () => {
  it.each([
    ['quick', 2 ** -13],
    ['exact', 2 ** -17],
  ] as const)('is that of doubles in the same order, %s sigmoid', async (choice, allowed) => {
    const table = logisticTable(700, 3);
    const options = { batch: 64, epochs: 2, learningRate: 0.25, momentum: 0.8, l2: 0.01 };
    const { coefficients, orders } = await run(table, BINARY, 2, (ctx, data) =>
      logisticRegression(ctx, data, { ...options, sigmoid: choice }),
    );
    const rates = ratesOf(planOf(options, 700, 3, LOGISTIC_RESIDUAL));
    expect(Math.abs(rates.rate(64) * 64 - 0.25)).toBeLessThan(0.25 / 128);
    const expected = descendInDoubles(table, options, rates, orders, sigmoid);
    expect(largestDifference(coefficients, expected)).toBeLessThan(allowed);
  });

  it('recovers coefficients', async () => {
    const table = logisticTable(6000, 4);
    const found = await runPlain(async (ctx, deal) =>
      logisticRegression(ctx, dealt(deal, table, BINARY), {
        batch: 100,
        epochs: 2,
        learningRate: 1,
        sigmoid: 'quick',
      }),
    );
    const coefficients = revealRing([found.value]).map((value) => Number(value) / 2 ** found.fraction);
    expect(largestDifference(coefficients, [-0.25, ...TRUE.slice(0, 4)])).toBeLessThan(0.25);
  });

  it('takes 7 rounds a batch and 2 an epoch, 15 where z may be wide', async () => {
    const rounds = async (choice: 'quick' | 'exact', momentum: number): Promise<number> =>
      (
        await runDry((ctx, deal) => {
          const options = { batch: 128, epochs: 1, learningRate: 0.1, momentum, sigmoid: choice };
          return logisticRegression(ctx, shapesOf(deal, 10_000, 10), options);
        })
      ).rounds;
    // After 51 batches z may exceed 1,000; with momentum after 13.
    expect(await rounds('quick', 0)).toBe(2 + 51 * 7 + 28 * 15);
    expect(await rounds('quick', 0.9)).toBe(2 + 13 * 7 + 66 * 15);
    // The first two need no clamp.
    expect(await rounds('exact', 0.9)).toBe(2 + 2 * 25 + 77 * 32);
  });
});

/** Columns and a binary target without values. */
function shapesOf(deal: Dealer, rows: number, columns: number): RegressionData {
  const fixed = (name: string, fraction: number, min: number, max: number): Fixed<64> => ({
    value: deal.ring(name, 64, rows, { min: encode(min, fraction), max: encode(max, fraction) }, () => []),
    fraction,
  });
  return {
    features: Array.from({ length: columns }, (_, j) => fixed(`x${j}`, FRACTION, -WIDEST, WIDEST)),
    target: fixed('y', 0, 0, 1),
  };
}

describe('linear regression by gradient descent', () => {
  const options = { batch: 50, epochs: 3, learningRate: 0.1, momentum: 0.5, l2: 0.001 };

  it('is that of doubles in the same order, and recovers coefficients', async () => {
    const table = linearTable(1000, 4);
    const { coefficients, orders } = await run(table, REAL, 3, (ctx, data) =>
      linearRegression(ctx, data, { ...options, limit: 16 }),
    );
    const rates = ratesOf(planOf(options, 1000, 4, LINEAR_RESIDUAL, 16));
    const expected = descendInDoubles(table, options, rates, orders, (z) => z, 16);
    expect(largestDifference(coefficients, expected)).toBeLessThan(2 ** -17);
    expect(largestDifference(coefficients, [-0.25, ...TRUE.slice(0, 4)])).toBeLessThan(0.05);
  });

  it('does not drift from that of doubles over 1,000 steps', async () => {
    // Linear, which takes less than half the rounds; its residuals have fewer bits than those of a sigmoid.
    const table = linearTable(400, 2);
    const options = { batch: 16, epochs: 40, learningRate: 0.1, momentum: 0.5 };
    const limit = 8;
    const { coefficients, orders } = await run(table, REAL, 40, (ctx, data) =>
      linearRegression(ctx, data, { ...options, limit }),
    );
    const rates = ratesOf(planOf(options, 400, 2, LINEAR_RESIDUAL, limit));
    const expected = descendInDoubles(table, options, rates, orders, (z) => z, limit);
    expect(largestDifference(coefficients, expected)).toBeLessThan(2 ** -20);
  });

  it('stays within the limit at large learning rates', async () => {
    const table = linearTable(200, 2);
    const wild = { batch: 100, epochs: 2, learningRate: 1.9, limit: 0.125 };
    const { coefficients } = await run(table, REAL, 2, (ctx, data) => linearRegression(ctx, data, wild));
    expect(Math.max(...coefficients.map(Math.abs))).toBe(0.125);
  });
});

describe('gradient descent on few or wrong rows', () => {
  const options = { batch: 8, epochs: 2, learningRate: 0.25, sigmoid: 'quick' } as const;
  const fit = (table: Table): Promise<Run> =>
    run(table, BINARY, options.epochs, (ctx, data) => logisticRegression(ctx, data, options));

  it.each([
    ['no row', 0, 0],
    ['one row', 1, 1],
    ['fewer rows than a batch', 5, 2],
    ['an intercept only', 20, 0],
    ['one column', 20, 1],
  ])('works with %s', async (_name, rows, columns) => {
    const table = logisticTable(rows, columns);
    const { coefficients, orders } = await fit(table);
    const plan = planOf(options, rows, columns, LOGISTIC_RESIDUAL);
    const expected = descendInDoubles(table, options, ratesOf(plan), orders, sigmoid);
    expect(coefficients).toHaveLength((table.x[0]?.length ?? 0) + 1);
    expect(largestDifference(coefficients, expected)).toBeLessThan(2 ** -12);
  });

  it('is refused for other shapes and options, before anything is sent', async () => {
    const dry = (change: object, data?: (shapes: RegressionData) => RegressionData): Promise<unknown> =>
      runDry((ctx, deal) => {
        const shapes = shapesOf(deal, 10, 2);
        return logisticRegression(ctx, data === undefined ? shapes : data(shapes), { ...options, ...change });
      });
    for (const change of [{ batch: 0 }, { epochs: 1.5 }, { learningRate: 0 }, { momentum: 1 }, { l2: -1 }]) {
      await expect(dry(change)).rejects.toThrow(RangeError);
    }
    const longer: Program<unknown> = (ctx, deal) =>
      logisticRegression(
        ctx,
        { features: shapesOf(deal, 11, 1).features, target: shapesOf(deal, 10, 1).target },
        options,
      );
    await expect(runDry(longer)).rejects.toThrow(RangeError);
    await expect(
      dry({}, ({ features: [one, two], target }) => ({
        features: [one as Fixed<64>, { value: (two as Fixed<64>).value, fraction: 19 }],
        target,
      })),
    ).rejects.toThrow(RangeError);
    await expect(
      dry({}, ({ features: columns }) => ({ features: columns, target: columns[0] as Fixed<64> })),
    ).rejects.toThrow(RangeError);
    await expect(dry({ epochs: 100_000, learningRate: 1000 })).rejects.toMatchObject({
      code: 'BOUND_NOT_PROVED',
    });
    const linear: Program<unknown> = (ctx, deal) =>
      linearRegression(ctx, shapesOf(deal, 10, 2), { ...options, limit: -1 });
    await expect(runDry(linear)).rejects.toThrow(RangeError);
  });
});
