import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeRunDirectory,
  removeRunDirectory,
  sweepRunDirectories,
} from '../../src/cli/local-cluster/run-directory.js';
import { temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const before = process.env['TMPDIR'];
beforeEach(() => {
  process.env['TMPDIR'] = root;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
});

const NOW = 2_000_000_000_000;
/** What a killed run leaves; the lock is that of a process that has ended. */
function leftover(name: string, lock: string | undefined): string {
  const path = join(root, name);
  mkdirSync(path, { mode: 0o700 });
  if (lock !== undefined) writeFileSync(join(path, 'node.lock'), lock);
  return path;
}

describe('the directory of a local cluster', () => {
  it('is for its owner alone, and goes with what it holds', async () => {
    const directory = makeRunDirectory();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    mkdirSync(join(directory, 'node-a'));
    writeFileSync(join(directory, 'node-a', 'x'), 'x');
    await removeRunDirectory(directory);
    expect(existsSync(directory)).toBe(false);
    await removeRunDirectory(directory);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is swept up when its process is dead, and only then', () => {
    const mine = makeRunDirectory();
    const lock = readFileSync(join(mine, 'node.lock'), 'utf8');
    // the same process id with another start time: its process has ended
    const dead = leftover('warifu-local-dead', lock.replace(/"started":"\d+"/, '"started":"1"'));
    const elsewhere = leftover(
      'warifu-local-elsewhere',
      lock.replace(/"host":"[^"]*"/, '"host":"elsewhere"'),
    );
    const other = leftover('warifu-other', lock.replace(/"started":"\d+"/, '"started":"1"'));
    const young = leftover('warifu-local-young', undefined);
    utimesSync(young, new Date(NOW), new Date(NOW - 1000));
    const old = leftover('warifu-local-old', undefined);
    utimesSync(old, new Date(NOW), new Date(NOW - 61_000));
    sweepRunDirectories(NOW);
    expect([mine, elsewhere, other, young].map((path) => existsSync(path))).toEqual([true, true, true, true]);
    expect([dead, old].map((path) => existsSync(path))).toEqual([false, false]);
    for (const path of [mine, elsewhere, other, young]) rmSync(path, { recursive: true });
  });
});
