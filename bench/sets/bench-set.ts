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
  /** What is run, in order; n undefined for the bench's own. */
  readonly members: (
    largest: number | undefined,
  ) => readonly { readonly name: string; readonly n?: number }[];
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
  for (const { name, n } of set.members(options.n)) {
    tell(n === undefined ? `== ${name}` : `== ${name}, ${n.toLocaleString('en')} items`);
    try {
      const figures = await figuresFromOwnProcess(name, options, n);
      done.push(figures);
      if (options.json === true) print(JSON.stringify(figures));
    } catch (thrown) {
      if (!(thrown instanceof WarifuError)) throw thrown;
      failed.push(name);
    }
  }
  if (options.json !== true) print(markdownTable(done));
  if (failed.length > 0) throw new WarifuError('INTERNAL', `these failed: ${failed.join(', ')}`);
}
