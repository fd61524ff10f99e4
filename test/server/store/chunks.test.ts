import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ChunkPlace, Section } from '../../../src/server/store/chunk-file.js';
import { ChunkStore } from '../../../src/server/store/chunks.js';
import { Files } from '../../../src/server/store/files.js';
import { Vault } from '../../../src/server/store/vault.js';
import { Crash, SimulatedDisk, seeded, thrownBy } from './simulated-disk.js';

const ROOT = '/chunks';
const VERSION = 'ab'.repeat(16);
const PLACE: ChunkPlace = { table: '患者', slice: '東病院', version: VERSION, part: 1, chunk: 3 };
const FILE = `${ROOT}/${VERSION}/p1-3.chunk`;

function fresh(): { disk: SimulatedDisk; files: Files; chunks: ChunkStore; vault: Vault } {
  const disk = new SimulatedDisk(ROOT);
  const files = new Files(disk, ROOT);
  const vault = Vault.ephemeral();
  return { disk, files, vault, chunks: new ChunkStore(files, ROOT, vault) };
}

function sections(bytes = 24): Section[] {
  return [
    { column: 0, kind: 'values', salt: randomBytes(32), payload: randomBytes(bytes) },
    { column: 0, kind: 'validity', salt: randomBytes(32), payload: randomBytes(bytes >> 3) },
    { column: 7, kind: 'values', salt: randomBytes(32), payload: new Uint8Array() },
  ];
}

describe('ChunkStore', () => {
  it('gives back each section, aligned for typed arrays', async () => {
    const { chunks } = fresh();
    const stored = sections();
    expect(await chunks.put(PLACE, stored)).toBe(true);
    for (const section of stored) {
      const got = await chunks.get(PLACE, section);
      expect(Buffer.from(got.payload)).toEqual(Buffer.from(section.payload));
      expect(Buffer.from(got.salt)).toEqual(Buffer.from(section.salt));
      expect(got.payload.byteOffset % 8).toBe(0);
    }
    expect(await chunks.isWhole(PLACE)).toBe(true);
  });

  it('reads one column without touching the others', async () => {
    const { disk, chunks } = fresh();
    const [first, second, third] = sections(1 << 20) as [Section, Section, Section];
    await chunks.put(PLACE, [first, second, third]);
    let read = 0;
    const counting = new Proxy(disk, {
      get(target, name) {
        if (name !== 'openToRead') return Reflect.get(target, name).bind(target) as unknown;
        return async (path: string) => {
          const file = await target.openToRead(path);
          return {
            ...file,
            read: async (offset: number, length: number) => {
              const bytes = await file.read(offset, length);
              read += bytes.length;
              return bytes;
            },
          };
        };
      },
    });
    const reopened = new ChunkStore(new Files(counting, ROOT), ROOT, Vault.ephemeral());
    await expect(reopened.get(PLACE, second)).rejects.toMatchObject({ code: 'CHUNK_DAMAGED' });
    expect(read).toBeLessThan(200_000);
  });

  it('gives several sections in the order asked, large and small, and names the one that is not there', async () => {
    const { chunks } = fresh();
    const stored = [
      ...sections(1 << 17),
      ...sections(1 << 10).map((section, i) => ({ ...section, column: 8 + i })),
    ];
    await chunks.put(PLACE, stored);
    for (const wanted of [stored, stored.toReversed(), [stored[5], stored[0]] as Section[], []]) {
      const got = await chunks.getAll(PLACE, wanted);
      expect(got.map(({ column, kind }) => [column, kind])).toEqual(
        wanted.map(({ column, kind }) => [column, kind]),
      );
      expect(got.map(({ payload }) => Buffer.from(payload))).toEqual(
        wanted.map(({ payload }) => Buffer.from(payload)),
      );
    }
    await expect(
      chunks.getAll(PLACE, [
        { column: 0, kind: 'values' },
        { column: 3, kind: 'values' },
      ]),
    ).rejects.toMatchObject({ code: 'CHUNK_DAMAGED', details: { column: 3 } });
  });

  it('accepts the same contents again, in any order, and refuses others', async () => {
    const { chunks } = fresh();
    const stored = sections();
    await chunks.put(PLACE, stored);
    expect(await chunks.put(PLACE, stored.toReversed())).toBe(false);
    const [first, ...rest] = stored as [Section, ...Section[]];
    const others: Section[][] = [
      rest,
      [{ ...first, salt: randomBytes(32) }, ...rest],
      [{ ...first, payload: randomBytes(24) }, ...rest],
      [{ ...first, payload: first.payload.subarray(8) }, ...rest],
      [{ ...first, column: 2 }, ...rest],
    ];
    for (const other of others) {
      await expect(chunks.put(PLACE, other)).rejects.toMatchObject({
        code: 'CHUNK_DIFFERS',
        details: { table: '患者', slice: '東病院', part: 1, chunk: 3 },
      });
    }
    expect(Buffer.from((await chunks.get(PLACE, first)).payload)).toEqual(Buffer.from(first.payload));
  });

  it('stores one of two puts that race, and tells the other', async () => {
    const { chunks } = fresh();
    const same = sections();
    expect(await Promise.all([chunks.put(PLACE, same), chunks.put(PLACE, same)])).toEqual([true, false]);
    const place = { ...PLACE, chunk: 4 };
    const raced = await Promise.allSettled([chunks.put(place, sections()), chunks.put(place, sections())]);
    expect(raced.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('names the place of a chunk that was altered anywhere, and never its contents', async () => {
    const { disk, files, chunks } = fresh();
    const stored = sections();
    const [first] = stored as [Section];
    await chunks.put(PLACE, stored);
    const size = (await files.stat(FILE))?.size ?? 0;
    expect(size).toBe(12 + 3 * 7 + (24 + 60) + (3 + 60) + 60);
    for (let at = 0; at < size; at++) {
      disk.flip(FILE, at);
      const results = await Promise.allSettled(stored.map((section) => chunks.get(PLACE, section)));
      const failed = results.filter((result) => result.status === 'rejected');
      expect(failed.length, `byte ${at}`).toBeGreaterThan(0);
      for (const { reason } of failed) expect(['CHUNK_DAMAGED', 'STORE_FORMAT']).toContain(reason.code);
      disk.flip(FILE, at);
    }
    disk.flip(FILE, 40);
    const error = await thrownBy(chunks.get(PLACE, first));
    expect(error).toMatchObject({
      code: 'CHUNK_DAMAGED',
      details: {
        table: '患者',
        slice: '東病院',
        version: VERSION,
        column: 0,
        kind: 'values',
        part: 1,
        chunk: 3,
      },
    });
    expect(JSON.stringify(error)).not.toContain(Buffer.from(first.payload).toString('hex').slice(0, 8));
  });

  it('notices cut, lengthened, missing and swapped files', async () => {
    const { disk, files, chunks } = fresh();
    const stored = sections();
    const [first] = stored as [Section];
    await chunks.put(PLACE, stored);
    await chunks.put({ ...PLACE, part: 2 }, sections());
    const whole = (await files.read(FILE, 0, 9999)) ?? new Uint8Array();
    for (const bad of [
      new Uint8Array(),
      whole.slice(0, 11),
      whole.slice(0, -1),
      new Uint8Array([...whole, 0]),
      new Uint8Array(whole.length),
      (await files.read(`${ROOT}/${VERSION}/p2-3.chunk`, 0, 9999)) ?? whole,
    ]) {
      disk.overwrite(FILE, bad);
      await expect(chunks.get(PLACE, first)).rejects.toMatchObject({ code: 'CHUNK_DAMAGED' });
    }
    const newer = whole.slice();
    newer[8] = 2;
    disk.overwrite(FILE, newer);
    await expect(chunks.get(PLACE, first)).rejects.toMatchObject({ code: 'STORE_FORMAT' });
    disk.overwrite(FILE, whole);
    await chunks.get(PLACE, first);
    await expect(chunks.get(PLACE, { column: 5, kind: 'values' })).rejects.toMatchObject({
      code: 'CHUNK_DAMAGED',
    });
    await expect(chunks.get({ ...PLACE, chunk: 9 }, first)).rejects.toMatchObject({ code: 'CHUNK_DAMAGED' });
    await expect(chunks.get({ ...PLACE, table: '他' }, first)).rejects.toMatchObject({
      code: 'CHUNK_DAMAGED',
    });
  });

  it('lets a damaged chunk be uploaded again', async () => {
    const { disk, chunks } = fresh();
    const stored = sections();
    await chunks.put(PLACE, stored);
    disk.flip(FILE, 60);
    expect(await chunks.put(PLACE, stored)).toBe(true);
    expect(await chunks.put(PLACE, stored)).toBe(false);
  });

  it('lists and removes what is there', async () => {
    const { disk, chunks } = fresh();
    for (const [part, chunk] of [
      [2, 10],
      [1, 2],
      [1, 10],
    ] as const) {
      await chunks.put({ ...PLACE, part, chunk }, sections());
    }
    expect(await chunks.list(VERSION)).toEqual([
      { part: 1, chunk: 2 },
      { part: 1, chunk: 10 },
      { part: 2, chunk: 10 },
    ]);
    await chunks.removeChunk(VERSION, { part: 1, chunk: 10 });
    expect(await chunks.list(VERSION)).toHaveLength(2);
    await chunks.remove(VERSION);
    expect(await chunks.list(VERSION)).toEqual([]);
    expect(await chunks.versions()).toEqual([]);
    disk.losePower(seeded(5));
    expect(await chunks.versions()).toEqual([]);
  });

  it('refuses malformed places and sections before it writes', async () => {
    const { disk, chunks } = fresh();
    const [first] = sections() as [Section];
    const bad: [ChunkPlace, Section[]][] = [
      [{ ...PLACE, version: '../../etc' }, [first]],
      [{ ...PLACE, chunk: -1 }, [first]],
      [{ ...PLACE, chunk: 1.5 }, [first]],
      [PLACE, []],
      [PLACE, [first, first]],
      [PLACE, [{ ...first, salt: randomBytes(31) }]],
      [PLACE, [{ ...first, column: 1000 }]],
    ];
    for (const [place, given] of bad) await expect(chunks.put(place, given)).rejects.toThrow(RangeError);
    expect(disk.operations).toBe(0);
  });

  it('has the whole chunk or none wherever the power goes, and the same upload then succeeds', async () => {
    const stored = sections();
    let finished = 0;
    for (let k = 0; finished === 0; k++) {
      for (let seed = 0; seed < 8; seed++) {
        const { disk, chunks } = fresh();
        disk.crashAt = k;
        const error = await thrownBy(chunks.put(PLACE, stored));
        const done = error === undefined;
        expect(done || error instanceof Crash).toBe(true);
        disk.losePower(seeded(1000 * seed + k));
        const present = await chunks.list(VERSION);
        expect(present.length).toBeGreaterThanOrEqual(done ? 1 : 0);
        if (present.length > 0) await chunks.get(PLACE, stored[0] as Section);
        expect(await chunks.put(PLACE, stored)).toBe(present.length === 0);
        await chunks.removeTemporaries(VERSION);
        expect(await chunks.list(VERSION)).toEqual([{ part: 1, chunk: 3 }]);
        if (done) finished = k;
      }
    }
    expect(finished).toBeGreaterThan(7);
  });

  it('reports a full disk at each operation and stays usable', async () => {
    const stored = sections();
    let failed = 0;
    for (let done = false; !done; ) {
      const { disk, chunks } = fresh();
      disk.fullAt = failed;
      const error = await thrownBy(chunks.put(PLACE, stored));
      disk.restart();
      done = error === undefined;
      expect(done ? {} : error).toMatchObject(done ? {} : { code: 'STORE_FULL' });
      await chunks.put(PLACE, stored);
      await chunks.get(PLACE, stored[0] as Section);
      failed += done ? 0 : 1;
    }
    expect(failed).toBeGreaterThan(7);
  });

  it('leaves nothing readable on the disk', async () => {
    const { disk, chunks } = fresh();
    const canary = Buffer.from('canary-share-bytes-0123456789');
    await chunks.put(PLACE, [{ column: 0, kind: 'values', salt: Buffer.alloc(32, 'salt'), payload: canary }]);
    const disks = Buffer.from(disk.everything());
    expect(disks.length).toBeGreaterThan(60);
    expect(disks.includes(canary.subarray(0, 8))).toBe(false);
    expect(disks.includes('saltsalt')).toBe(false);
  });
});
