import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCsv } from '../../../src/client/csv/csv-file.js';
import { type UploadOptions, uploadFile } from '../../../src/client/provider/upload.js';
import { FileUploadStates } from '../../../src/client/provider/upload-state-file.js';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { parseSchema } from '../../../src/share/schema.js';
import { FakeStore, rebuild } from '../support/fake-store.js';
import { failure, NAMES, TestCluster } from '../support/test-cluster.js';

const FAST = { connectMs: 1000, pingMs: 50, silenceMs: 2000, graceMs: 200 };

const SCHEMA = parseSchema({
  warifu_schema: 1,
  missing: ['', 'NA'],
  columns: [
    { name: '年齢', type: 'integer', min: '-5', max: '120', nullable: true },
    { name: '性別', type: 'category', labels: ['男', '女'], nullable: false },
    { name: '喫煙', type: 'boolean', true: ['はい'], false: ['いいえ'], nullable: true },
    { name: '金額', type: 'integer', min: '0', max: '9000000000000000000000', nullable: false },
  ],
});

let directory = '';
let cluster: TestCluster;
let stores: FakeStore[];

async function start(): Promise<void> {
  stores = NAMES.map((_, node) => new FakeStore(node as NodeIndex, () => cluster.alice.publicKey));
  cluster = await TestCluster.start({ handlers: stores });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warifu-upload-'));
  await start();
});

afterEach(async () => {
  await cluster.stop();
  await rm(directory, { recursive: true, force: true });
});

function cells(i: number): [string, string, string, string] {
  return [
    i % 11 === 0 ? 'NA' : String((i % 126) - 5),
    i % 3 === 0 ? '女' : '男',
    i % 7 === 0 ? '' : i % 2 === 0 ? 'はい' : 'いいえ',
    (BigInt(i) * 10n ** 15n).toString(),
  ];
}

function csvText(rows: number, edit: (row: string[], i: number) => void = () => undefined): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const row = cells(i);
    edit(row, i);
    return row.join(',');
  });
  return `年齢,性別,喫煙,金額\n${lines.join('\n')}\n`;
}

async function write(text: string | Uint8Array, name = 'patients.csv'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

const stateDirectory = (): string => join(directory, 'state', 'uploads');

async function upload(path: string, options: Partial<UploadOptions> = {}) {
  return uploadFile(cluster.client(FAST), {
    file: await openCsv(path),
    table: '患者',
    slice: '北病院',
    schema: SCHEMA,
    ...options,
  });
}

/** Four rows to the smallest chunk is too few; a narrow file is made to have many chunks by its state. */
async function withChunkRows(path: string, rows: number, chunkRows: number) {
  const states = new FileUploadStates(stateDirectory());
  // The first attempt never leaves: its state is rewritten to smaller chunks, as if it had been chosen so.
  stores[0]!.beforeStore = () => Promise.reject(new WarifuError('STORE_FULL', 'no'));
  await failure(upload(path, { states }));
  stores[0]!.beforeStore = () => undefined;
  const [name] = await readdir(stateDirectory());
  const file = join(stateDirectory(), name!);
  const head = JSON.parse((await readFile(file, 'utf8')).split('\n')[0]!) as Record<string, unknown>;
  expect(head.rows).toBe(rows);
  await writeFile(file, `${JSON.stringify({ ...head, chunk_rows: chunkRows, version: 'ab'.repeat(16) })}\n`);
  for (const store of stores) store.frames.length = 0;
  return { states, file };
}

function payloadsOf(version: string): Map<string, string> {
  const payloads = new Map<string, string>();
  for (const { node, frames } of stores) {
    for (const frame of frames.filter((one) => one.version === version)) {
      for (const { column, kind, salt, payload } of frame.sections) {
        const key = `${node}/${frame.part}/${frame.chunk}/${column}/${kind}`;
        const text = Buffer.concat([salt, payload]).toString('hex');
        if ((payloads.get(key) ?? text) !== text) throw new Error(`${key} was sent with different bytes`);
        payloads.set(key, text);
      }
    }
  }
  return payloads;
}

describe('an upload', () => {
  it('brings every value to the nodes as shares, and commits to every part', async () => {
    const progress: { stage: string; done: number; total: number }[] = [];
    const result = await upload(await write(csvText(1000)), { onProgress: (one) => progress.push(one) });
    expect(result).toMatchObject({ start: 'new', rows: 1000, tableRows: 1000 });
    const { version } = result;
    const rows = Array.from({ length: 1000 }, (_, i) => cells(i));
    expect(rebuild(stores, version, 0, 'values')).toEqual(
      rows.map(([age]) => (age === 'NA' ? 0n : BigInt(age) + 5n)),
    );
    expect(rebuild(stores, version, 0, 'validity')).toEqual(rows.map(([age]) => (age === 'NA' ? 0n : 1n)));
    expect(rebuild(stores, version, 1, 'values')).toEqual(rows.map(([, sex]) => (sex === '女' ? 1n : 0n)));
    expect(rebuild(stores, version, 2, 'values')).toEqual(rows.map(([, , on]) => (on === 'はい' ? 1n : 0n)));
    expect(rebuild(stores, version, 2, 'validity')).toEqual(rows.map(([, , on]) => (on === '' ? 0n : 1n)));
    expect(rebuild(stores, version, 3, 'values')).toEqual(rows.map(([, , , yen]) => BigInt(yen)));
    expect(new Set(progress.map(({ stage }) => stage))).toEqual(new Set(['validate', 'upload', 'check']));
    const sent = progress.filter(({ stage, total }) => stage === 'upload' && total > 0);
    expect(sent.at(-1)!.done).toBe(sent.at(-1)!.total);
    // three nodes report the same step, which is shown once
    expect(progress.filter(({ stage }) => stage === 'check').map(({ done }) => done)).toEqual([0, 1]);
    expect(cluster.refused).toEqual([]);
  });

  it('sends 16 bytes a value in all, 32 for wide ones, and seeds that do not grow with the data', async () => {
    const rows = 6400;
    const { version } = await upload(await write(csvText(rows)));
    let explicit = 0;
    let seeds = 0;
    for (const { frames } of stores) {
      for (const { sections } of frames.filter((frame) => frame.version === version)) {
        for (const { form, payload } of sections) {
          if (form === 'bytes') explicit += payload.length;
          else seeds += payload.length;
        }
      }
    }
    // two 64-bit columns, one wide one, and three rows of bits, to two holders each
    expect(explicit).toBe(rows * (2 * 16 + 32) + (3 * 2 * rows) / 8);
    expect(seeds).toBe(4 * 6 * 16);
  });

  it('reads CP932 like UTF-8', async () => {
    const text = csvText(100).replaceAll('はい', 'yes').replaceAll('いいえ', 'no');
    const codes: Record<string, string> = {
      年: '944e',
      齢: '97ee',
      性: '90ab',
      別: '95ca',
      喫: '8b69',
      煙: '898c',
      金: '8be0',
      額: '8a7a',
      男: '926a',
      女: '8f97',
    };
    const cp932 = Buffer.concat(
      Array.from(text, (character) =>
        codes[character] === undefined
          ? Buffer.from(character, 'ascii')
          : Buffer.from(codes[character]!, 'hex'),
      ),
    );
    const schema = parseSchema({
      warifu_schema: 1,
      missing: ['', 'NA'],
      columns: [
        { name: '年齢', type: 'integer', min: '-5', max: '120', nullable: true },
        { name: '性別', type: 'category', labels: ['男', '女'], nullable: false },
        { name: '喫煙', type: 'boolean', true: ['yes'], false: ['no'], nullable: true },
        { name: '金額', type: 'integer', min: '0', max: '9000000000000000000000', nullable: false },
      ],
    });
    const { version } = await upload(await write(cp932), { schema });
    expect(rebuild(stores, version, 1, 'values')).toEqual(
      Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 1n : 0n)),
    );
  });

  it('of a faulty file sends nothing and connects to nobody', async () => {
    const path = await write(csvText(100, (row, i) => i === 57 && row.splice(0, 1, '999')));
    await cluster.stop();
    const error = await failure(upload(path));
    expect(error.code).toBe('CSV_INVALID');
    expect(error.message).toContain('59');
    expect(stores.every(({ begun }) => begun.size === 0)).toBe(true);
  });

  it('uses fresh seeds for the same file each time', async () => {
    const path = await write(csvText(70));
    const first = payloadsOf((await upload(path)).version);
    const second = payloadsOf((await upload(path, { replace: true })).version);
    const common = [...first.values()].filter((text) => [...second.values()].includes(text));
    expect(common).toEqual([]);
  });
});

describe('an upload that breaks off', () => {
  const ROWS = 64 * 20 + 17;

  it('goes on with the same bytes, and sends only what is missing', async () => {
    const path = await write(csvText(ROWS));
    const { states, file } = await withChunkRows(path, ROWS, 64);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    let killed = false;
    stores[1]!.beforeStore = async (_frame, count) => {
      if (count < 9 || killed) return;
      killed = true;
      void cluster.ports[1]!.close();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      throw new WarifuError('NODE_LOST', 'this node is going away');
    };
    const error = await failure(upload(path, { states }));
    expect(['NODE_LOST', 'NODE_UNREACHABLE']).toContain(error.code);
    expect(error.exitCode).toBe(4);
    expect(stores.every(({ visible }) => visible.size === 0)).toBe(true);
    const before = payloadsOf('ab'.repeat(16));
    expect(before.size).toBeGreaterThan(0);

    stores[1]!.beforeStore = () => undefined;
    await restart();
    const counts = stores.map(({ frames }) => frames.length);
    const starts: string[] = [];
    const result = await upload(path, { states, onStart: (one) => starts.push(one) });
    expect(starts).toEqual(['resumed']);
    expect(result).toMatchObject({ start: 'resumed', version: 'ab'.repeat(16), rows: ROWS });
    // payloadsOf throws if any place was ever sent with two contents; every frame was stored once
    expect(payloadsOf(result.version).size).toBe(3 * 2 * 21 * 6);
    expect(stores.map(({ frames }) => frames.length)).toEqual([42, 42, 42]);
    expect(counts.some((count) => count > 0)).toBe(true);
    expect(rebuild(stores, result.version, 3, 'values')).toEqual(
      Array.from({ length: ROWS }, (_, i) => BigInt(cells(i)[3])),
    );
    expect(await readdir(stateDirectory())).toEqual([]);
  });

  it('starts anew with other seeds and another version when one cell was edited', async () => {
    const path = await write(csvText(ROWS));
    const { states } = await withChunkRows(path, ROWS, 64);
    stores[2]!.beforeStore = (_frame, count) => {
      if (count >= 12) throw new WarifuError('STORE_FULL', 'the disk is full');
    };
    expect((await failure(upload(path, { states }))).code).toBe('STORE_FULL');
    stores[2]!.beforeStore = () => undefined;
    const first = payloadsOf('ab'.repeat(16));
    await write(csvText(ROWS, (row, i) => i === 3 && row.splice(0, 1, '42')));
    const result = await upload(path, { states });
    expect(result.start).toBe('changed');
    expect(result.version).not.toBe('ab'.repeat(16));
    const second = new Set(payloadsOf(result.version).values());
    expect(first.size).toBeGreaterThan(0);
    expect([...first.values()].filter((text) => second.has(text))).toEqual([]);
    const seeds = (version: string) =>
      new Set(
        stores.flatMap(({ frames }) =>
          frames
            .filter((frame) => frame.version === version)
            .flatMap(({ sections }) => sections)
            .flatMap(({ salt, payload, form }) => [
              Buffer.from(salt).toString('hex'),
              ...(form === 'seed' ? [Buffer.from(payload).toString('hex')] : []),
            ]),
        ),
      );
    expect([...seeds('ab'.repeat(16))].filter((seed) => seeds(result.version).has(seed))).toEqual([]);
  });

  it('starts anew when the schema was edited', async () => {
    const path = await write(csvText(ROWS));
    const { states } = await withChunkRows(path, ROWS, 64);
    const schema = { ...SCHEMA, missing: ['', 'NA', '-'] };
    expect((await upload(path, { states, schema })).start).toBe('changed');
  });

  it('never deals a chunk again with other content, even if the edit escapes every other check', async () => {
    const path = await write(csvText(ROWS));
    const { states, file } = await withChunkRows(path, ROWS, 64);
    // The state says that chunk 5 was dealt as something else: as if the file had been edited between two passes.
    await appendFile(file, `${JSON.stringify({ chunk: 5, digest: '00'.repeat(32) })}\n`);
    const error = await failure(upload(path, { states }));
    expect(error.code).toBe('FILE_CHANGED');
    const chunks = stores.flatMap(({ frames }) => frames.map(({ chunk }) => chunk));
    expect(Math.max(...chunks)).toBeLessThan(5);
    expect(await readdir(stateDirectory())).toEqual([]);
  });

  it('after the commit, unnoticed, finds that it is done', async () => {
    const path = await write(csvText(100));
    const states = new FileUploadStates(stateDirectory());
    let version = '';
    stores[0]!.beforeCommit = () => {
      version = [...stores[0]!.begun.keys()][0]!;
      for (const store of stores) store.visible.add(version);
      throw new WarifuError('NODE_LOST', 'gone before it could say so');
    };
    expect((await failure(upload(path, { states }))).exitCode).toBe(4);
    const result = await upload(path, { states });
    expect(result).toEqual({ start: 'resumed', version, rows: 100, tableRows: undefined });
    expect(await readdir(stateDirectory())).toEqual([]);
  });

  it('because the nodes refuse it is forgotten', async () => {
    const path = await write(csvText(100));
    const states = new FileUploadStates(stateDirectory());
    for (const store of stores) {
      store.beforeCommit = () => {
        throw new WarifuError('UPLOAD_CHECK_FAILED', 'a value lies outside its range');
      };
    }
    const error = await failure(upload(path, { states }));
    expect(error.code).toBe('UPLOAD_CHECK_FAILED');
    expect(error.message).toBe('a value lies outside its range');
    expect(await readdir(stateDirectory())).toEqual([]);
  });

  it('does not trust a state that others could read, or that is damaged', async () => {
    const path = await write(csvText(ROWS));
    const { states, file } = await withChunkRows(path, ROWS, 64);
    await writeFile(file, 'not json\n');
    expect((await upload(path, { states })).start).toBe('new');
    await withChunkRows(path, ROWS, 64);
    const { chmod } = await import('node:fs/promises');
    await chmod(file, 0o644);
    const error = await failure(upload(path, { states }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).not.toMatch(/[0-9a-f]{64}/);
  });

  it('because it was stopped is cancelled at once, and can go on', async () => {
    const path = await write(csvText(ROWS));
    const { states } = await withChunkRows(path, ROWS, 64);
    const controller = new AbortController();
    const error = await failure(
      upload(path, {
        states,
        signal: controller.signal,
        onProgress: ({ stage, done, total }) => {
          if (stage === 'upload' && done > total / 3) controller.abort();
        },
      }),
    );
    expect(error.code).toBe('CANCELLED');
    expect((await upload(path, { states })).start).toBe('resumed');
  });
});

describe('a file that changes while it is uploaded', () => {
  it('is not committed', async () => {
    const path = await write(csvText(3000));
    await utimes(path, 1_700_000_000, 1_700_000_000);
    const text = csvText(3000, (row, i) => i === 2999 && row.splice(1, 1, '女'));
    const states = new FileUploadStates(stateDirectory());
    const error = await failure(
      upload(path, {
        states,
        // between the two passes, in place, of the same length and time stamps
        onStart: () => {
          const { writeFileSync, utimesSync } = process.getBuiltinModule('node:fs');
          writeFileSync(path, text);
          utimesSync(path, 1_700_000_000, 1_700_000_000);
        },
      }),
    );
    expect(error.code).toBe('FILE_CHANGED');
    expect(error.message).toContain('nothing was committed');
    expect(stores[0]!.frames.length).toBeGreaterThan(0);
    expect(stores.every(({ visible }) => visible.size === 0)).toBe(true);
    expect(await readdir(stateDirectory())).toEqual([]);
  });
});

describe('200,000 rows', () => {
  it('are sent in bounded memory, in frames below 4 MiB', async () => {
    const rows = 200_000;
    const path = await write(csvText(rows));
    let most = 0;
    let largest = 0;
    let values = 0;
    for (const store of stores) {
      store.storeFrame = ({ sections }) => {
        const bytes = sections.reduce((sum, { payload }) => sum + payload.length, 0);
        largest = Math.max(largest, bytes);
        values += bytes;
        most = Math.max(most, process.memoryUsage().arrayBuffers);
        return Promise.resolve();
      };
      store.beforeCommit = () => {
        throw new WarifuError('UPLOAD_CHECK_FAILED', 'enough');
      };
    }
    const before = process.memoryUsage().arrayBuffers;
    expect((await failure(upload(path))).code).toBe('UPLOAD_CHECK_FAILED');
    expect(largest).toBeLessThan(4 << 20);
    expect(values).toBeGreaterThan(rows * 64);
    expect(most - before).toBeLessThan(150 << 20);
  });
});

async function restart(): Promise<void> {
  const old = cluster;
  await old.stop();
  cluster = await old.again(stores);
}
