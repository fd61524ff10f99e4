import { describe, expect, it } from 'vitest';
import { chooseChunkRows, commitmentBytes, payloadBytes } from '../../../src/client/provider/chunk-rows.js';
import { rechunk } from '../../../src/client/provider/rechunk.js';
import { MAX_WIRE_MESSAGE } from '../../../src/query/request-wire.js';
import type { Column, TableSchema } from '../../../src/share/schema.js';
import { codeOf } from '../../query/request-fixtures.js';

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
    const chosen = chooseChunkRows(table, rows);
    expect(chosen % 64).toBe(0);
    expect(chosen).toBeGreaterThanOrEqual(64);
    expect(chosen).toBeLessThanOrEqual(65_536);
    expect(payloadBytes(table, 'bytes', chosen)).toBeLessThanOrEqual(12 << 20);
    expect(Math.ceil(rows / chosen) * commitmentBytes(table)).toBeLessThan(MAX_WIRE_MESSAGE);
  });

  it('is refused for a slice that is too wide and long', () => {
    expect(codeOf(() => chooseChunkRows(schema(1000, INTEGER), 10_000_000))).toBe('TABLE_TOO_LARGE');
  });
});

describe('rechunking', () => {
  it('keeps every record in order, whatever the batches', async () => {
    const sizes = [3, 1, 200, 64, 0, 7, 500];
    let next = 0;
    async function* batches() {
      for (const size of sizes) {
        const rows = Array.from({ length: size }, () => next++);
        yield await Promise.resolve({ records: rows.map((row) => [String(row)]), rows, bytes: next });
      }
    }
    const lengths: number[] = [];
    const seen: number[] = [];
    for await (const { records, rows } of rechunk(batches(), 128)) {
      lengths.push(records.length);
      seen.push(...rows);
      expect(records.map(([text]) => Number(text))).toEqual(rows);
    }
    expect(lengths).toEqual([128, 128, 128, 128, 128, 128, 7]);
    expect(seen).toEqual(Array.from({ length: 775 }, (_, i) => i));
  });
});
