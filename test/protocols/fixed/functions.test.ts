/** Functions of binary fractions against doubles: dense sweeps of their domains, and of what lies beyond. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bounds } from '../../../src/share/bounds.js';
import { decode, encode } from '../../../src/share/fixed.js';
import { type Entry, FUNCTIONS, RINGS } from './catalogue.js';
import { costOf, dryCost, edges, grid, logUniform, plainResults, rep3Results, worst } from './sweep.js';

type Ring = (typeof RINGS)[number];

const PLAIN_POINTS = { 64: 50_000, 128: 10_000 } as const;
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

/** The rows of the table in docs/fixed-point.md by their first two cells. */
function documented(): Map<string, string[]> {
  const text = readFileSync(new URL('../../../docs/fixed-point.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(rows.map((cells) => [cells[0]?.replaceAll('`', '') ?? '', cells.slice(1)]));
}

const DOCUMENTED = documented();

describe.each(PAIRS)('$title', ({ ring, entry, title }) => {
  const bounds = boundsOf(entry, ring);
  const sweep = { ...ring, bounds, run: entry.run };
  const error = errorOf(entry, ring);
  const points = (count: number): bigint[] => [
    ...edges(bounds),
    ...logUniform(title, count, bounds),
    ...grid(count, bounds),
  ];
  const [allowed = '', rounds = '', bytes = ''] = DOCUMENTED.get(title) ?? [];

  it('is as precise as documented, on plain', async () => {
    const values = points(PLAIN_POINTS[ring.width]);
    const found = worst(values, await plainResults(sweep, values), error);
    expect(Number(allowed)).toBeLessThanOrEqual(1);
    expect(found.error, `at ${found.at}`).toBeLessThanOrEqual(Number(allowed));
  });

  it('is as precise as documented, on rep3, at the documented cost', async () => {
    const values = points(REP3_POINTS[ring.width]);
    const { results, cost } = await rep3Results(sweep, values);
    const found = worst(values, results, error);
    expect(found.error, `at ${found.at}`).toBeLessThanOrEqual(Number(allowed));
    expect(await dryCost(sweep, values.length)).toEqual(cost);
    const whole = costOf(await dryCost(sweep, 64_000), 64_000);
    expect(`${whole.rounds} ${whole.bytes.toFixed(1)}`).toBe(`${rounds} ${bytes}`);
  });
});
