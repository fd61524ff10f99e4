/**
 * The temporary directory of one local cluster. Its nodes keep their keys in memory, so nothing in it can be read;
 * it is removed all the same: by the command, else by its nodes when they notice that the command is gone, else
 * by the next local cluster that starts.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDirectory } from '../../server/store/data-lock.js';

const PREFIX = 'warifu-local-';
/** A directory without a lock this young may be one that is just being made. */
const UNLOCKED_AGE_MS = 60_000;
const REMOVE_TRIES = 40;
const REMOVE_RETRY_MS = 50;

/** A new directory (mode 0700), locked for as long as this process lives. */
export function makeRunDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  lockDirectory(directory);
  return directory;
}

/** Removes it at once, as far as that is possible; for use when the process ends. */
export function removeNow(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // a node is still writing there; it removes the directory itself
  }
}

/** Removes it, also while other processes are about to stop writing there. */
export async function removeRunDirectory(directory: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    removeNow(directory);
    if (!existsSync(directory)) return;
    await sleep(REMOVE_RETRY_MS);
  }
}

/** Removes what killed runs of this user left behind. */
export function sweepRunDirectories(now: number): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    if (isLeftover(directory, now)) removeNow(directory);
  }
}

function isLeftover(directory: string, now: number): boolean {
  try {
    const found = lstatSync(directory);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    if (readdirSync(directory).length === 0 && now - found.mtimeMs < UNLOCKED_AGE_MS) return false;
    // succeeds only where the process that made the directory is proved dead
    lockDirectory(directory);
    return true;
  } catch {
    return false;
  }
}
