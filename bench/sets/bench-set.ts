/** Several benches by one name: a line of JSON for each, or a table in Markdown. */
import { WarifuError } from '../../src/core/errors.js';
import type { Output } from '../output.js';
import { markdownTable } from '../result/markdown.js';
import type { Figures } from '../result/measured.js';
import { figuresFromOwnProcess, type SetOptions } from './in-own-process.js';

export interface BenchSet {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** What is run, in order; n undefined for the bench's own. Errors: USAGE for a size that it cannot have. */
  readonly members: (largest: number | undefined) => readonly Member[];
}

interface Member {
  readonly name: string;
  readonly n?: number;
  /** Whether it can be given a latency and a bandwidth. */
  readonly hasNetwork: boolean;
}

export interface SetRun extends SetOptions {
  readonly n?: number;
  readonly json?: boolean;
}

/**
 * Runs all, whatever becomes of one of them.
 *
 * @throws WarifuError INTERNAL at the end where some failed.
 */
export async function runSet(set: BenchSet, options: SetRun, { print, tell }: Output): Promise<void> {
  const done: Figures[] = [];
  const failed: string[] = [];
  for (const { name, n, hasNetwork } of set.members(options.n)) {
    tell(n === undefined ? `== ${name}` : `== ${name}, ${n.toLocaleString('en')} items`);
    try {
      const figures = await figuresFromOwnProcess(name, hasNetwork ? options : { runs: options.runs }, n);
      done.push(figures);
      // the table comes at the end, and would be lost with it
      (options.json === true ? print : tell)(JSON.stringify(figures));
    } catch (thrown) {
      if (!(thrown instanceof WarifuError)) throw thrown;
      failed.push(name);
    }
  }
  if (options.json !== true) print(markdownTable(done));
  if (failed.length > 0) throw new WarifuError('INTERNAL', `these failed: ${failed.join(', ')}`);
}
