/**
 * The small set of CI: every protocol and the example query on real node processes over TLS. It fails on wrong
 * results, rounds and bytes, never on times.
 */
import { asWarifuError } from '../../src/core/errors.js';
import { BenchCluster } from '../nodes/bench-cluster.js';
import { exampleQuery, WEIGHT } from '../product/queries.js';
import { PROTOCOL_BENCHES } from '../protocols/catalogue.js';
import { measureOn } from '../protocols/run-protocol.js';
import type { Measured } from '../result/measured.js';
import { ciTable, differences } from './compare.js';
import { PINNED_ITEMS, PINS } from './pins.js';

const SIZE = { n: PINNED_ITEMS, runs: 1, warmUpMs: 0 };

async function run(): Promise<number> {
  const all = [...(await protocols()), await query()];
  process.stdout.write(`${ciTable(all)}\n`);
  const wrong = differences(all, PINS);
  for (const difference of wrong) process.stderr.write(`error: ${difference}\n`);
  return wrong.length === 0 ? 0 : 1;
}

async function protocols(): Promise<Measured[]> {
  const cluster = await BenchCluster.start({ links: {}, plain: false });
  try {
    const all: Measured[] = [];
    for (const bench of PROTOCOL_BENCHES) all.push(await measureOn(cluster, bench, SIZE));
    return all;
  } finally {
    await cluster.stop();
  }
}

function query(): Promise<Measured> {
  return exampleQuery('query', { ...SIZE, links: {}, nodes: 3, tell: () => undefined }, WEIGHT);
}

let code = 1;
try {
  code = await run();
} catch (thrown) {
  const { code: reason, message } = asWarifuError(thrown);
  process.stderr.write(`error ${reason}: ${message}\n`);
}
process.stdout.write('', () => process.exit(code));
