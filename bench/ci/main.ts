/**
 * The small set of CI: every protocol and the example query on three real node processes over TLS, and
 * some protocols on four. It fails on wrong
 * results, rounds and bytes, never on times.
 */
import { asWarifuError } from '../../src/core/errors.js';
import { REP3, REP4, type Scheme } from '../../src/core/scheme.js';
import { BenchCluster } from '../nodes/bench-cluster.js';
import { exampleQuery, WEIGHT } from '../product/queries.js';
import { PROTOCOL_BENCHES } from '../protocols/catalogue.js';
import type { ProtocolBench } from '../protocols/protocol-bench.js';
import { measureOn } from '../protocols/run-protocol.js';
import type { Measured } from '../result/measured.js';
import { ciTable, differences } from './compare.js';
import { FOUR_NODES_PINS, PINNED_ITEMS, PINS } from './pins.js';

const SIZE = { n: PINNED_ITEMS, runs: 1, warmUpMs: 0 };

async function run(): Promise<number> {
  const three = [...(await protocols(REP3, PROTOCOL_BENCHES)), await query()];
  const ofFour = PROTOCOL_BENCHES.filter(({ name }) => FOUR_NODES_PINS[name] !== undefined);
  const four = await protocols(REP4, ofFour);
  process.stdout.write(`${ciTable(three)}\n\nfour nodes\n${ciTable(four)}\n`);
  const wrong = [...differences(three, PINS), ...differences(four, FOUR_NODES_PINS)];
  for (const difference of wrong) process.stderr.write(`error: ${difference}\n`);
  return wrong.length === 0 ? 0 : 1;
}

async function protocols(scheme: Scheme, benches: readonly ProtocolBench[]): Promise<Measured[]> {
  const cluster = await BenchCluster.start({ scheme, links: {}, plain: false });
  try {
    const all: Measured[] = [];
    for (const bench of benches) all.push(await measureOn(cluster, bench, SIZE));
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
