import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SliceVersion } from '../../../src/server/store/catalogue.js';
import { StoredTable } from '../../../src/server/work/stored-table.js';
import type { SharedTable } from '../../../src/share/column.js';
import { columnOf } from '../../../src/share/column.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { encodeCell, type PlainRow } from '../../support/table.js';
import { revealBits, revealRing } from '../../support/world.js';
import { patients, SCHEMA } from '../support/hospital.js';
import { ThreeStores } from './three-stores.js';

let stores: ThreeStores;
let count = 0;
beforeAll(async () => {
  stores = await ThreeStores.open();
});
afterAll(() => stores.close());

const NAMES = SCHEMA.columns.map(({ name }) => name);

async function tableOf(sizes: readonly number[], names: readonly string[] = NAMES, chunkRows = 64) {
  const rows = sizes.map((size, i) => patients(size, `slice ${i}`));
  const table = `t${count++}`;
  const slices: SliceVersion[] = [];
  for (const [i, some] of rows.entries()) {
    slices.push((await stores.put({ table, slice: `s${i}`, chunkRows }, SCHEMA, some)).slice);
  }
  const tables = stores.sources.map((source) => new StoredTable(source, SCHEMA, slices, names));
  return { rows: rows.flat(), tables };
}

function cells(loaded: readonly SharedTable[], name: string): bigint[] {
  const values = loaded.map((table) => columnOf(table, name).values);
  return 'rows' in (values[0] as object)
    ? (revealBits(values as BinaryShare[])[0] ?? []).map(BigInt)
    : revealRing(values as ArithmeticShare<64>[]);
}

function present(loaded: readonly SharedTable[], name: string): number[] {
  return revealBits(loaded.map((table) => columnOf(table, name).validity as BinaryShare))[0] ?? [];
}

function expectRows(loaded: readonly SharedTable[], rows: readonly PlainRow[]): void {
  for (const { name, type, nullable } of SCHEMA.columns) {
    expect(cells(loaded, name)).toEqual(rows.map((row) => encodeCell(type, row[name] ?? null)));
    if (nullable) expect(present(loaded, name)).toEqual(rows.map((row) => (row[name] === null ? 0 : 1)));
  }
}

describe('a stored table', () => {
  test.each([
    [[200], 64],
    [[200], 100],
    [[64, 64], 128],
    [[1, 63, 65], 50],
    [[5, 128, 1, 1, 200], 96],
    [[5, 128, 1, 1, 200], 400],
    [[3], 64],
  ])('of slices of %j rows comes in stretches of %i', async (sizes, step) => {
    const { rows, tables } = await tableOf(sizes);
    expect(tables[0]?.rows).toBe(rows.length);
    for (let start = 0; start < rows.length; start += step) {
      const end = Math.min(rows.length, start + step);
      const loaded = await Promise.all(tables.map((table) => table.load(start, end)));
      expect(loaded[0]?.rows).toBe(end - start);
      expectRows(loaded, rows.slice(start, end));
    }
  });

  // Payloads of chunks this long are freed when no stretch needs them any more.
  test.each([
    [[8192], 8192],
    [[9000, 100, 8192], 5000],
    [[16389], 8192],
  ])('of long slices of %j rows keeps what it gave, in stretches of %i', async (sizes, step) => {
    const { rows, tables } = await tableOf(sizes, NAMES, 8192);
    const starts = Array.from({ length: Math.ceil(rows.length / step) }, (_, i) => i * step);
    const all = await Promise.all(
      tables.map((one) =>
        Promise.all(starts.map((start) => one.load(start, Math.min(rows.length, start + step)))),
      ),
    );
    for (const [i, start] of starts.entries()) {
      const loaded = all.map((stretches) => stretches[i] as SharedTable);
      expect(loaded[0]?.rows).toBe(Math.min(step, rows.length - start));
      expectRows(loaded, rows.slice(start, start + step));
    }
  });

  test('gives stretches that are asked at once, and only the columns that it was told', async () => {
    const { rows, tables } = await tableOf([90, 40], ['sex', 'smoker']);
    const [table] = tables;
    const all = await Promise.all(
      tables.map((one) => Promise.all([one.load(0, 64), one.load(64, 128), one.load(128, 130)])),
    );
    expect([...(table?.columns.keys() ?? [])]).toEqual(['sex', 'smoker']);
    for (const [i, start] of [0, 64, 128].entries()) {
      const loaded = all.map((stretches) => stretches[i] as SharedTable);
      expect([...(loaded[0]?.columns.keys() ?? [])]).toEqual(['sex', 'smoker']);
      expect(present(loaded, 'smoker')).toEqual(
        rows.slice(start, start + 64).map((row) => (row['smoker'] === null ? 0 : 1)),
      );
    }
  });

  test('reads each chunk file once, wherever the stretches end', async () => {
    const { tables } = await tableOf([100, 150]);
    const [source] = stores.sources;
    const store = source?.store as { readChunk: (...read: unknown[]) => Promise<unknown> };
    const read: string[] = [];
    const original = store.readChunk.bind(store);
    store.readChunk = (slice, place, keys) => {
      read.push(JSON.stringify([(slice as { slice: string }).slice, place]));
      return original(slice, place, keys);
    };
    for (const [start, end] of [
      [0, 30],
      [30, 70],
      [70, 140],
      [140, 250],
    ] as const) {
      await tables[0]?.load(start, end);
    }
    store.readChunk = original;
    // Two chunks of the first slice and three of the second, each of two parts.
    expect(read.length).toBe(10);
    expect(new Set(read).size).toBe(10);
  });
});
