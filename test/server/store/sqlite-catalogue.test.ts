import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SliceUpload } from '../../../src/server/store/catalogue.js';
import { MIGRATIONS } from '../../../src/server/store/catalogue-schema.js';
import { Sqlite } from '../../../src/server/store/sqlite.js';
import { IN_MEMORY, SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { MAX_ROWS, parseSchema } from '../../../src/share/schema.js';

const id = (): string => randomBytes(16).toString('hex');
const schema = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: '年齢', type: 'integer', min: '0', max: '120', nullable: true }],
});
const otherSchema = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: '年齢', type: 'integer', min: '0', max: '130', nullable: true }],
});
const manifest = new Uint8Array([1, 2, 3]);

let catalogue: SqliteCatalogue;
let now = 1000;
beforeEach(() => {
  now = 1000;
  catalogue = new SqliteCatalogue(IN_MEMORY, () => now);
});
afterEach(() => catalogue.close());

function upload(changes: Partial<SliceUpload> = {}): SliceUpload {
  return {
    table: 'Patients',
    slice: 'east',
    version: id(),
    contributor: 'eiko',
    schema,
    rows: 10,
    chunkRows: 4,
    replace: false,
    ...changes,
  };
}

async function staged(changes: Partial<SliceUpload> = {}): Promise<string> {
  return (await catalogue.stage(upload(changes))).version;
}

async function prepared(changes: Partial<SliceUpload> = {}): Promise<{ version: string; attempt: string }> {
  const [version, attempt] = [await staged(changes), id()];
  await catalogue.prepareUpload(attempt, version, manifest);
  return { version, attempt };
}

async function visible(changes: Partial<SliceUpload> = {}): Promise<string> {
  const { version, attempt } = await prepared(changes);
  await catalogue.commit(attempt);
  return version;
}

const names = async (table = 'patients'): Promise<string[]> =>
  (await catalogue.visibleSlices(table)).map(({ slice }) => slice);

describe('an upload', () => {
  it('makes the table and its owner when it becomes visible, and not before', async () => {
    const { version, attempt } = await prepared();
    expect(await catalogue.tables()).toEqual([]);
    expect(await catalogue.pending()).toEqual([
      { kind: 'upload', attempt, leaning: undefined, table: 'Patients', slice: 'east', version },
    ]);
    expect(await catalogue.outcome(attempt)).toBe('prepared');
    await catalogue.commit(attempt);
    expect(await catalogue.table('ＰＡＴＩＥＮＴＳ')).toEqual({
      name: 'Patients',
      schema,
      owner: 'eiko',
      contributors: [],
      minCounts: [],
      allowThree: [],
      grants: [],
      created: 1000,
    });
    expect(await catalogue.visibleSlices('patients')).toMatchObject([
      { version, table: 'Patients', slice: 'east', rows: 10, chunks: 3, state: 'visible', schema },
    ]);
    expect(await catalogue.pending()).toEqual([]);
    expect(await catalogue.manifest(version)).toEqual(manifest);
  });

  it('continues when staged again with the same particulars, and only then', async () => {
    const first = upload();
    const began = await catalogue.stage(first);
    expect(await catalogue.stage(first)).toEqual(began);
    for (const change of [
      { rows: 11 },
      { chunkRows: 5 },
      { slice: 'West' },
      { contributor: 'mia' },
      { schema: otherSchema },
    ]) {
      await expect(catalogue.stage({ ...first, ...change })).rejects.toMatchObject({ code: 'SLICE_EXISTS' });
    }
    for (const change of [{ rows: 0 }, { rows: 1.5 }, { chunkRows: 0 }, { version: 'x' }]) {
      await expect(catalogue.stage(upload(change))).rejects.toThrow(RangeError);
    }
  });

  it('says once what it is for, and does not say the opposite', async () => {
    const votes = ['ab'.repeat(64), null, 'cd'.repeat(64)];
    const sides = [
      { leaning: 'committing', other: 'rolling-back', end: 'committed' },
      { leaning: 'rolling-back', other: 'committing', end: 'rolled-back' },
    ] as const;
    for (const { leaning, other, end } of sides) {
      const { attempt } = await prepared({ slice: leaning });
      expect(await catalogue.votes(attempt)).toEqual([]);
      await catalogue.lean(attempt, leaning, votes);
      await catalogue.lean(attempt, leaning, []);
      expect(await catalogue.outcome(attempt)).toBe(leaning);
      expect(await catalogue.pending()).toMatchObject([{ attempt, leaning }]);
      expect(await catalogue.votes(attempt)).toEqual(votes);
      await expect(catalogue.lean(attempt, other, votes)).rejects.toMatchObject({ code: 'SLICE_STATE' });
      await (end === 'committed' ? catalogue.commit(attempt) : catalogue.rollback(attempt));
      await catalogue.lean(attempt, leaning, votes);
      await expect(catalogue.lean(attempt, other, votes)).rejects.toMatchObject({ code: 'SLICE_STATE' });
      expect(await catalogue.outcome(attempt)).toBe(end);
      expect(await catalogue.pending()).toEqual([]);
    }
    await expect(catalogue.lean(id(), 'committing', votes)).rejects.toMatchObject({ code: 'SLICE_STATE' });
  });

  it('repeats prepare, commit and rollback without effect', async () => {
    const { version, attempt } = await prepared();
    await catalogue.prepareUpload(attempt, version, manifest);
    await catalogue.commit(attempt);
    await catalogue.commit(attempt);
    await catalogue.prepareUpload(attempt, version, manifest);
    expect(await catalogue.outcome(attempt)).toBe('committed');
    await expect(catalogue.rollback(attempt)).rejects.toMatchObject({ code: 'SLICE_STATE' });
    expect(await names()).toEqual(['east']);
  });

  it('is staged again after a rollback, under a new attempt', async () => {
    const { version, attempt } = await prepared();
    await catalogue.rollback(attempt);
    await catalogue.rollback(attempt);
    expect(await catalogue.version(version)).toMatchObject({ state: 'staged' });
    await expect(catalogue.prepareUpload(attempt, version, manifest)).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
    await expect(catalogue.commit(attempt)).rejects.toMatchObject({ code: 'SLICE_STATE' });
    await catalogue.prepareUpload(id(), version, manifest);
  });

  it('cannot be prepared by a message that comes after its rollback', async () => {
    const [version, attempt] = [await staged(), id()];
    await catalogue.rollback(attempt);
    expect(await catalogue.outcome(attempt)).toBe('rolled-back');
    await expect(catalogue.prepareUpload(attempt, version, manifest)).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
    expect(await catalogue.pending()).toEqual([]);
  });

  it('is refused for unknown versions, unknown attempts and attempts used otherwise', async () => {
    await expect(catalogue.prepareUpload(id(), id(), manifest)).rejects.toMatchObject({
      code: 'UNKNOWN_SLICE',
    });
    await expect(catalogue.commit(id())).rejects.toMatchObject({ code: 'SLICE_STATE' });
    await expect(catalogue.commit('x')).rejects.toThrow(RangeError);
    expect(await catalogue.outcome(id())).toBe('unknown');
    const { attempt } = await prepared();
    const other = await staged({ table: 'other' });
    await expect(catalogue.prepareUpload(attempt, other, manifest)).rejects.toMatchObject({
      code: 'SLICE_STATE',
    });
    await expect(catalogue.prepareDrop(attempt, 'Patients')).rejects.toMatchObject({ code: 'SLICE_STATE' });
  });

  it('of an existing slice needs replace, the same contributor, and swaps in one step', async () => {
    const old = await visible();
    await expect(catalogue.stage(upload({ slice: 'EAST' }))).rejects.toMatchObject({ code: 'SLICE_EXISTS' });
    await expect(catalogue.stage(upload({ contributor: 'mia', replace: true }))).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
    });
    const { version, attempt } = await prepared({ replace: true, rows: 3 });
    expect((await catalogue.visibleSlices('patients')).map((slice) => slice.version)).toEqual([old]);
    await catalogue.commit(attempt);
    expect((await catalogue.visibleSlices('patients')).map((slice) => slice.version)).toEqual([version]);
    expect(await catalogue.version(old)).toMatchObject({ state: 'dropped' });
    await expect(catalogue.stage(upload({ version: old }))).rejects.toMatchObject({ code: 'SLICE_EXISTS' });
  });

  it('is refused when the slice changed since it began', async () => {
    const late = await staged();
    await visible();
    await expect(catalogue.prepareUpload(id(), late, manifest)).rejects.toMatchObject({
      code: 'SLICE_EXISTS',
    });
    const replacing = await staged({ replace: true });
    await visible({ replace: true });
    await expect(catalogue.prepareUpload(id(), replacing, manifest)).rejects.toMatchObject({
      code: 'SLICE_EXISTS',
    });
  });

  it('waits while another is undecided on the same slice, or on a table not yet made', async () => {
    const first = await prepared();
    const rival = await staged();
    const [other, elsewhere] = [await staged({ slice: 'west' }), await staged({ table: 'visits' })];
    for (const version of [rival, other]) {
      await expect(catalogue.prepareUpload(id(), version, manifest)).rejects.toMatchObject({
        code: 'SLICE_BUSY',
      });
    }
    await catalogue.prepareUpload(id(), elsewhere, manifest);
    await catalogue.commit(first.attempt);
    const [west, north] = [id(), await staged({ slice: 'north' })];
    await catalogue.prepareUpload(west, other, manifest);
    await catalogue.prepareUpload(id(), north, manifest);
    await catalogue.commit(west);
    expect(await names()).toEqual(['east', 'west']);
  });

  it('with another schema than the table has is refused at both ends', async () => {
    const early = await staged({ slice: 'west', schema: otherSchema });
    await visible();
    await expect(catalogue.stage(upload({ slice: 'north', schema: otherSchema }))).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
    });
    await expect(catalogue.prepareUpload(id(), early, manifest)).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
    });
  });

  it('cannot make a table larger than its counts', async () => {
    await visible({ rows: MAX_ROWS - 5 });
    const over = await staged({ slice: 'west', rows: 6 });
    await expect(catalogue.prepareUpload(id(), over, manifest)).rejects.toMatchObject({
      code: 'TABLE_TOO_LARGE',
    });
    await visible({ rows: MAX_ROWS, replace: true });
  });
});

describe('the order of slices', () => {
  it('is the same whatever the order in which they came', async () => {
    // In UTF-8 the private character comes before the emoji, in code units after it.
    const wanted = ['ａ', 'B', 'c', '東', '\u{1F600}', '\uE000'];
    for (const slice of ['\u{1F600}', '東', 'c', '\uE000', 'ａ', 'B']) await visible({ slice });
    expect(await names()).toEqual(wanted);
  });
});

describe('dropping', () => {
  it('takes a slice away in two phases and leaves the table', async () => {
    const east = await visible();
    await visible({ slice: 'west' });
    const attempt = id();
    await catalogue.prepareDrop(attempt, 'PATIENTS', 'East');
    await catalogue.prepareDrop(attempt, 'PATIENTS', 'East');
    expect(await names()).toEqual(['east', 'west']);
    expect(await catalogue.pending()).toEqual([{ kind: 'drop', attempt, table: 'PATIENTS', slice: 'East' }]);
    await catalogue.commit(attempt);
    await catalogue.commit(attempt);
    expect(await names()).toEqual(['west']);
    expect(await catalogue.version(east)).toMatchObject({ state: 'dropped' });
    await expect(catalogue.prepareDrop(id(), 'patients', 'east')).rejects.toMatchObject({
      code: 'UNKNOWN_SLICE',
    });
    await visible();
    expect(await names()).toEqual(['east', 'west']);
  });

  it('takes a table with its slices, uploads, settings and grants, and gives it back on rollback', async () => {
    const east = await visible();
    const half = await staged({ slice: 'west' });
    await catalogue.setMinCount('patients', 'eiko', 20);
    await catalogue.grant('patients', { grantor: 'eiko', grantee: 'aki' });
    await catalogue.setContributors('patients', ['mia']);
    const given = id();
    await catalogue.prepareDrop(given, 'patients');
    await catalogue.rollback(given);
    expect(await catalogue.table('patients')).toMatchObject({ contributors: ['mia'] });
    const attempt = id();
    await catalogue.prepareDrop(attempt, 'patients');
    await expect(catalogue.prepareUpload(id(), half, manifest)).rejects.toMatchObject({ code: 'SLICE_BUSY' });
    await expect(catalogue.prepareDrop(id(), 'patients', 'east')).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
    await catalogue.commit(attempt);
    await catalogue.prepareDrop(attempt, 'patients');
    await catalogue.commit(attempt);
    expect(await catalogue.tables()).toEqual([]);
    for (const version of [east, half]) {
      expect(await catalogue.version(version)).toMatchObject({ state: 'dropped' });
    }
    await expect(catalogue.prepareDrop(id(), 'patients')).rejects.toMatchObject({ code: 'UNKNOWN_TABLE' });
    await visible({ contributor: 'mia', schema: otherSchema });
    expect(await catalogue.table('patients')).toMatchObject({ owner: 'mia', grants: [], minCounts: [] });
  });

  it('waits for an undecided replacement of the slice', async () => {
    await visible();
    const { attempt } = await prepared({ replace: true });
    await expect(catalogue.prepareDrop(id(), 'patients', 'east')).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
    await expect(catalogue.prepareDrop(id(), 'patients')).rejects.toMatchObject({ code: 'SLICE_BUSY' });
    await catalogue.commit(attempt);
    await catalogue.prepareDrop(id(), 'patients', 'east');
  });

  it('lets go of abandoned uploads alone, and never lets an id come back', async () => {
    const kept = await visible();
    const first = upload({ slice: 'west' });
    await catalogue.stage(first);
    expect(await catalogue.abandon(kept)).toBe(false);
    expect(await catalogue.abandon(first.version)).toBe(true);
    await catalogue.forget(kept);
    await catalogue.forget(first.version);
    expect((await catalogue.versions()).map(({ version }) => version)).toEqual([kept]);
    expect(await catalogue.version(first.version)).toBeUndefined();
    await expect(catalogue.stage(first)).rejects.toMatchObject({ code: 'SLICE_EXISTS' });
  });
});

describe('settings, grants, nonces', () => {
  it('keeps the latest setting and each grant once', async () => {
    await visible();
    await catalogue.setMinCount('PATIENTS', 'eiko', 12);
    await catalogue.setMinCount('patients', 'eiko', 1);
    await catalogue.setContributors('patients', ['mia', 'jun', 'mia']);
    for (const grantee of ['aki', 'aki', 'bo'])
      await catalogue.grant('patients', { grantor: 'eiko', grantee });
    await catalogue.revoke('patients', { grantor: 'eiko', grantee: 'bo' });
    await catalogue.revoke('patients', { grantor: 'mia', grantee: 'aki' });
    expect(await catalogue.table('patients')).toMatchObject({
      contributors: ['jun', 'mia'],
      minCounts: [{ user: 'eiko', minCount: 1 }],
      grants: [{ grantor: 'eiko', grantee: 'aki' }],
    });
    await expect(catalogue.setMinCount('patients', 'eiko', -1)).rejects.toThrow(RangeError);
  });

  it('names the nearest table where there is none of that name', async () => {
    await visible();
    const unknown = [
      () => catalogue.setMinCount('patient', 'eiko', 2),
      () => catalogue.setContributors('patient', []),
      () => catalogue.grant('patient', { grantor: 'a', grantee: 'b' }),
      () => catalogue.revoke('patient', { grantor: 'a', grantee: 'b' }),
    ];
    for (const change of unknown) {
      await expect(change()).rejects.toMatchObject({
        code: 'UNKNOWN_TABLE',
        message: expect.stringContaining("'Patients'"),
      });
    }
  });

  it('knows a nonce of the same user until it expires', async () => {
    expect(await catalogue.rememberNonce('eiko', 'n1', 5000)).toBe(true);
    expect(await catalogue.rememberNonce('eiko', 'n1', 9000)).toBe(false);
    expect(await catalogue.rememberNonce('aki', 'n1', 5000)).toBe(true);
    await catalogue.forgetNonces(5000);
    expect(await catalogue.rememberNonce('eiko', 'n1', 5000)).toBe(false);
    await catalogue.forgetNonces(5001);
    expect(await catalogue.rememberNonce('eiko', 'n1', 5000)).toBe(true);
  });

  it('forgets attempts that it was asked about and never prepared, in time', async () => {
    const asked = 'a'.repeat(32);
    await catalogue.rollback(asked);
    await catalogue.forgetUnknown(0);
    expect(await catalogue.outcome(asked)).toBe('rolled-back');
    await catalogue.forgetUnknown(Number.MAX_SAFE_INTEGER);
    expect(await catalogue.outcome(asked)).toBe('unknown');
  });

  it('treats names as data', async () => {
    const name = `x'); DROP TABLE tables; --`;
    await visible({ table: name, slice: name, contributor: name });
    await catalogue.grant(name, { grantor: name, grantee: name });
    expect(await catalogue.table(name)).toMatchObject({ name, owner: name });
  });
});

describe('in a file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'warifu-catalogue-'));
    path = join(directory, 'catalogue.db');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('comes back as it was, with the next epoch', async () => {
    const file = new SqliteCatalogue(path, () => now);
    const { version } = await file.stage(upload());
    const attempt = id();
    await file.prepareUpload(attempt, version, manifest);
    expect([await file.nextEpoch(), await file.nextEpoch()]).toEqual([1, 2]);
    file.close();
    const again = new SqliteCatalogue(path);
    expect(await again.pending()).toMatchObject([{ attempt, version }]);
    expect(await again.nextEpoch()).toBe(3);
    await again.commit(attempt);
    expect(await again.table('patients')).toMatchObject({ owner: 'eiko', schema });
    again.close();
  });

  it('refuses a newer file, a damaged one and one of another program', () => {
    new SqliteCatalogue(path).close();
    const whole = readFileSync(path);
    const newer = new Sqlite(path, [...MIGRATIONS.map(() => ''), 'CREATE TABLE later (x)']);
    newer.close();
    expect(() => new SqliteCatalogue(path)).toThrow(
      expect.objectContaining({ code: 'STORE_FORMAT', message: expect.stringContaining('upgrade') }),
    );
    const torn = Buffer.from(whole).fill(0x5a, 4096, 12_288);
    for (const bad of [Buffer.from('hello'.repeat(1000)), torn]) {
      writeFileSync(path, bad);
      expect(() => new SqliteCatalogue(path)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
    }
    rmSync(path);
    const foreign = new Sqlite(path, []);
    foreign.run('PRAGMA application_id=77');
    foreign.close();
    expect(() => new SqliteCatalogue(path)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
  });

  it('migrates step by step, each step whole or not at all', () => {
    const first = 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)';
    const second = 'ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7';
    new Sqlite(path, [first]).close();
    expect(() => new Sqlite(path, [first, `${second}; INSERT INTO nowhere VALUES (1)`])).toThrow('nowhere');
    const migrated = new Sqlite(path, [first, second]);
    expect(migrated.get('SELECT x, y FROM a')?.integer('y')).toBe(7);
    migrated.close();
  });
});
