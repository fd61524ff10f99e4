/** Option values of the bench command, checked while the command line is read. */
import { InvalidArgumentError } from 'commander';

export const MAX_ITEMS = 100_000_000;
const MAX_RUNS = 1000;
const SUFFIXES: Readonly<Record<string, number>> = { '': 1, k: 1_000, M: 1_000_000 };

/** A count of items: digits, or digits and k or M. */
export function parseItems(text: string): number {
  const [, digits, suffix] = /^(\d{1,9})([kM]?)$/.exec(text) ?? [];
  const value = Number(digits) * (SUFFIXES[suffix ?? ''] ?? 1);
  if (digits === undefined || value < 1 || value > MAX_ITEMS) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 100M, such as 10000, 10k or 1M.');
  }
  return value;
}

/** A count of timed runs. */
export function parseRuns(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > MAX_RUNS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_RUNS}.`);
  }
  return value;
}

/** How many nodes a cluster has. */
export function parseNodes(text: string): 3 | 4 {
  if (text === '3') return 3;
  if (text === '4') return 4;
  throw new InvalidArgumentError('It must be 3 or 4.');
}
