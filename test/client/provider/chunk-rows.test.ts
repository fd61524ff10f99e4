import { describe, expect, it } from 'vitest';
import { batchOfTexts } from '../../../src/client/csv/cell-batch.js';
import { chooseChunkRows, commitmentBytes, payloadBytes } from '../../../src/client/provider/chunk-rows.js';
import { encodedChunks } from '../../../src/client/provider/encode-chunks.js';
import { ChunkEncoder } from '../../../src/client/schema/encode.js';
import { REP3 } from '../../../src/core/scheme.js';
import { MAX_WIRE_MESSAGE } from '../../../src/query/request-wire.js';
import type { Column, TableSchema } from '../../../src/share/schema.js';
import { codeOf } from '../../query/request-fixtures.js';
import { decodeColumn } from '../schema/decode.js';

function schema(columns: number, type: Column['type'], nullable = true): TableSchema {
  return {
    missing: [''],
    columns: Array.from({ length: columns }, (_, i) => ({ name: `c${i}`, type, nullable })),
  };
}
const INTEGER = { kind: 'integer', digits: 0, min: 0n, max: 100n } as const;
const FLAG = { kind: 'boolean', true: ['1'], false: ['0'] } as const;
const KEY = { kind: 'identifier' } as const;

describe('rows to a chunk', () => {
  it.each([
    ['one column', schema(1, INTEGER), 10],
    ['six columns, a million rows', schema(6, INTEGER), 1_000_000],
    ['a hundred keys', schema(100, KEY), 1_000_000],
    ['a thousand columns', schema(1000, INTEGER), 100_000],
    ['a thousand flags', schema(1000, FLAG), 100_000],
    ['one flag, as many rows as there may be', schema(1, FLAG, false), 2 ** 31],
  ])('%s: whole words, small frames, a manifest that fits', (_, table, rows) => {
    const chosen = chooseChunkRows(table, rows, REP3);
    expect(chosen % 64).toBe(0);
    expect(chosen).toBeGreaterThanOrEqual(64);
    expect(chosen).toBeLessThanOrEqual(65_536);
    expect(payloadBytes(table, 'bytes', chosen)).toBeLessThanOrEqual(12 << 20);
    expect(Math.ceil(rows / chosen) * commitmentBytes(table, REP3)).toBeLessThan(MAX_WIRE_MESSAGE);
  });

  it('is refused for a slice that is too wide and long', () => {
    expect(codeOf(() => chooseChunkRows(schema(1000, INTEGER), 10_000_000, REP3))).toBe('TABLE_TOO_LARGE');
  });
});

describe('encoding in chunks', () => {
  const schema: TableSchema = {
    columns: [
      { name: 'x', type: { kind: 'integer', digits: 0, min: 0n, max: 2n ** 44n }, nullable: true },
      { name: 'y', type: { kind: 'boolean', true: ['1'], false: ['0'] }, nullable: false },
    ],
    missing: [''],
  };
  const sizes = [3, 1, 200, 64, 0, 7, 500];
  const scale = 2 ** 31 + 7;

  async function* batches() {
    let next = 0;
    for (const size of sizes) {
      const numbers = Array.from({ length: size }, () => next++);
      const records = numbers.map((i) => [i % 5 === 0 ? '' : String(i * scale), String(i % 2)]);
      yield await Promise.resolve(batchOfTexts(records, numbers, 2, 0));
    }
  }

  async function encoded(rows: number) {
    const encoder = new ChunkEncoder('f.csv', ['x', 'y'], schema);
    const chunks = [];
    const changed = () => new Error('changed');
    for await (const chunk of encodedChunks(batches(), encoder, { rows, chunk_rows: 128 }, changed)) {
      chunks.push(chunk.map((column) => decodeColumn(column)));
    }
    return chunks;
  }

  it('keeps every record in order, whatever the batches', async () => {
    const chunks = await encoded(775);
    expect(chunks.map(([x]) => x?.length)).toEqual([128, 128, 128, 128, 128, 128, 7]);
    const rows = Array.from({ length: 775 }, (_, i) => i);
    expect(chunks.flatMap(([x]) => x)).toEqual(
      rows.map((i) => (i % 5 === 0 ? undefined : String(i * scale))),
    );
    expect(chunks.flatMap(([, y]) => y)).toEqual(rows.map((i) => String(i % 2)));
  });

  it('notices that there are more or fewer rows than were counted', async () => {
    await expect(encoded(774)).rejects.toThrow('changed');
    await expect(encoded(768)).rejects.toThrow('changed');
    await expect(encoded(776)).rejects.toThrow('changed');
  });
});
