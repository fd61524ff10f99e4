import { createHash, randomBytes } from 'node:crypto';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WarifuError } from '../../../src/core/errors.js';
import { FileAuditLog } from '../../../src/server/audit/audit-log.js';
import type { Section } from '../../../src/server/store/chunk-file.js';
import type { Disk } from '../../../src/server/store/disk.js';
import { createStore } from '../../../src/server/store/new-store.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import type { VaultSecret } from '../../../src/server/store/vault.js';
import { parseSchema } from '../../../src/share/schema.js';
import { FaultyDisk } from './faulty-disk.js';
import { Crash, thrownBy } from './simulated-disk.js';

const schema = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: 'age', type: 'integer', min: '0', max: '120', nullable: false }],
});
const secret: VaultSecret = { kind: 'key', key: randomBytes(32) };
const id = (): string => randomBytes(16).toString('hex');
const [V1, V2] = ['1'.repeat(32), '2'.repeat(32)];
const COLUMN = { column: 0, kind: 'values' } as const;
const manifest = randomBytes(64);

// What is durable is tested elsewhere; waiting for the real disk would only take time.
const realSync = fs.fsyncSync;
beforeAll(() => {
  fs.fsyncSync = () => undefined;
});
afterAll(() => {
  fs.fsyncSync = realSync;
});

let directory: string;
let opened: NodeStore[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warifu-store-'));
  opened = [];
});
afterEach(() => {
  for (const store of opened) store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Opens the store, and makes it where there is none. */
async function open(disk: Disk = new FaultyDisk(), where = directory): Promise<NodeStore> {
  await createStore({ directory: where, secret, disk }).catch((thrown: WarifuError) => {
    if (thrown.code !== 'STORE_EXISTS') throw thrown;
  });
  const store = await NodeStore.open({ directory: where, secret, parts: [1, 2], disk });
  opened.push(store);
  return store;
}

/** What a crashed process's end does: the lock is free, nothing is flushed or tidied. */
function end(store: NodeStore): void {
  store.close();
  opened = opened.filter((other) => other !== store);
}

const payloadOf = (version: string, part: number, chunk: number): Uint8Array =>
  createHash('sha512').update(`${version} ${part} ${chunk}`).digest();

function sectionsOf(version: string, part: number, chunk: number): Section[] {
  return [{ ...COLUMN, salt: Buffer.alloc(32, chunk), payload: payloadOf(version, part, chunk) }];
}

async function stage(store: NodeStore, version: string, slice = 's'): Promise<void> {
  const upload = { table: 't', slice, version, contributor: 'u', schema, rows: 20, chunkRows: 10 };
  await store.catalogue.stage({ ...upload, replace: true });
}

async function putMissing(store: NodeStore, version: string): Promise<void> {
  for (const { part, chunk } of await store.missingChunks(version)) {
    await store.putChunk(version, { part, chunk }, sectionsOf(version, part, chunk));
  }
}

async function upload(store: NodeStore, version: string): Promise<void> {
  await stage(store, version);
  await putMissing(store, version);
  const attempt = version;
  await store.prepareUpload(attempt, version, manifest);
  await store.catalogue.commit(attempt);
}

async function visible(store: NodeStore): Promise<string[]> {
  return (await store.catalogue.visibleSlices('t')).map(({ version }) => version);
}

async function expectWhole(store: NodeStore, version: string): Promise<void> {
  for (const part of [1, 2] as const) {
    for (const chunk of [0, 1]) {
      const { payload } = await store.getChunk(version, { part, chunk }, COLUMN);
      expect(Buffer.from(payload).equals(payloadOf(version, part, chunk))).toBe(true);
    }
  }
}

describe('NodeStore', () => {
  it('takes an upload to visible, over restarts, with a new epoch each', async () => {
    const first = await open();
    expect(first.epoch).toBe(1);
    await stage(first, V1);
    await first.putChunk(V1, { part: 2, chunk: 1 }, sectionsOf(V1, 2, 1));
    end(first);
    const second = await open();
    expect(second.epoch).toBe(2);
    expect(second.recovery).toEqual({
      tookOver: false,
      temporaries: 0,
      orphans: [],
      discarded: 0,
      damaged: [],
    });
    expect(await second.missingChunks(V1)).toEqual([
      { part: 1, chunk: 0 },
      { part: 1, chunk: 1 },
      { part: 2, chunk: 0 },
    ]);
    await expect(second.prepareUpload(V1, V1, manifest)).rejects.toMatchObject({ code: 'SLICE_STATE' });
    await putMissing(second, V1);
    await second.prepareUpload(V1, V1, manifest);
    await expect(second.putChunk(V1, { part: 1, chunk: 0 }, sectionsOf(V1, 1, 0))).rejects.toMatchObject({
      code: 'SLICE_STATE',
    });
    await second.catalogue.commit(V1);
    end(second);
    const third = await open();
    expect(await visible(third)).toEqual([V1]);
    await expectWhole(third, V1);
  });

  it('refuses chunks of other parts, beyond the slice, and of unknown uploads', async () => {
    const store = await open();
    await stage(store, V1);
    await expect(store.putChunk(V1, { part: 0, chunk: 0 }, sectionsOf(V1, 0, 0))).rejects.toThrow(RangeError);
    await expect(store.putChunk(V1, { part: 1, chunk: 2 }, sectionsOf(V1, 1, 2))).rejects.toThrow(RangeError);
    await expect(store.putChunk(V2, { part: 1, chunk: 0 }, sectionsOf(V2, 1, 0))).rejects.toMatchObject({
      code: 'UNKNOWN_SLICE',
    });
    await expect(store.getChunk(V2, { part: 1, chunk: 0 }, COLUMN)).rejects.toMatchObject({
      code: 'UNKNOWN_SLICE',
    });
  });

  it('is open once, and with its own key only', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    end(store);
    const other: VaultSecret = { kind: 'key', key: randomBytes(32) };
    await expect(NodeStore.open({ directory, secret: other, parts: [1, 2] })).rejects.toMatchObject({
      code: 'STORE_KEY',
    });
    await expect(NodeStore.open({ directory, secret: 'ephemeral', parts: [1, 2] })).rejects.toMatchObject({
      code: 'STORE_KEY',
    });
    await open();
  });

  it('rather stops than go on without its key or its catalogue', async () => {
    const store = await open();
    await upload(store, V1);
    end(store);
    for (const name of ['key.json', 'catalogue.db']) {
      const path = join(directory, name);
      const kept = readFileSync(path);
      rmSync(path);
      await expect(open()).rejects.toMatchObject({ code: 'STORE_DAMAGED', details: { file: name } });
      writeFileSync(path, kept);
    }
    await expectWhole(await open(), V1);
  });

  it('keeps nothing of an ephemeral node that could be read again', async () => {
    const store = await NodeStore.open({ directory, secret: 'ephemeral', parts: [1, 2] });
    await upload(store, V1);
    await expectWhole(store, V1);
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.chunk'))).toHaveLength(4);
    expect(names.filter((name) => /key|catalogue/.test(name))).toEqual([]);
    store.close();
    const again = await NodeStore.open({ directory, secret: 'ephemeral', parts: [1, 2] });
    expect(again.recovery.orphans).toEqual([V1]);
    again.close();
    expect(readdirSync(join(directory, 'chunks'))).toEqual([]);
  });
});

describe('recovery', () => {
  it('sweeps away what a crash left and reports what is damaged', async () => {
    const store = await open();
    await upload(store, V1);
    await stage(store, V2, 'other');
    await putMissing(store, V2);
    end(store);
    const chunks = join(directory, 'chunks');
    mkdirSync(join(chunks, 'f'.repeat(32)));
    writeFileSync(join(chunks, 'f'.repeat(32), 'p1-0.chunk'), 'orphan');
    writeFileSync(join(chunks, V1, `p1-0.chunk.${'0'.repeat(16)}.tmp`), 'half');
    writeFileSync(join(directory, `key.json.${'0'.repeat(16)}.tmp`), 'half');
    truncateSync(join(chunks, V1, 'p2-1.chunk'), 50);
    rmSync(join(chunks, V1, 'p1-1.chunk'));
    truncateSync(join(chunks, V2, 'p1-1.chunk'), 50);
    const again = await open();
    const place = { table: 't', slice: 's', version: V1 };
    expect(again.recovery).toEqual({
      tookOver: false,
      temporaries: 2,
      orphans: ['f'.repeat(32)],
      discarded: 1,
      damaged: [
        { ...place, part: 1, chunk: 1 },
        { ...place, part: 2, chunk: 1 },
      ],
    });
    await expect(again.getChunk(V1, { part: 2, chunk: 1 }, COLUMN)).rejects.toMatchObject({
      code: 'CHUNK_DAMAGED',
    });
    await again.getChunk(V1, { part: 2, chunk: 0 }, COLUMN);
    expect(await again.missingChunks(V2)).toEqual([{ part: 1, chunk: 1 }]);
    end(again);
    expect((await open()).recovery).toMatchObject({ temporaries: 0, orphans: [], discarded: 0 });
  });
});

describe('garbage', () => {
  it('is what was dropped or abandoned, when no reader holds it', async () => {
    const store = await open();
    await upload(store, V1);
    const release = store.hold([V1]);
    await upload(store, V2);
    expect(await store.collectGarbage(0)).toEqual([]);
    await expectWhole(store, V1);
    release();
    release();
    expect(await store.collectGarbage(0)).toEqual([V1]);
    expect(await store.collectGarbage(0)).toEqual([]);
    expect(readdirSync(join(directory, 'chunks'))).toEqual([V2]);
    await expectWhole(store, V2);
    await expect(store.getChunk(V1, { part: 1, chunk: 0 }, COLUMN)).rejects.toMatchObject({
      code: 'UNKNOWN_SLICE',
    });
  });

  it('spares an upload at which something happened since, and prepared ones always', async () => {
    const store = await open();
    const [busy, idle, prepared] = [id(), id(), id()];
    for (const version of [busy, idle, prepared]) {
      await stage(store, version, version);
      await putMissing(store, version);
    }
    await store.prepareUpload(id(), prepared, manifest);
    const later = Date.now() + 3_600_000;
    utimesSync(join(directory, 'chunks', busy), later / 1000 + 10, later / 1000 + 10);
    expect(await store.collectGarbage(later)).toEqual([idle]);
    expect(await store.missingChunks(busy)).toEqual([]);
    await expect(stage(store, idle, idle)).rejects.toMatchObject({ code: 'SLICE_EXISTS' });
  });

  it('is what a user has begun and left behind, beyond a number', async () => {
    const store = await open();
    const versions = [id(), id(), id(), id()];
    const [first, second, third, prepared] = versions as [string, string, string, string];
    for (const version of versions) {
      await stage(store, version, version);
      await putMissing(store, version);
    }
    await store.prepareUpload(id(), prepared, manifest);
    const later = Date.now() / 1000 + 3_600;
    utimesSync(join(directory, 'chunks', first), later, later);
    const { contributor } = (await store.catalogue.version(first)) as { contributor: string };
    await store.limitStaged('somebody else', 0);
    await store.limitStaged(contributor, 3);
    expect(await store.collectGarbage(0)).toEqual([]);
    utimesSync(join(directory, 'chunks', third), later - 60, later - 60);
    await store.limitStaged(contributor, 2);
    expect(await store.collectGarbage(0)).toEqual([second]);
    await store.limitStaged(contributor, 0);
    expect((await store.collectGarbage(0)).toSorted()).toEqual([first, third].toSorted());
    await expectWhole(store, prepared);
  });
});

describe('a crash at every operation', () => {
  /** Opens, uploads V1, replaces it by V2 and collects V1; the promise's failure is the crash. */
  async function life(where: string, disk: FaultyDisk): Promise<{ error: unknown; last: string }> {
    let last = 'nothing';
    let store: NodeStore | undefined;
    const error = await thrownBy(
      (async () => {
        store = await open(disk, where);
        for (const version of [V1, V2]) {
          await upload(store, version);
          last = version;
        }
        await store.collectGarbage(0);
      })(),
    );
    if (store !== undefined) end(store);
    return { error, last };
  }

  it('leaves the last committed state, and the same work then succeeds', async () => {
    let finished = false;
    let k = 0;
    for (; !finished; k++) {
      const where = join(directory, String(k));
      mkdirSync(where);
      const disk = new FaultyDisk();
      disk.crashAt = k;
      const { error, last } = await life(where, disk);
      finished = error === undefined;
      expect(finished || error instanceof Crash).toBe(true);
      const store = await open(new FaultyDisk(), where);
      expect(await visible(store)).toEqual(last === 'nothing' ? [] : [last]);
      expect(store.recovery.damaged).toEqual([]);
      for (const version of await visible(store)) await expectWhole(store, version);
      await continueLife(store, last);
      expect(await visible(store)).toEqual([V2]);
      await expectWhole(store, V2);
      expect(readdirSync(join(where, 'chunks'))).toEqual([V2]);
      end(store);
    }
    expect(k).toBeGreaterThan(60);
  });

  async function continueLife(store: NodeStore, last: string): Promise<void> {
    if (last === 'nothing') await upload(store, V1);
    if (last !== V2) await upload(store, V2);
    await store.collectGarbage(0);
  }

  it('or a disk that is full at it, leaves a store that goes on at once', async () => {
    let finished = false;
    for (let k = 0; !finished; k += 3) {
      const where = join(directory, String(k));
      mkdirSync(where);
      const store = await open(undefined, where);
      end(store);
      const disk = new FaultyDisk();
      disk.fullAt = k;
      const { error, last } = await life(where, disk);
      finished = error === undefined;
      expect(finished ? { code: 'STORE_FULL' } : error).toMatchObject({ code: 'STORE_FULL' });
      const again = await open(new FaultyDisk(), where);
      await continueLife(again, last);
      await expectWhole(again, V2);
      end(again);
    }
  });
});

it('writes no share, salt or key anywhere in clear, nor into the audit log or an error', async () => {
  const canary = Buffer.from('CANARY-share-of-a-patient-0123456789-0123456789-0123456789');
  const salt = Buffer.alloc(32, 'CANARYsalt');
  const store = await open();
  const audit = await FileAuditLog.open(new FaultyDisk(), join(directory, 'audit.log'));
  await stage(store, V1);
  const sections: Section[] = [{ ...COLUMN, salt, payload: canary }];
  await store.putChunk(V1, { part: 1, chunk: 0 }, sections);
  const other: Section[] = [{ ...COLUMN, salt, payload: canary.subarray(1) }];
  const error = await thrownBy(store.putChunk(V1, { part: 1, chunk: 0 }, other));
  expect(error).toMatchObject({ code: 'CHUNK_DIFFERS' });
  await audit.append({
    kind: 'upload-refused',
    user: 'u',
    table: 't',
    slice: 's',
    version: V1,
    code: 'CHUNK_DIFFERS',
  });
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const contents = names
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  const everything = Buffer.concat([...contents, Buffer.from(JSON.stringify(error))]);
  expect(everything.length).toBeGreaterThan(20_000);
  for (const form of ['latin1', 'hex', 'base64'] as const) {
    for (const bytes of [canary, salt, Buffer.from((secret as { key: Uint8Array }).key)]) {
      expect(everything.includes(bytes.subarray(0, 12).toString(form).slice(0, 15), 0, 'latin1')).toBe(false);
    }
  }
});
