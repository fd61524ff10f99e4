/** The bench command: `npm run bench -- NAME`. */
import { Command } from 'commander';
import { withExamples } from '../src/cli/examples.js';
import { withLinkOptions } from '../src/cli/link-options.js';
import { WarifuError } from '../src/core/errors.js';
import { BENCHES } from './catalogue.js';
import { KERNELS_NAME, showKernels } from './in-process/kernels.js';
import { parseItems, parseNodes, parseRuns } from './options.js';
import type { Output } from './output.js';
import { type BenchOptions, benchNamed, requestOf } from './request.js';
import { figuresOf } from './result/measured.js';
import { showMeasured } from './result/show.js';
import { runSet } from './sets/bench-set.js';
import { SETS } from './sets/catalogue.js';

const DEFAULT_RUNS = 5;
const KERNELS = { name: KERNELS_NAME, about: 'the loops alone, in this process: a table, no JSON' };

interface ListOptions extends BenchOptions {
  readonly list?: boolean;
}

export function createProgram(output: Output): Command {
  const command = new Command('bench')
    .description('measure warifu on this machine; results are checked')
    .argument('[name]', 'which bench; --list names them')
    .option('--list', 'name all benches')
    .option('--n <items>', 'number of items, such as 1000, 10k or 1M (default: as the list says)', parseItems)
    .option('--nodes <nodes>', 'number of nodes: 3 or 4', parseNodes, 3)
    .option('--runs <runs>', 'timed runs, after five seconds of runs to warm up', parseRuns, DEFAULT_RUNS)
    .option('--plain', 'links without TLS, to see what it costs; on loopback and for protocols only')
    .option('--json', 'print one line of JSON a bench on stdout')
    .action((name: string | undefined, options: ListOptions) => bench(output, name, options));
  return withExamples(
    withLinkOptions(command),
    'npm run --silent bench -- multiply',
    'npm run --silent bench -- less-than-64 --n 100k --latency 20 --bandwidth 100 --json',
    'npm run --silent bench -- --list',
  );
}

async function bench(output: Output, name: string | undefined, options: ListOptions): Promise<void> {
  if (options.list === true) {
    output.print(listed());
    return;
  }
  if (name === undefined) {
    throw new WarifuError('USAGE', "name a bench; 'npm run --silent bench -- --list' lists them");
  }
  const set = SETS.find((one) => one.name === name);
  if (set !== undefined) {
    if (options.plain === true) throw new WarifuError('USAGE', `--plain is for one bench, not for '${name}'`);
    await runSet(set, options, output);
  } else if (name === KERNELS_NAME) await showKernels(options);
  else await runOne(output, name, options);
}

async function runOne({ print, tell }: Output, name: string, options: BenchOptions): Promise<void> {
  const chosen = BENCHES.find((one) => one.name === benchNamed(name, [...BENCHES, KERNELS, ...SETS]).name);
  if (chosen === undefined) throw new RangeError(`'${name}' is not run by itself`);
  const measured = await chosen.run(requestOf(chosen, options, tell));
  print(options.json === true ? JSON.stringify(figuresOf(measured)) : showMeasured(measured));
}

function listed(): string {
  const lines = [
    ...BENCHES.map(({ name, about, items }) => ({
      name,
      about: items === undefined ? about : `${about} (${items.toLocaleString('en')})`,
    })),
    KERNELS,
    ...SETS,
  ];
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, about }) => `${name.padEnd(width)}  ${about}`).join('\n');
}
