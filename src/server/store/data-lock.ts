/**
 * One process per data directory: a lock file that names its owner so that a dead one can be told from a live.
 *
 * The owner is a process id together with the process's start time, the boot and the process-id space in which
 * both mean something. A lock is taken over only when its owner is proved dead: same boot and id space, and no
 * process of that id and start time. Where that cannot be proved (another machine, another container, no /proc)
 * the directory stays locked and the message says what to remove.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { WarifuError } from '../../core/errors.js';

const LOCK_FILE = 'node.lock';

const ownerJson = z.object({
  warifu_lock: z.literal(1),
  pid: z.int().min(1),
  /** Clock ticks since boot; empty where the system does not tell. */
  started: z.string(),
  boot: z.string(),
  space: z.string(),
  host: z.string(),
});
type Owner = z.infer<typeof ownerJson>;

export interface DataLock {
  /** Whether a dead owner's lock was found: its process ended without closing. */
  readonly tookOver: boolean;
  release(): void;
}

/**
 * Takes the lock of a data directory.
 *
 * @throws WarifuError STORE_LOCKED naming the process that holds it.
 */
export function lockDirectory(directory: string): DataLock {
  const path = join(directory, LOCK_FILE);
  const mine = `${JSON.stringify(thisProcess())}\n`;
  let tookOver = false;
  // A second round only after a dead owner's file was moved away.
  while (!created(path, mine)) {
    const text = readIfThere(path);
    if (text === undefined) continue;
    if (!isDead(text)) throw locked(path, text);
    moveAway(path, text);
    tookOver = true;
  }
  return {
    tookOver,
    release: () => {
      if (readIfThere(path) === mine) unlinkSync(path);
    },
  };
}

/** Creates the file with its contents in one step; false when there is one. */
function created(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(temporary, path);
    return true;
  } catch (thrown) {
    if (errno(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    unlinkSync(temporary);
  }
}

/** Moves a dead owner's lock away, unless another process was faster and the file is now that one's. */
function moveAway(path: string, dead: string): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return;
    throw thrown;
  }
  const moved = readFileSync(aside, 'utf8');
  if (moved !== dead) linkSync(aside, path);
  unlinkSync(aside);
  if (moved !== dead) throw locked(path, moved);
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerJson.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isDead(text: string): boolean {
  const owner = parseOwner(text);
  const here = thisProcess();
  if (owner === undefined || owner.host !== here.host) return false;
  // The same machine after a restart: no process of the earlier boot is alive.
  if (owner.boot !== here.boot) return owner.boot !== '' && here.boot !== '';
  if (owner.space !== here.space) return false;
  const started = startTime(owner.pid);
  if (started !== undefined) return started !== owner.started;
  return !exists(owner.pid);
}

/** Signal 0 asks whether a process exists, with or without the right to signal it. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errno(thrown) !== 'ESRCH';
  }
}

function thisProcess(): Owner {
  return {
    warifu_lock: 1,
    pid: process.pid,
    started: startTime(process.pid) ?? '',
    boot: readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    space: idSpace(),
    host: hostname(),
  };
}

/** Field 22 of /proc/PID/stat; the command name before it may hold spaces and parentheses. */
function startTime(pid: number): string | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A process that ended and was not yet collected by its parent is no owner.
  return fields[0] === 'Z' ? 'ended' : fields[19];
}

function idSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT' || errno(thrown) === 'ESRCH') return undefined;
    throw thrown;
  }
}

function errno(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

function locked(path: string, text: string): WarifuError {
  const owner = parseOwner(text);
  const who = owner === undefined ? 'an unknown process' : `process ${owner.pid} on ${owner.host}`;
  return new WarifuError(
    'STORE_LOCKED',
    `the node's directory is in use by ${who}: stop that node first; if it surely is not running, remove '${path}'`,
    owner === undefined ? { file: path } : { file: path, pid: owner.pid, host: owner.host },
  );
}
