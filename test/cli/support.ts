/** Runs commands in this process, with a terminal that remembers; or the built program, as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { runCli } from '../../src/cli/run-cli.js';
import type { Environment, Terminal } from '../../src/cli/terminal.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nobody to ask, no colour, an empty home. */
export async function run(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const terminal: Terminal = {
    environment: { WARIFU_HOME: '/nonexistent', ...environment },
    signal: new AbortController().signal,
    interactive: false,
    width: 100,
    print: (text) => {
      stdout += text.endsWith('\n') ? text : `${text}\n`;
    },
    tell: (line) => {
      stderr += `${line}\n`;
    },
    style: (_format, text) => text,
    progress: () => undefined,
    askHidden: () => Promise.reject(new Error('nobody can be asked')),
  };
  const code = await runCli(args, terminal);
  return { code, stdout, stderr };
}

/** A directory that goes when the tests of the file have ended. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'warifu-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function writeFile(
  directory: string,
  name: string,
  content: string | Uint8Array,
  mode = 0o600,
): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode });
  return path;
}

const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** The built program as a process; it does not outlive the tests of the file. */
export function start(
  args: readonly string[],
  environment: Environment = {},
): { process: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dirname(ROOT),
    env: { ...process.env, NO_COLOR: '1', WARIFU_HOME: '/nonexistent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ code: code ?? (signal === null ? -1 : -2), stdout, stderr }),
    );
  });
  return { process: child, ended };
}

/** Looks every 50 ms, for a minute. */
export async function until(what: string, done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (done()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain until ${what}`);
}
