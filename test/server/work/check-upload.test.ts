import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PartIndex } from '../../../src/core/scheme.js';
import type { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { kernels } from '../../../src/kernels/kernels.js';
import type { RingVector } from '../../../src/kernels/ring-vector.js';
import type { UploadFrame } from '../../../src/query/request-upload-frame.js';
import type { StoredChunk } from '../../../src/server/store/chunks.js';
import { checkCommitments, checkOnShares } from '../../../src/server/work/check-upload.js';
import { type ColumnSource, loadColumn } from '../../../src/server/work/load-column.js';
import type { SharedColumn } from '../../../src/share/column.js';
import { encodedMax, parseSchema } from '../../../src/share/schema.js';
import { MemoryNetwork } from '../../../src/transport/memory-network.js';
import { encodeCell, type PlainRow } from '../../support/table.js';
import { patients, SCHEMA } from '../support/hospital.js';
import type { Lies } from '../support/test-provider.js';
import { type StoredSlice, ThreeStores } from './three-stores.js';

let stores: ThreeStores;
let count = 0;
beforeAll(async () => {
  stores = await ThreeStores.open();
});
afterAll(() => stores.close());

/** 150 rows in chunks of 64: the last one has 22. */
const ROWS = patients(150, 'check');

async function put(lies: Lies = {}, rows: readonly PlainRow[] = ROWS, schema = SCHEMA): Promise<StoredSlice> {
  return await stores.put({ table: `t${count++}`, slice: 's', chunkRows: 64 }, schema, rows, lies);
}

async function failing({ slice }: StoredSlice, network?: MemoryNetwork): Promise<string[]> {
  const results = await stores.run(
    (ctx, source) => checkOnShares(ctx, source, slice, () => undefined),
    network,
  );
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  return results[0] as string[];
}

/** A lie about one encoded value. */
function value(name: string, row: number, lie: bigint): Lies {
  let seen = 0;
  return {
    values: (column, encoded) => {
      if (column.name !== name) return encoded;
      const at = row - seen;
      seen += encoded.length;
      return at < 0 || at >= encoded.length ? encoded : encoded.with(at, lie);
    },
  };
}

const present = (name: string): number => ROWS.findIndex((row) => row[name] !== null);
const missing = (name: string): number => ROWS.findLastIndex((row) => row[name] === null);

describe('the check on shares', () => {
  test('honest data passes, and one bit a column is opened', async () => {
    const network = new MemoryNetwork(3, { record: true });
    const stored = await put();
    expect(await failing(stored, network)).toEqual([]);
    for (const node of [0, 1, 2] as const) {
      const openings = network.transcript(node).filter(({ step }) => /\/open(\/|$)/.test(String(step)));
      const columns = openings.map(({ step }) => /column-(\d)/.exec(String(step))?.[1]);
      // Two copies of the missing part, of one word, for each column that has something to check.
      expect([...new Set(columns)]).toEqual(['0', '1', '2', '3', '4']);
      expect(openings.every(({ bytes }) => bytes.length <= 8)).toBe(true);
      expect(openings.length).toBeLessThanOrEqual(10);
    }
  });

  const MAX = (name: string): bigint =>
    encodedMax((SCHEMA.columns.find((column) => column.name === name) as (typeof SCHEMA.columns)[0]).type) ??
    0n;

  test.each<[string, string, () => Lies]>([
    ['the largest value and one more', 'age', () => value('age', 0, MAX('age') + 1n)],
    ['one below the smallest', 'age', () => value('age', 149, -1n)],
    ['2^63', 'age', () => value('age', 64, 1n << 63n)],
    ['2^63 + 5: its low bits are in range', 'age', () => value('age', 64, (1n << 63n) + 5n)],
    ['2^64 - 1', 'age', () => value('age', 3, (1n << 64n) - 1n)],
    ['2^32, of which nothing is left at 32 bits', 'age', () => value('age', 3, 1n << 32n)],
    ['a code beyond the labels', 'sex', () => value('sex', 100, 2n)],
    ['too much of a decimal with missing values', 'weight', () => value('weight', present('weight'), 2301n)],
    ['a missing slot that is not 0', 'weight', () => value('weight', missing('weight'), 1n)],
    ['a missing slot of 2^63', 'weight', () => value('weight', missing('weight'), 1n << 63n)],
    ['true where a boolean is missing', 'smoker', () => value('smoker', missing('smoker'), 1n)],
    ['2^64 in a column of 64 bits and more', 'bill', () => value('bill', 149, 1n << 64n)],
    ['2^127', 'bill', () => value('bill', 0, 1n << 127n)],
    ['-1 in a wide column', 'bill', () => value('bill', 0, (1n << 128n) - 1n)],
  ])('%s: column %s fails, and no other', async (_, name, lies) => {
    expect(await failing(await put(lies()))).toEqual([name]);
  });

  test('several bad columns are all named', async () => {
    const lies: Lies = {
      values: (column, encoded) =>
        column.name === 'age' || column.name === 'bill'
          ? encoded.with(0, (1n << 126n) | (1n << 62n))
          : encoded,
    };
    expect(await failing(await put(lies))).toEqual(['age', 'bill']);
  });

  test('identifiers may be any 128 bits, but 0 where missing', async () => {
    const schema = parseSchema({
      warifu_schema: 1,
      missing: [''],
      columns: [{ name: 'id', type: 'identifier', nullable: true }],
    });
    const rows = Array.from({ length: 70 }, () => ({ id: null }));
    expect(await failing(await put({}, rows, schema))).toEqual([]);
    expect(await failing(await put(value('id', 69, 1n << 127n), rows, schema))).toEqual(['id']);
  });

  test('the extremes of every range pass', async () => {
    const rows = [
      { age: '0', weight: '20.0', sex: 'f', smoker: 'yes', bill: '0' },
      { age: '120', weight: '250.0', sex: 'm', smoker: 'no', bill: '18446744073709551615' },
      { age: '120', weight: null, sex: 'm', smoker: null, bill: '0' },
    ];
    expect(await failing(await put({}, rows))).toEqual([]);
  });

  test('what a provider puts after the last row counts for nothing', async () => {
    const dirty = (frame: UploadFrame): UploadFrame => ({
      ...frame,
      sections: frame.sections.map((section) => {
        if (section.form === 'seed' || section.payload.length !== 8) return section;
        const payload = section.payload.slice();
        payload.fill(0xff, 3);
        return { ...section, payload };
      }),
    });
    const stored = await put({ frame: (frame) => (frame.chunk === 2 ? dirty(frame) : frame) });
    expect(await failing(stored)).toEqual([]);
  });
});

describe('the check of commitments', () => {
  test('holds for honest data at every node', async () => {
    const { slice, manifest } = await put();
    for (const source of stores.sources) {
      await expect(checkCommitments(source, slice, manifest)).resolves.toBeUndefined();
    }
  });

  test('compares what was known when a chunk came, and reads what was not', async () => {
    const { slice, manifest } = await put();
    const [source] = stores.sources;
    const held = (source as ColumnSource).held;
    const known = new Map<string, Uint8Array[]>();
    const knownOf = ({ part, chunk }: StoredChunk) => known.get(`${part}/${chunk}`);
    const first = { part: held[0] as PartIndex, chunk: 1 };
    const keys = manifest.head.nullable.flatMap((nullable, column) =>
      (nullable ? (['values', 'validity'] as const) : (['values'] as const)).map((kind) => ({
        column,
        kind,
      })),
    );
    const honest = keys.map((key) => manifest.commitmentAt({ ...first, ...key }));
    known.set(`${first.part}/1`, honest);
    await checkCommitments(source as ColumnSource, slice, manifest, knownOf);
    for (const bad of [honest.with(3, new Uint8Array(32)), honest.slice(1), honest.slice(0, -1)]) {
      known.set(`${first.part}/1`, bad);
      const check = checkCommitments(source as ColumnSource, slice, manifest, knownOf);
      await expect(check).rejects.toMatchObject({ code: 'COMMITMENT_MISMATCH', details: first });
    }
  });

  test('another copy, seed or salt at one node is found there, by place, and not elsewhere', async () => {
    const bends: ((frame: UploadFrame) => UploadFrame['sections'][0])[] = [
      ({ sections: [first] }) => {
        const payload = (first as UploadFrame['sections'][0]).payload.slice();
        payload[5] = (payload[5] ?? 0) ^ 1;
        return { ...(first as UploadFrame['sections'][0]), payload };
      },
      ({ sections: [first] }) => ({ ...(first as UploadFrame['sections'][0]), salt: new Uint8Array(32) }),
    ];
    for (const bend of bends) {
      for (const chunk of [0, 1, 2]) {
        for (const part of [chunk, (chunk + 1) % 3]) {
          const liar = part;
          const { slice, manifest } = await put({
            frame: (frame) =>
              frame.node === liar && frame.part === part && frame.chunk === chunk
                ? { ...frame, sections: frame.sections.with(0, bend(frame)) }
                : frame,
          });
          for (const [node, source] of stores.sources.entries()) {
            const check = checkCommitments(source, slice, manifest);
            if (node !== liar || !source.held.includes(part as 0 | 1 | 2)) await check;
            else
              await expect(check).rejects.toMatchObject({
                code: 'COMMITMENT_MISMATCH',
                details: { part, chunk },
              });
          }
        }
      }
    }
  });
});

describe('columns of several slices', () => {
  test.each([[[64, 64]], [[1, 63, 65]], [[150, 3, 70]], [[5, 128, 1, 1, 200]]])(
    'slices of %j rows come together in order',
    async (sizes) => {
      const rows = sizes.map((size, i) => patients(size, `slice ${i}`));
      const stored: StoredSlice[] = [];
      const table = `t${count++}`;
      for (const [i, some] of rows.entries()) {
        stored.push(await stores.put({ table, slice: `s${i}`, chunkRows: 64 }, SCHEMA, some));
      }
      const ranges = stored.map(({ slice }) => ({ slice, start: 0, end: slice.rows }));
      const all = rows.flat();
      for (const [index, column] of SCHEMA.columns.entries()) {
        const shared = await stores.run((_ctx, source) => loadColumn(source, column, index, ranges));
        const expected = all.map((row) => encodeCell(column.type, row[column.name] ?? null));
        const values = shared.map((one) => one.values);
        expect(opened(values)).toEqual(expected);
        if (!column.nullable) continue;
        const validity = shared.map((one) => one.validity as SharedColumn['values']);
        expect(opened(validity)).toEqual(all.map((row) => (row[column.name] === null ? 0n : 1n)));
      }
    },
  );

  test('a range of whole chunks is just these rows', async () => {
    const { slice } = await put();
    const column = SCHEMA.columns[0] as (typeof SCHEMA.columns)[0];
    const shared = await stores.run((_ctx, source) =>
      loadColumn(source, column, 0, [{ slice, start: 64, end: 150 }]),
    );
    expect(opened(shared.map((one) => one.values))).toEqual(
      ROWS.slice(64).map((row) => BigInt(row.age as string)),
    );
  });
});

/** What the shares stand for, from one copy of each part. */
function opened(shares: readonly SharedColumn['values'][]): bigint[] {
  const numbers = shares.flatMap((share) => ('rows' in share ? [] : [share]));
  const flags = shares.flatMap((share) => ('rows' in share ? [share] : []));
  if (flags.length > 0) {
    const parts = new Map(
      flags.flatMap(({ held, parts: vectors }) => held.map((part, i) => [part, vectors[i]])),
    );
    const whole = [...parts.values()].reduce((sum, one) => kernels.xor(sum as BitMatrix, one as BitMatrix));
    return Array.from({ length: whole?.length ?? 0 }, (_, i) => BigInt(whole?.get(0, i) ?? 0));
  }
  const parts = new Map(
    numbers.flatMap(({ held, parts: vectors }) => held.map((part, i) => [part, vectors[i]])),
  );
  const whole = [...parts.values()].reduce((sum, one) => kernels.add(sum as RingVector, one as RingVector));
  return whole?.toBigInts() ?? [];
}
