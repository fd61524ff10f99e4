/** `--latency` and `--bandwidth`: links between nodes as slow as those of a wide-area network, to rehearse one. */
import { type Command, InvalidArgumentError } from 'commander';
import type { LinkShape } from '../server/node-options.js';

export interface LinkOptions {
  /** Round trip in milliseconds. */
  readonly latency?: number;
  /** Megabits a second, of each direction of each link. */
  readonly bandwidth?: number;
}

const MAX_LATENCY_MS = 10_000;
/** Slower than this one frame takes longer than a link may be silent. */
const MIN_MEGABITS = 1;
const MAX_MEGABITS = 1_000_000;

/** Adds both options to a command. */
export function withLinkOptions(command: Command): Command {
  return command
    .option(
      '--latency <ms>',
      'rehearse a wide-area network: links with this round trip, in milliseconds',
      parseLatency,
    )
    .option('--bandwidth <mbps>', 'the same: links of so many megabits a second, each way', parseBandwidth);
}

/** Undefined where neither option was given. */
export function linkShape({ latency, bandwidth }: LinkOptions): LinkShape | undefined {
  if (latency === undefined && bandwidth === undefined) return undefined;
  return { latencyMs: latency ?? 0, bitsPerSecond: bandwidth === undefined ? undefined : bandwidth * 1e6 };
}

function parseLatency(text: string): number {
  return positive(text, 0, MAX_LATENCY_MS, 'milliseconds');
}

function parseBandwidth(text: string): number {
  return positive(text, MIN_MEGABITS, MAX_MEGABITS, 'megabits a second');
}

function positive(text: string, least: number, most: number, unit: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value < least || value > most) {
    const from = least === 0 ? 'above 0, up to' : `from ${least} to`;
    throw new InvalidArgumentError(`It must be a number of ${unit} ${from} ${most}.`);
  }
  return value;
}
