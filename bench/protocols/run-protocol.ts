/** A protocol bench on real node processes: runs to warm up, the timed runs, and a check of the result. */
import { WarifuError } from '../../src/core/errors.js';
import { BenchCluster, type ClusterOptions, type RunFigures } from '../nodes/bench-cluster.js';
import type { Measured } from '../result/measured.js';
import { warmUp } from '../support/warm-up.js';
import { costFault, dryCosts, type ProtocolBench } from './protocol-bench.js';
import { verify } from './verify.js';

export interface ProtocolRuns extends ClusterOptions {
  readonly n: number;
  readonly runs: number;
}

/** @throws WarifuError for a wrong result, or a cost that is not the dry run's. */
export async function runProtocol(bench: ProtocolBench, options: ProtocolRuns): Promise<Measured> {
  const cluster = await BenchCluster.start(options);
  try {
    return await measureOn(cluster, bench, options);
  } finally {
    await cluster.stop();
  }
}

/** The same on a cluster that is up. */
export async function measureOn(
  cluster: BenchCluster,
  bench: ProtocolBench,
  { n, runs, warmUpMs }: Pick<ProtocolRuns, 'n' | 'runs'> & { readonly warmUpMs?: number },
): Promise<Measured> {
  const dry = await dryCosts(bench, n, cluster.scheme);
  await cluster.prepare(bench.name, n);
  await warmUp(() => cluster.run(), 1, warmUpMs);
  const timed: RunFigures[] = [];
  for (let i = 0; i < runs; i++) timed.push(await cluster.run());
  const largestError = verify(await cluster.result(), bench.expected(n));
  for (const { cost } of timed) {
    const fault = costFault(bench.name, cost, dry);
    if (fault !== undefined) throw new WarifuError('INTERNAL', fault);
  }
  // what depends on coins is told of the last run
  const { rounds, bytes } = timed.at(-1)?.cost ?? dry.expected;
  return {
    name: bench.name,
    n,
    seconds: timed.map(({ seconds }) => seconds / bench.repeat),
    cpuSeconds: timed.map(({ cpuSeconds }) => cpuSeconds / bench.repeat),
    rounds: rounds / bench.repeat,
    bytes: bytes.map((sent) => sent / bench.repeat),
    peakRssMb: timed.at(-1)?.peakRssMb ?? [],
    ...(largestError === undefined ? {} : { largestError }),
  };
}
