/** From the options of the command line to a request that the bench can run. */

import type { LinkOptions } from '../src/cli/link-options.js';
import { WarifuError } from '../src/core/errors.js';
import type { Bench, BenchRequest } from './bench.js';

export interface BenchOptions extends LinkOptions {
  readonly n?: number;
  readonly nodes: 3 | 4;
  readonly runs: number;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** @throws WarifuError USAGE for a name that is none, with those that are. */
export function benchNamed<B extends { readonly name: string }>(name: string, benches: readonly B[]): B {
  const found = benches.find((bench) => bench.name === name);
  if (found !== undefined) return found;
  const names = benches.map((bench) => bench.name).join(', ');
  throw new WarifuError('USAGE', `there is no bench '${name}'; there are: ${names}`);
}

/** @throws WarifuError USAGE for an option that says nothing to this bench. */
export function requestOf(bench: Bench, options: BenchOptions, tell: BenchRequest['tell']): BenchRequest {
  const { latency, bandwidth, runs, nodes, plain = false } = options;
  if (options.n !== undefined && bench.items === undefined) {
    throw new WarifuError('USAGE', `the size of '${bench.name}' is fixed: leave --n away`);
  }
  const { least = 1 } = bench;
  const n = options.n ?? bench.items ?? 1;
  if (n < least) throw new WarifuError('USAGE', `'${bench.name}' needs --n ${least} or more`);
  if (bench.nodes === 'none' && (latency !== undefined || bandwidth !== undefined)) {
    throw new WarifuError('USAGE', `'${bench.name}' has no network: leave --latency and --bandwidth away`);
  }
  if (bench.nodes !== 'bench' && plain) {
    throw new WarifuError(
      'USAGE',
      `--plain is for the benches of protocols: nodes that people run always encrypt, and '${bench.name}' runs ${bench.nodes === 'none' ? 'no nodes' : 'such nodes'}`,
    );
  }
  if (bench.nodes === 'none' && nodes === 4) {
    throw new WarifuError('USAGE', `'${bench.name}' has no nodes: leave --nodes away`);
  }
  return { n, runs, plain, links: options, nodes, tell };
}
