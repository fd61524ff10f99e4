/**
 * An explanation as text for people, and as JSON for scripts: the plan, its cost, what would be released and opened,
 * which checks apply, and the proof that no sum leaves its ring.
 */
import type { TableSchema } from '../share/schema.js';
import type { Explanation } from './explain.js';
import type { QueryPlan } from './plan.js';
import { planToJson } from './plan-digest.js';
import type { AggregateLayout } from './result-layout.js';
import type { QueryPolicy } from './run.js';
import { describePlan } from './sql/explain.js';

/** Who computes where one of four nodes is lost. */
export interface ComputedByThree {
  readonly nodes: readonly number[];
  readonly lost: string;
}

/**
 * Indented lines under headings.
 *
 * @param schema of the plan's table; it decodes constants.
 * @param three where three of four nodes compute it: their numbers, and the name of the lost one.
 */
export function renderExplanation(
  plan: QueryPlan,
  explanation: Explanation,
  schema: TableSchema,
  policy: QueryPolicy,
  three?: ComputedByThree,
): string {
  const { cost, layout, bounds, memory, rows } = explanation;
  const groups = layout.groups.length;
  const cells = aggregates(explanation);
  return [
    describePlan(plan, schema),
    section('cost', [
      `${count(cost.rounds, 'round')}; bytes that nodes ${listed(three?.nodes ?? [...cost.bytes.keys()])} send: ${cost.bytes.join(', ')}`,
      `about ${Math.ceil(memory / 2 ** 20)} MiB of memory at each node`,
    ]),
    ...(three === undefined ? [] : [section('computed by three nodes', [threeText(three)])]),
    section(
      `released to the analyst: ${count(groups * cells.length, 'cell')} at most (${count(groups, 'group')}), each as`,
      cells.map(({ name, releases }) => `${name}: ${releases.map((release) => release.name).join(', ')}`),
    ),
    section('opened to the nodes', [opened(explanation)]),
    section('checks', checks(explanation, policy)),
    section(
      `bounds: no sum over the ${count(rows, 'row')} of the table can leave its ring`,
      [
        ...bounds.map(({ what, max, width }) => ({ what, min: 0n, max, width })),
        ...releasedBounds(explanation),
      ].map(
        ({ what, min, max, width }) => `${what}: ${min} to ${max} (${bitsOf(max - min)} of ${width} bits)`,
      ),
    ),
  ].join('\n');
}

/** The same as plain JSON data; integers that may pass 2^53 are decimal texts. */
export function explanationToJson(
  plan: QueryPlan,
  explanation: Explanation,
  policy: QueryPolicy,
  three?: ComputedByThree,
): Record<string, unknown> {
  const { cost, layout, openedBits, bounds, memory, rows, gates } = explanation;
  return {
    plan: planToJson(plan),
    rows,
    groups: layout.groups.length,
    cost: { rounds: cost.rounds, bytes_sent: cost.bytes },
    memory,
    ...(three === undefined ? {} : { lost: three.lost }),
    releases: aggregates(explanation).map(({ name, releases }) => ({
      column: name,
      integers: releases.map((release) => release.name),
    })),
    opened_bits: openedBits,
    min_count: policy.minCount,
    checks: gates,
    own_rows: policy.ownRows.map(({ start, end }) => [start, end]),
    bounds: [
      ...bounds.map(({ what, max, width }) => ({ what, min: 0n, max, width })),
      ...releasedBounds(explanation),
    ].map(({ what, min, max, width }) => ({
      what,
      min: min.toString(),
      max: max.toString(),
      bits: bitsOf(max - min),
      ring: width,
    })),
  };
}

function aggregates({ layout }: Explanation): AggregateLayout[] {
  return layout.columns.filter((column): column is AggregateLayout => column.kind === 'aggregate');
}

interface ProvedBound {
  readonly what: string;
  readonly min: bigint;
  readonly max: bigint;
  readonly width: 64 | 128;
}

function releasedBounds(explanation: Explanation): ProvedBound[] {
  return aggregates(explanation).flatMap((column) =>
    column.releases.map(({ name, min, max, width }) => ({
      what: `released ${name} of ${column.name}`,
      min: BigInt(min),
      max: BigInt(max),
      width,
    })),
  );
}

function opened({ openedBits, layout }: Explanation): string {
  if (openedBits === 0) return 'nothing: what is released is known without a look at the data';
  const off = layout.minCount === 1;
  const what = off ? 'whether each value is NULL' : 'whether each cell may be released';
  return `${count(openedBits, 'bit')}: ${what}${layout.presence ? ', and which groups have rows' : ''}`;
}

function checks({ gates }: Explanation, { minCount, ownRows }: QueryPolicy): string[] {
  if (minCount === 1) return ['none: the minimum count is 1, which turns the release gates off'];
  const own = ownRows.reduce((total, { start, end }) => total + end - start, 0);
  return [
    `a cell is withheld unless each of its counts is at least ${minCount}; 0 is withheld like any smaller count`,
    ...gates.map(({ column, counts }) => `${column}: ${counts.join('; ')}`),
    ...(own > 0 ? [`the analyst contributed ${count(own, 'row')}: the counts hold without them too`] : []),
  ];
}

function section(heading: string, lines: readonly string[]): string {
  return [heading, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** `0, 1 and 2`. */
function listed(nodes: readonly number[]): string {
  return `${nodes.slice(0, -1).join(', ')} and ${nodes.at(-1)}`;
}

function threeText({ lost }: ComputedByThree): string {
  return `node ${lost} is lost: without it, a node that lies is not caught`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function bitsOf(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
