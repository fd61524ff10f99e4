/** The bench command: `npm run bench -- NAME`. */
import { Command } from 'commander';
import { withExamples } from '../src/cli/examples.js';
import { withLinkOptions } from '../src/cli/link-options.js';
import { BENCHES } from './catalogue.js';
import { parseItems, parseNodes, parseRuns } from './options.js';
import { type BenchOptions, benchNamed, requestOf } from './request.js';
import { figuresOf } from './result/measured.js';
import { showMeasured } from './result/show.js';

const DEFAULT_RUNS = 5;

/** Where the command writes: results and what people are told. */
export interface Output {
  readonly print: (text: string) => void;
  readonly tell: (text: string) => void;
}

interface ListOptions extends BenchOptions {
  readonly list?: boolean;
}

export function createProgram(output: Output): Command {
  const command = new Command('bench')
    .description('measure warifu on this machine; every result is checked')
    .argument('[name]', 'which bench; --list names them')
    .option('--list', 'name all benches')
    .option('--n <items>', 'number of items, such as 1000, 10k or 1M (default: as the list says)', parseItems)
    .option('--nodes <nodes>', 'number of nodes: 3', parseNodes, 3)
    .option('--runs <runs>', 'timed runs, after one to warm up', parseRuns, DEFAULT_RUNS)
    .option('--plain', 'links without TLS, to see what it costs; on loopback and for protocols only')
    .option('--json', 'print one line of JSON on stdout')
    .action((name: string | undefined, options: ListOptions) => bench(output, command, name, options));
  return withExamples(
    withLinkOptions(command),
    'npm run --silent bench -- multiply',
    'npm run --silent bench -- less-than-64 --n 100k --latency 20 --bandwidth 100 --json',
    'npm run --silent bench -- --list',
  );
}

async function bench(
  { print, tell }: Output,
  command: Command,
  name: string | undefined,
  options: ListOptions,
): Promise<void> {
  if (options.list === true) {
    print(listed());
    return;
  }
  if (name === undefined) command.error("error: name a bench; 'npm run --silent bench -- --list' lists them");
  const chosen = benchNamed(name, BENCHES);
  const measured = await chosen.run(requestOf(chosen, options, tell));
  print(options.json === true ? JSON.stringify(figuresOf(measured)) : showMeasured(measured));
}

function listed(): string {
  const width = Math.max(...BENCHES.map(({ name }) => name.length));
  return BENCHES.map(({ name, about, items }) => {
    const size = items === undefined ? '' : ` (${items.toLocaleString('en')})`;
    return `${name.padEnd(width)}  ${about}${size}`;
  }).join('\n');
}
