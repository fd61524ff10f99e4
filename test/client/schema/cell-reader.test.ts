import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOfTexts, type CellBatch } from '../../../src/client/csv/cell-batch.js';
import { cellCodec, isFault } from '../../../src/client/schema/cell-codec.js';
import { CellMemo } from '../../../src/client/schema/cell-memo.js';
import { CellReader, FAULTY, MISSING, WIDE } from '../../../src/client/schema/cell-reader.js';
import type { ColumnType } from '../../../src/share/schema.js';

function batch(texts: readonly string[]): CellBatch {
  return batchOfTexts(
    texts.map((text) => [text]),
    texts.map((_, i) => i),
    1,
    0,
  );
}

/** What the text of a cell is worth, by the codec alone. */
function byText(type: ColumnType, missing: readonly string[], raw: string): unknown {
  const text = raw.trim();
  if (missing.includes(text)) return MISSING;
  if (type.kind === 'identifier') return text;
  return cellCodec(type)(text);
}

function byReader(type: ColumnType, missing: readonly string[], texts: readonly string[]): unknown[] {
  const reader = new CellReader(type, { missing });
  const cells = batch(texts);
  return texts.map((_, i) => {
    const value = reader.read(cells, i, 0);
    if (value === FAULTY) return reader.fault;
    if (value === WIDE) return type.kind === 'identifier' ? reader.identifier : reader.wide;
    return value;
  });
}

const number = (digits: number, min: bigint, max: bigint): ColumnType => ({
  kind: digits === 0 ? 'integer' : 'decimal',
  digits,
  min,
  max,
});
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const TYPES: readonly ColumnType[] = [
  number(0, 0n, 120n),
  number(0, -50n, 50n),
  number(1, -10n, 2000n),
  number(3, -SAFE / 2n, SAFE / 2n),
  number(0, 0n, SAFE),
  number(0, SAFE - 3n, SAFE),
  number(0, 0n, SAFE + 1n),
  number(9, -(10n ** 20n), 10n ** 20n),
  { kind: 'date', min: -10_000n, max: 30_000n },
  { kind: 'category', labels: ['F', 'M', '男', '1'] },
  { kind: 'category', labels: ['a', 'other'], other: 'other' },
  { kind: 'boolean', true: ['yes', '1'], false: ['no', '0'] },
  { kind: 'identifier' },
];
const MARKERS: readonly (readonly string[])[] = [[''], ['', 'NA', '-9'], ['', '999', '99.0'], ['', 'F', '1']];

const digitText = fc.stringMatching(/^[+-]?\d{0,17}(\.\d{0,10})?$/);
const oneText = fc.oneof(
  digitText,
  digitText,
  digitText.map((text) => ` ${text} `),
  fc.constantFrom(
    '',
    ' ',
    'NA',
    '-9',
    '-9.0',
    '999',
    '99',
    '99.0',
    '0',
    '-0',
    '+0.',
    '.5',
    '007',
    '1e3',
    '1,000',
  ),
  fc.constantFrom(
    '１２',
    '\u22125',
    'F',
    'M',
    'm',
    '男',
    'Yes',
    'no ',
    'yess',
    '\ufeff1',
    '-',
    '+',
    '.',
    '--1',
  ),
  fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740993', '999999999999999'),
  fc.constantFrom('2024-02-29', '2023-02-29', '2024/2/9', '2024年1月1日', '1969-12-31', '2024-13-01'),
);

describe('the reader of a column', () => {
  it('reads from bytes what the text is worth, also when it comes again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.constantFrom(...MARKERS),
        fc.array(oneText, { minLength: 1, maxLength: 30 }),
        (type, missing, texts) => {
          const twice = [...texts, ...texts];
          const expected = twice.map((text) => {
            const value = byText(type, missing, text);
            return Object.is(value, -0) ? 0 : value;
          });
          const read = byReader(type, missing, twice).map((value) => (Object.is(value, -0) ? 0 : value));
          expect(read).toEqual(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads every short decimal exactly', () => {
    const type = number(2, -99_999n, 99_999n);
    const texts = Array.from({ length: 20_001 }, (_, i) => ((i - 10_000) / 100).toFixed(2));
    const values = texts.map((_, i) => i - 10_000 + 99_999);
    expect(byReader(type, [''], texts)).toEqual(values);
  });

  it('does not take the bytes of one encoding for those of another', () => {
    const type: ColumnType = { kind: 'category', labels: ['男', 'ﾂ'] };
    const reader = new CellReader(type, { missing: [''] });
    // half-width katakana TU is the byte C2 in CP932
    const bytes = Uint8Array.of(0xc2);
    const cp932: CellBatch = { ...batch(['x']), bytes, encoding: 'cp932' };
    expect(reader.read(cp932, 0, 0)).toBe(1);
    expect(reader.read(batch(['男']), 0, 0)).toBe(0);
    expect(() => reader.read({ ...cp932, encoding: 'utf-8' }, 0, 0)).toThrow(TypeError);
  });

  it('says why a cell does not fit', () => {
    const reader = new CellReader(number(0, 0n, 120n), { missing: [''] });
    expect(reader.read(batch(['121']), 0, 0)).toBe(FAULTY);
    expect(isFault(reader.fault!)).toBe(true);
    expect(reader.fault!.what).toContain("'121' is outside the declared range 0 to 120");
  });
});

describe('the memo of cells', () => {
  it('remembers what it was told, of many cells of any bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.nat()), { maxLength: 600 }),
        (cells) => {
          const memo = new CellMemo();
          const told = new Map<string, number>();
          for (const [bytes, value] of cells) {
            memo.set(bytes, 0, bytes.length, value);
            const key = Buffer.from(bytes).toString('hex');
            if (bytes.length <= 48 && !told.has(key)) told.set(key, value);
          }
          for (const [bytes] of cells) {
            const padded = Uint8Array.of(1, ...bytes, 2);
            const known = memo.get(padded, 1, bytes.length + 1);
            expect(known).toBe(told.get(Buffer.from(bytes).toString('hex')));
          }
        },
      ),
    );
  });

  it('stops remembering at its limit, and still answers', () => {
    const memo = new CellMemo();
    const encoder = new TextEncoder();
    for (let i = 0; i < 40_000; i++) {
      const bytes = encoder.encode(`cell ${i}`);
      memo.set(bytes, 0, bytes.length, i);
    }
    const first = encoder.encode('cell 0');
    const last = encoder.encode('cell 39999');
    expect(memo.get(first, 0, first.length)).toBe(0);
    expect(memo.get(last, 0, last.length)).toBeUndefined();
  });
});
