/** A process that uploads is killed at random moments; what it leaves must be the last committed state. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileAuditLog } from '../../../src/server/audit/audit-log.js';
import { nodeDisk } from '../../../src/server/store/disk.js';
import { createStore } from '../../../src/server/store/new-store.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { thrownBy } from './simulated-disk.js';

const KILLS = 15;
const CHILD = join(import.meta.dirname, 'crash-child.mjs');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warifu-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The lines that the child printed until it was killed, some milliseconds after it had printed `until`. */
async function killed(key: string, afterMs: number, until: string): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, directory, key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    const before = output;
    output += data.toString();
    if (output.includes(until) && !(before !== '' && before.includes(until)))
      setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  expect(signal, 'the child ended by itself: is dist/ built?').toBe('SIGKILL');
  return output.split('\n').filter((line) => line !== '');
}

it('leaves the last committed version, whole, and at most one undecided attempt', async () => {
  const key = randomBytes(32);
  await createStore({ directory, secret: { kind: 'key', key } });
  let committed = '';
  let logged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const lines = await killed(key.toString('hex'), randomInt(1, 60), kill === 0 ? 'visible ' : '');
    const said = lines.findLast((line) => line.startsWith('visible '))?.slice(8);
    const lastPrepared = lines.findLast((line) => line.startsWith('prepared '))?.slice(9);
    const store = await NodeStore.open({ directory, secret: { kind: 'key', key }, parts: [0, 1] });
    try {
      expect(store.recovery.tookOver).toBe(true);
      expect(store.recovery.damaged).toEqual([]);
      const visible = (await store.catalogue.visibleSlices('t')).map(({ version }) => version);
      const pending = await store.catalogue.pending();
      expect(pending.length).toBeLessThanOrEqual(1);
      // What was said last, or the one said to be prepared after it, whose commit was done and not yet said.
      const before = said ?? committed;
      expect(visible).toHaveLength(before === '' ? visible.length : 1);
      const mayBe = [before, lastPrepared ?? before];
      expect(visible.filter((version) => !mayBe.includes(version))).toEqual([]);
      for (const version of visible) await expectWhole(store, version);
      for (const { attempt } of pending) await store.catalogue.rollback(attempt);
      committed = visible[0] ?? '';
    } finally {
      store.close();
    }
    // Throws when the chain is broken; what the child saw appended must be there.
    const audit = await FileAuditLog.open(nodeDisk, join(directory, 'audit.log'));
    const appended = audit.head.seq - logged;
    expect(appended).toBeGreaterThanOrEqual(lines.filter((line) => line.startsWith('prepared ')).length);
    logged = audit.head.seq;
  }
  expect(committed).not.toBe('');
});

async function expectWhole(store: NodeStore, version: string): Promise<void> {
  for (const part of [0, 1] as const) {
    for (const chunk of [0, 1]) {
      const { payload } = await store.getChunk(version, { part, chunk }, { column: 0, kind: 'values' });
      const expected = createHash('sha512').update(`${version} ${part} ${chunk}`).digest();
      expect(Buffer.from(payload).equals(expected)).toBe(true);
    }
  }
  expect(await thrownBy(store.missingChunks(version))).toBeUndefined();
}
