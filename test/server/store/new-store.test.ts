/** A store is made once; a node never begins with an empty one in place of a lost one. */
import { randomBytes } from 'node:crypto';
import fs, { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  beginEmptyStore,
  createStore,
  ensureStoreToRebuild,
  type NewStoreOptions,
} from '../../../src/server/store/new-store.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import type { VaultSecret } from '../../../src/server/store/vault.js';
import { parseSchema } from '../../../src/share/schema.js';
import { FaultyDisk } from './faulty-disk.js';
import { Crash, thrownBy } from './simulated-disk.js';

const secret: VaultSecret = { kind: 'key', key: randomBytes(32) };
const VERSION = '1'.repeat(32);
// What is durable is tested elsewhere; waiting for the real disk would only take time.
const realSync = fs.fsyncSync;
beforeAll(() => {
  fs.fsyncSync = () => undefined;
});
afterAll(() => {
  fs.fsyncSync = realSync;
});

const EMPTY = { tables: [], visible: [], givenUp: [] };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warifu-new-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function withStore<T>(use: (store: NodeStore) => Promise<T>, where = directory): Promise<T> {
  const store = await NodeStore.open({ directory: where, secret, parts: [0, 1] });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

const isRebuilding = (where = directory): Promise<boolean> =>
  withStore((store) => store.catalogue.isRebuilding(), where);

it('a directory without one is not opened, and nothing is made in it', async () => {
  for (let n = 0; n < 2; n++) {
    const error = await thrownBy(withStore(async () => undefined));
    expect(error).toMatchObject({ code: 'STORE_MISSING' });
    expect(String(error)).toMatch(/'warifu node recover'.*'warifu node run --new-store'/);
  }
  await createStore({ directory, secret });
  expect(await isRebuilding()).toBe(false);
});

it('one that is there is never made again', async () => {
  await createStore({ directory, secret });
  expect(await thrownBy(createStore({ directory, secret }))).toMatchObject({ code: 'STORE_EXISTS' });
  expect(await thrownBy(beginEmptyStore({ directory, secret }))).toMatchObject({ code: 'STORE_EXISTS' });
  await ensureStoreToRebuild({ directory, secret });
  expect(await isRebuilding()).toBe(false);
});

it('a catalogue that is lost is not replaced by an empty one, whether its key is here or not', async () => {
  await createStore({ directory, secret });
  rmSync(join(directory, 'catalogue.db'));
  expect(await thrownBy(isRebuilding())).toMatchObject({ code: 'STORE_MISSING' });
  rmSync(join(directory, 'key.json'));
  expect(await thrownBy(isRebuilding())).toMatchObject({ code: 'STORE_MISSING' });
  await beginEmptyStore({ directory, secret });
  expect(await isRebuilding()).toBe(false);
});

it('a recovery that has fetched nothing can be given up for an empty store; one that has, not', async () => {
  await ensureStoreToRebuild({ directory, secret });
  expect(await isRebuilding()).toBe(true);
  await beginEmptyStore({ directory, secret });
  expect(await isRebuilding()).toBe(false);
  const schema = parseSchema({
    warifu_schema: 1,
    missing: [''],
    columns: [{ name: 'age', type: 'integer', min: '0', max: '120', nullable: false }],
  });
  const slice = { table: 't', slice: 's', version: VERSION, contributor: 'u', schema };
  await withStore(async ({ catalogue }) => {
    await catalogue.beginRebuild();
    await catalogue.stage({ ...slice, rows: 20, chunkRows: 10, replace: false });
  });
  expect(await thrownBy(beginEmptyStore({ directory, secret }))).toMatchObject({ code: 'STORE_EXISTS' });
  await withStore(({ catalogue }) => catalogue.finishRebuild(EMPTY));
});

it.each([
  ['made', createStore, false],
  ['made to be rebuilt', ensureStoreToRebuild, true],
] as const)(
  '%s: a crash at any operation leaves none, or all of it; again, it is made',
  async (_what, make, rebuilding) => {
    let [k, finished] = [0, false];
    for (; !finished; k++) {
      const where = join(directory, String(k));
      mkdirSync(where);
      const disk = new FaultyDisk();
      disk.crashAt = k;
      const options: NewStoreOptions = { directory: where, secret };
      const error = await thrownBy(make({ ...options, disk }));
      finished = error === undefined;
      expect(finished || error instanceof Crash).toBe(true);
      // What a node that starts now would find: never an empty store without the mark.
      const found = await isRebuilding(where).catch((thrown: { code: string }) => thrown.code);
      expect(['STORE_MISSING', rebuilding]).toContain(found);
      await make(options).catch((thrown: { code: string }) => expect(thrown.code).toBe('STORE_EXISTS'));
      expect(await isRebuilding(where)).toBe(rebuilding);
    }
    expect(k).toBeGreaterThan(8);
  },
);
