import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../../src/server/store/data-lock.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warifu-lock-'));
  path = join(directory, 'node.lock');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The lock that this process would write, changed. */
function ownerText(changes: Record<string, unknown>): string {
  const lock = lockDirectory(directory);
  const mine = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  lock.release();
  return JSON.stringify({ ...mine, ...changes });
}

function deadProcessId(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('lockDirectory', () => {
  it('lets one owner in at a time and leaves nothing behind', () => {
    const lock = lockDirectory(directory);
    expect(lock.tookOver).toBe(false);
    expect(() => lockDirectory(directory)).toThrow(
      expect.objectContaining({
        code: 'STORE_LOCKED',
        details: expect.objectContaining({ pid: process.pid }),
      }),
    );
    lock.release();
    lock.release();
    expect(readdirSync(directory)).toEqual([]);
    lockDirectory(directory).release();
  });

  it('takes over from a process that is proved dead', () => {
    const dead: Record<string, unknown>[] = [
      { pid: deadProcessId() },
      // The id lives, but it is another process now.
      { started: '1' },
      { boot: 'an earlier boot', started: '1' },
    ];
    for (const changes of dead) {
      writeFileSync(path, ownerText(changes));
      const lock = lockDirectory(directory);
      expect(lock.tookOver).toBe(true);
      lock.release();
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  it('stays out where death is not proved, and says what to remove', () => {
    const unproved = [
      ownerText({ host: 'another machine', pid: deadProcessId() }),
      ownerText({ space: 'pid:[1]', pid: deadProcessId() }),
      ownerText({ pid: process.ppid, started: undefined }),
      '',
      '{"warifu_lock":2}',
    ];
    for (const text of unproved) {
      writeFileSync(path, text);
      expect(() => lockDirectory(directory)).toThrow(
        expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(path) }),
      );
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
    rmSync(path);
    lockDirectory(directory).release();
  });

  it('does not remove a lock that is another process’s by now', () => {
    const lock = lockDirectory(directory);
    const other = 'another process';
    writeFileSync(path, other);
    lock.release();
    expect(existsSync(path)).toBe(true);
  });
});
