/** Functions of binary fractions against doubles: dense sweeps of their domains, and of what lies beyond. */
import { describe, expect, it } from 'vitest';
import type { Bounds } from '../../../src/share/bounds.js';
import { decode, encode } from '../../../src/share/fixed.js';
import { type Entry, FUNCTIONS, RINGS } from './catalogue.js';
import { documented } from './documented.js';
import { costOf, dryCost, edges, grid, logUniform, plainResults, rep3Results, worst } from './sweep.js';

type Ring = (typeof RINGS)[number];

/** So many log-uniform points, and as many at equal distances. */
const PLAIN_POINTS = { 64: 20_000, 128: 5000 } as const;
const REP3_POINTS = { 64: 2000, 128: 1000 } as const;

const PAIRS = RINGS.flatMap((ring) =>
  FUNCTIONS.map((entry) => ({ ring, entry, title: titleOf(entry, ring) })),
);

function titleOf({ name, domain }: Entry, { width }: Ring): string {
  return `${name} on ${domain.map(numberOf).join(' to ')} in ${width} bits`;
}

/** Powers of two as such. */
function numberOf(x: number): string {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) > 4 ? `${x < 0 ? '-' : ''}2^${exponent}` : `${x}`;
}

function boundsOf({ domain: [low, high] }: Entry, { fraction }: Ring): Bounds {
  return { min: encode(low, fraction), max: encode(high, fraction) };
}

/** As a part of what is allowed. */
function errorOf({ of, error, goal }: Entry, ring: Ring): (value: bigint, result: bigint) => number {
  const unit = 2 ** -ring.fraction;
  return (value, result) => {
    const x = decode(value, ring.fraction);
    const right = of(x, ring.fraction);
    const size = error === 'absolute' || (error === 'mixed' && x <= 0) ? 1 : Math.abs(right);
    return Math.abs(decode(result, ring.fraction) - right) / Math.max((goal ?? ring.goal) * size, 2 * unit);
  };
}

describe.each(PAIRS)('$title', ({ ring, entry, title }) => {
  const bounds = boundsOf(entry, ring);
  const sweep = { ...ring, bounds, run: entry.run };
  const error = errorOf(entry, ring);
  const points = (count: number): bigint[] => [
    ...edges(bounds),
    ...logUniform(title, count, bounds),
    ...grid(count, bounds),
  ];
  const row = documented(title);

  it('is as precise as documented, on plain', async () => {
    const values = points(PLAIN_POINTS[ring.width]);
    const found = worst(values, await plainResults(sweep, values), error);
    expect(row.error).toBeLessThanOrEqual(1);
    expect(found.error, `at ${found.at}`).toBeLessThanOrEqual(row.error);
  });

  it('is as precise as documented, on rep3, at the documented cost', async () => {
    const values = points(REP3_POINTS[ring.width]);
    const { results, cost } = await rep3Results(sweep, values);
    const found = worst(values, results, error);
    expect(found.error, `at ${found.at}`).toBeLessThanOrEqual(row.error);
    expect(await dryCost(sweep, values.length)).toEqual(cost);
    const whole = costOf(await dryCost(sweep, 64_000), 64_000);
    expect(`${whole.rounds} ${whole.bytes.toFixed(1)}`).toBe(row.cost);
  });
});
