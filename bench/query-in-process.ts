/**
 * How fast is a query on shares, and how much memory does it take, without network and disks?
 *
 * Runs issue 2's example over a million dealt rows with three nodes in one process on the in-memory network, checks
 * the answer's row count, and prints the dry run's cost, seconds and peak memory of the process (all three nodes).
 *
 * Run: npm run bench:build && node dist-bench/bench/query-in-process.js [rows] [narrow|wide] [labels]
 */

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import Table from 'cli-table3';
import { meanBytes } from '../src/core/cost.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP3 } from '../src/core/scheme.js';
import { BitMatrix } from '../src/kernels/bit-matrix.js';
import { RingVector } from '../src/kernels/ring-vector.js';
import { Context } from '../src/protocols/context.js';
import { KeyedRandomness } from '../src/protocols/randomness.js';
import { Rep3Backend } from '../src/protocols/rep3/backend.js';
import { Rep3Party } from '../src/protocols/rep3/party.js';
import { explainQuery } from '../src/query/explain.js';
import { runQuery } from '../src/query/run.js';
import { planQuery } from '../src/query/sql/plan-query.js';
import type { SharedColumn, SharedTable } from '../src/share/column.js';
import { dealBits, dealRing, expandBits, expandRing } from '../src/share/deal.js';
import { type Column, dealtWidth, encodedMax, parseSchema } from '../src/share/schema.js';
import { ArithmeticShare, BinaryShare } from '../src/share/shares.js';
import { MemoryNetwork } from '../src/transport/memory-network.js';

const rows = Number(process.argv[2] ?? 1_000_000);
const wide = process.argv[3] === 'wide';
const labels = Array.from({ length: Number(process.argv[4] ?? 2) }, (_, i) => `label ${i}`);
const SQL =
  'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients ' +
  'WHERE age >= 40 GROUP BY sex';
const schema = parseSchema({
  warifu_schema: 1,
  missing: [],
  columns: [
    { name: 'age', type: 'integer', min: 0, max: 120, nullable: false },
    { name: 'sex', type: 'category', labels, nullable: false },
    wide
      ? { name: 'weight', type: 'integer', min: 0, max: 2 ** 34, nullable: true }
      : { name: 'weight', type: 'decimal', digits: 1, min: '20.0', max: '250.0', nullable: true },
    { name: 'smoker', type: 'boolean', true: ['1'], false: ['0'], nullable: true },
  ],
});
const EXPLICIT: PartIndex = 2;

/** Uniform values below the range (close enough for a bench); the same rows at every node. */
function dealColumn(column: Column): (node: NodeIndex) => SharedColumn {
  const seeds = REP3.parts.map(() => randomBytes(16));
  const seedOf = (part: PartIndex): Uint8Array => seeds[part] ?? new Uint8Array(16);
  const validity = column.nullable ? dealFlags() : undefined;
  if (dealtWidth(column.type) === 1) {
    const values = dealFlags();
    return (node) => ({ column, validity: validity?.(node), values: values(node) });
  }
  const max = encodedMax(column.type) ?? 1n;
  const secret = RingVector.zeros(64, rows);
  const words = new Uint32Array(secret.data.buffer);
  const noise = new Uint32Array(rows).map((_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  for (let i = 0; i < rows; i++) words[2 * i] = (noise[i] ?? 0) % Math.min(Number(max) + 1, 2 ** 32 - 1);
  const explicit = dealRing(secret, REP3, EXPLICIT, seedOf);
  return (node) => {
    const held = partsHeldBy(REP3, node);
    const parts = held.map((part) => (part === EXPLICIT ? explicit : expandRing(seedOf(part), 64, rows)));
    const bounds = { min: 0n, max };
    const values = new ArithmeticShare({ width: 64, length: rows, bounds, held, parts, clock: 0 });
    return { column, validity: validity?.(node), values };
  };
}

function dealFlags(): (node: NodeIndex) => BinaryShare {
  const seeds = REP3.parts.map(() => randomBytes(16));
  const seedOf = (part: PartIndex): Uint8Array => seeds[part] ?? new Uint8Array(16);
  const secret = expandBits(randomBytes(16), rows);
  const explicit = dealBits(secret, REP3, EXPLICIT, seedOf);
  return (node) => {
    const held = partsHeldBy(REP3, node);
    const parts = held.map(
      (part): BitMatrix => (part === EXPLICIT ? explicit : expandBits(seedOf(part), rows)),
    );
    return new BinaryShare({ rows: 1, length: rows, held, parts, clock: 0 });
  };
}

const slices = [{ contributor: 'a', start: 0, end: rows }];
const policy = { minCount: 10, ownRows: [] };
const plan = await planQuery(SQL, [{ name: 'patients', schema }]);
const { cost, memory } = await explainQuery(plan, schema, slices, policy);
const dealt = schema.columns.map(dealColumn);
const keys = REP3.parts.map(() => randomBytes(32));
const network = new MemoryNetwork(3, { stallMs: 60_000 });
const tables = REP3.nodes.map((node): SharedTable => {
  const columns = dealt.map((deal) => deal(node)).map((shared) => [shared.column.name, shared] as const);
  return { rows, slices, columns: new Map(columns) };
});
const before = process.memoryUsage().rss;
const start = performance.now();
const results = await Promise.all(
  REP3.nodes.map((node) => {
    const randomness = new KeyedRandomness(
      new Map(partsHeldBy(REP3, node).map((part) => [part, keys[part] ?? new Uint8Array(32)])),
    );
    const backend = new Rep3Backend(new Rep3Party(network.channel(node), randomness));
    return runQuery(Context.root(backend, 'query'), plan, tables[node] as SharedTable, policy);
  }),
);
const seconds = (performance.now() - start) / 1000;
const peak = process.resourceUsage().maxRSS / 1024;

const table = new Table({ head: ['what', 'value'] });
table.push(
  ['rows', rows],
  ['cells released', results[0]?.openedBits ?? 0],
  ['rounds', cost.rounds],
  ['bytes per row and node (mean)', (meanBytes(cost) / rows).toFixed(1)],
  ['seconds, three nodes in one process', seconds.toFixed(2)],
  ['MiB resident before', (before / 2 ** 20).toFixed(0)],
  ['MiB resident at most', peak.toFixed(0)],
  ['MiB that each node reserves', (memory / 2 ** 20).toFixed(0)],
);
console.log(table.toString());
