/** Collects what event-loop-turns.ts measures in node processes. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WarifuError } from '../../src/core/errors.js';
import type { TurnReport } from './event-loop-turns.js';

const MODULE = fileURLToPath(new URL('./event-loop-turns.js', import.meta.url));
const WAIT_MS = 10_000;
const POLL_MS = 20;

/** The environment in which processes measure their turns and write them to `directory`. */
export function turnsEnvironment(directory: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${MODULE}`, WARIFU_BENCH_TURNS: directory };
}

/** The turns of these processes since they were last asked. */
export async function collectTurns(directory: string, pids: readonly number[]): Promise<TurnReport[]> {
  return await Promise.all(pids.map((pid) => collect(join(directory, `${pid}.json`), pid)));
}

async function collect(path: string, pid: number): Promise<TurnReport> {
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (const until = performance.now() + WAIT_MS; performance.now() < until; await sleep(POLL_MS)) {
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as TurnReport;
  }
  throw new WarifuError(
    'NO_PROGRESS',
    `process ${pid} has not told its turns within ${WAIT_MS / 1000} seconds`,
  );
}
