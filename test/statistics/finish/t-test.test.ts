import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scale } from '../../../src/statistics/finish/moments.js';
import {
  type GroupSpread,
  studentTTest,
  type TTestResult,
  welchTTest,
} from '../../../src/statistics/finish/t-test.js';
import { decimals, released, vectorColumn } from './encoded.js';

const pooled = (first: GroupSpread, second: GroupSpread): bigint => second.n * first.q + first.n * second.q;

function both(
  first: readonly bigint[],
  second: readonly bigint[],
  scale: Scale,
): { welch: TTestResult | null; student: TTestResult | null } {
  const [one, two] = [released(first, scale), released(second, scale)];
  return {
    welch: welchTTest(one, two, scale),
    student: studentTTest({ n: one.n, sum: one.sum }, { n: two.n, sum: two.sum }, pooled(one, two), scale),
  };
}

/** R's data set from its CSV file, as two groups of one-decimal numbers. */
function dataset(file: string, labels: readonly [string, string]): ReturnType<typeof both> {
  const values = decimals(vectorColumn(file, 0), 1);
  const groups = vectorColumn(file, 1);
  const [first, second] = labels.map((label) => values.filter((_, row) => groups[row] === label));
  return both(first ?? [], second ?? [], { min: -100n, digits: 1 });
}

/** As R prints numbers: alone to significant digits, in a vector with common decimals. */
const printed = (x: number | undefined, digits: number): number => Number(x?.toPrecision(digits));
const decimalsOf = (xs: readonly number[] | undefined, digits: number): string[] | undefined =>
  xs?.map((x) => x.toFixed(digits));

describe("R's documented answers", () => {
  it('sleep: t.test(extra ~ group)', () => {
    const { welch, student } = dataset('sleep.csv', ['1', '2']);
    expect(welch).toMatchObject({
      null_value: 0,
      alternative: 'two.sided',
      method: 'Welch Two Sample t-test',
      estimate: [0.75, 2.33],
      n: [10, 10],
    });
    expect(printed(welch?.statistic, 5)).toBe(-1.8608);
    expect(printed(welch?.df, 5)).toBe(17.776);
    expect(printed(welch?.p_value, 4)).toBe(0.07939);
    expect(decimalsOf(welch?.conf_int, 7)).toEqual(['-3.3654832', '0.2054832']);
    expect(student).toMatchObject({ df: 18, method: 'Two Sample t-test', estimate: [0.75, 2.33] });
    expect(printed(student?.statistic, 5)).toBe(-1.8608);
    expect(printed(student?.p_value, 4)).toBe(0.07919);
    expect(decimalsOf(student?.conf_int, 6)).toEqual(['-3.363874', '0.203874']);
  });

  it('ToothGrowth: t.test(len ~ supp)', () => {
    const { welch } = dataset('ToothGrowth.csv', ['OJ', 'VC']);
    expect(printed(welch?.statistic, 5)).toBe(1.9153);
    expect(printed(welch?.df, 5)).toBe(55.309);
    expect(printed(welch?.p_value, 4)).toBe(0.06063);
    expect(decimalsOf(welch?.conf_int, 7)).toEqual(['-0.1710156', '7.5710156']);
    expect(decimalsOf(welch?.estimate, 5)).toEqual(['20.66333', '16.96333']);
    expect(welch?.n).toEqual([30, 30]);
  });
});

type Answer = Record<'statistic' | 'df' | 'p_value' | 'conf_low' | 'conf_high' | 'mean_1' | 'mean_2', string>;
interface Case {
  digits: number;
  first: string[];
  second: string[];
  welch: Answer;
  student: Answer;
}
const { cases } = JSON.parse(readFileSync(new URL('../../vectors/t-test.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

/** The answer as the result that holds, number for number, the doubles nearest to it. */
function nearest(answer: Answer): Partial<TTestResult> {
  return {
    statistic: Number(answer.statistic),
    df: Number(answer.df),
    p_value: Number(answer.p_value),
    conf_int: [Number(answer.conf_low), Number(answer.conf_high)],
    estimate: [Number(answer.mean_1), Number(answer.mean_2)],
  };
}

describe('reference answers (mpmath, compared with SciPy)', () => {
  it.each(cases)('groups in units of 10^-$digits, case %#', ({ digits, first, second, welch, student }) => {
    const result = both(first.map(BigInt), second.map(BigInt), { min: -(10n ** 14n), digits });
    expect(result.welch).toMatchObject(nearest(welch));
    expect(result.student).toMatchObject(nearest(student));
  });

  it('contain a confidence limit that cancels in 12 digits', () => {
    const cancels = cases.some(
      ({ welch }) => Math.abs(Number(welch.conf_low)) < 1e-12 * Number(welch.conf_high),
    );
    expect(cancels).toBe(true);
  });
});

const sample = fc.array(fc.bigInt({ min: 0n, max: 1000n }), { minLength: 2, maxLength: 12 });

describe('properties', () => {
  it('turns its sign with the groups, and is significant where the interval leaves 0 out', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const scale: Scale = { min: 0n, digits: 2 };
        const [there, back] = [both(first, second, scale), both(second, first, scale)];
        for (const kind of ['welch', 'student'] as const) {
          const [a, b] = [there[kind], back[kind]];
          fc.pre(a !== null && b !== null);
          expect(a.statistic + b.statistic).toBe(0);
          expect([a.p_value, a.df]).toEqual([b.p_value, b.df]);
          expect(a.conf_int[0] + b.conf_int[1]).toBe(0);
          expect(a.p_value < 0.05).toBe(a.conf_int[0] > 0 || a.conf_int[1] < 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has one statistic in both variants where the groups have one size', () => {
    const pairs = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 99n }), fc.bigInt({ min: 0n, max: 99n })), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(pairs, (rows) => {
        const { welch, student } = both(
          rows.map(([first]) => first),
          rows.map(([, second]) => second),
          { min: 0n, digits: 2 },
        );
        expect(welch?.statistic).toBe(student?.statistic);
      }),
      { numRuns: 100 },
    );
  });
});

describe('edges', () => {
  const scale: Scale = { min: 0n, digits: 0 };

  it('is NULL without two rows in each group, and without any spread', () => {
    for (const [first, second] of [
      [[], [1n, 2n]],
      [[1n], [1n, 2n, 3n]],
      [[1n, 2n, 3n], [4n]],
      [
        [5n, 5n],
        [7n, 7n, 7n],
      ],
    ] as const) {
      expect(both(first, second, scale)).toEqual({ welch: null, student: null });
    }
  });

  it('needs spread in one group only', () => {
    const { welch } = both([5n, 5n, 5n], [1n, 2n, 3n, 6n], scale);
    expect(welch?.df).toBe(3);
  });

  it('finds p = 1 for equal means', () => {
    const { welch, student } = both([1n, 3n], [0n, 4n], scale);
    expect(welch).toMatchObject({ statistic: 0, p_value: 1 });
    expect(student).toMatchObject({ statistic: 0, p_value: 1 });
    expect(welch?.conf_int[0]).toBe(-(welch?.conf_int[1] ?? 0));
  });

  it('does not lose a p-value that is far below 1e-16, nor fail where it is no double', () => {
    const group = (n: bigint, average: bigint): GroupSpread => ({ n, sum: n * average, q: n * n * 100n });
    // Population standard deviations of 10, differences of 1 and 1000; references by mpmath at 60 digits.
    const near = welchTTest(group(100_000n, 50n), group(100_000n, 51n), scale);
    expect(near?.statistic).toBe(Number('-22.3605679713195120798682218776'));
    expect(near?.p_value).toBe(Number('1.3034361134998803923e-110'));
    const far = welchTTest(group(100_000n, 50n), group(100_000n, 1050n), scale);
    expect(far?.p_value).toBe(0);
    expect(far?.conf_int[0]).toBe(Number('-1000.0876532227893013213942421635'));
  });

  it('refuses what no data gives', () => {
    const good = released([1n, 2n, 4n], scale);
    const internal = expect.objectContaining({ code: 'INTERNAL' }) as unknown;
    expect(() => welchTTest({ ...good, q: -1n }, good, scale)).toThrow(internal as Error);
    expect(() => welchTTest(good, { ...good, n: -3n }, scale)).toThrow(internal as Error);
    expect(() => studentTTest(good, good, -1n, scale)).toThrow(internal as Error);
  });
});
