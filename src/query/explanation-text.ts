/**
 * An explanation as text for people, and as JSON for scripts: the plan, its cost, what would be released and opened,
 * which checks apply, and the proof that no sum leaves its ring.
 */
import type { TableSchema } from '../share/schema.js';
import type { Explanation } from './explain.js';
import type { QueryPlan } from './plan.js';
import { planToJson } from './plan-digest.js';
import type { QueryPolicy } from './run.js';
import { describePlan } from './sql/explain.js';

export function renderExplanation(
  plan: QueryPlan,
  explanation: Explanation,
  schema: TableSchema,
  policy: QueryPolicy,
): string {
  const { cost, layout, openedBits, bounds, memory } = explanation;
  const releases = layout.columns.flatMap((column) =>
    column.kind === 'aggregate'
      ? [`${column.name}: ${column.releases.map((release) => release.name).join(', ')}`]
      : [],
  );
  return [
    describePlan(plan, schema),
    'cost',
    `  ${cost.rounds} rounds; bytes sent by each node: ${cost.bytes.join(', ')}`,
    `  about ${Math.ceil(memory / 2 ** 20)} MiB of memory at each node`,
    'released to the analyst, for each cell that passes',
    ...releases.map((line) => `  ${line}`),
    'opened to the nodes',
    `  ${openedBits} bits: whether each cell${layout.presence ? ' and group' : ''} may be released`,
    'checks',
    ...checks(policy).map((line) => `  ${line}`),
    'bounds: no sum can leave its ring',
    ...bounds.map(({ what, max, width }) => `  ${what} <= ${max} (${bitsOf(max)} bits, over 2^${width})`),
  ].join('\n');
}

export function explanationToJson(
  plan: QueryPlan,
  { cost, layout, openedBits, bounds, memory }: Explanation,
  policy: QueryPolicy,
): Record<string, unknown> {
  return {
    plan: planToJson(plan),
    cost: { rounds: cost.rounds, bytes_sent: cost.bytes },
    memory,
    releases: layout.columns.flatMap((column) =>
      column.kind === 'aggregate'
        ? [{ column: column.name, integers: column.releases.map((release) => release.name) }]
        : [],
    ),
    groups: layout.groups.length,
    opened_bits: openedBits,
    min_count: policy.minCount,
    own_rows: policy.ownRows.map(({ start, end }) => [start, end]),
    bounds: bounds.map(({ what, max, width }) => ({
      what,
      max: max.toString(),
      bits: bitsOf(max),
      ring: width,
    })),
  };
}

function checks({ minCount, ownRows }: QueryPolicy): string[] {
  if (minCount === 1) return ['none: the minimum count is 1, which turns the release gates off'];
  const gate = `every count of a cell is at least ${minCount} (each group of a test); smaller ones and 0 are withheld`;
  if (ownRows.length === 0) return [gate];
  const rows = ownRows.reduce((total, { start, end }) => total + end - start, 0);
  return [gate, `the same without the ${rows} rows that the analyst contributed`];
}

function bitsOf(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
