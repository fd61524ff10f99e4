import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOfTexts } from '../../../src/client/csv/cell-batch.js';
import { ChunkEncoder } from '../../../src/client/schema/encode.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import { identifierKey } from '../../../src/share/identifier-key.js';
import {
  type Column,
  type ColumnType,
  formatDay,
  formatDecimal,
  type TableSchema,
} from '../../../src/share/schema.js';
import { decodeColumn } from './decode.js';

function encode(header: readonly string[], schema: TableSchema, records: readonly (readonly string[])[]) {
  const rows = records.map((_, i) => i + 2);
  const encoder = new ChunkEncoder('f.csv', header, schema);
  encoder.begin(records.length);
  expect(encoder.append(batchOfTexts(records, rows, header.length, 0), 0)).toBe(records.length);
  return encoder.finish();
}

function encodeOne(type: ColumnType, texts: readonly string[], nullable = true) {
  const schema: TableSchema = { columns: [{ name: 'x', type, nullable }], missing: ['', 'NA'] };
  const records = texts.map((text) => [text]);
  const [encoded] = encode(['x'], schema, records);
  return encoded!;
}

describe('encoded forms', () => {
  it('numbers are distances from the minimum in 64-bit words; missing slots are 0', () => {
    const type: ColumnType = { kind: 'decimal', digits: 1, min: -10n, max: 2000n };
    const { values, validity } = encodeOne(type, ['-1', '71.7', '', '200.0', 'NA', '０']);
    expect(values).toEqual(RingVector.fromBigInts(64, [0n, 727n, 0n, 2010n, 0n, 10n]));
    expect(validity).toEqual(BitMatrix.fromBits([[1, 1, 0, 1, 0, 1]]));
    expect(encodeOne(type, ['5'], false).validity).toBeUndefined();
  });

  it('wide numbers fill both words of 128 bits, and 62-bit numbers one word', () => {
    const wide: ColumnType = { kind: 'integer', digits: 0, min: -(2n ** 70n), max: 2n ** 70n };
    const value = 2n ** 69n + 12_345_678_901_234_567_890n;
    const { values } = encodeOne(wide, [value.toString(), '-1180591620717411303424', '0']);
    expect(values).toEqual(RingVector.fromBigInts(128, [value + 2n ** 70n, 0n, 2n ** 70n]));
    const long: ColumnType = { kind: 'integer', digits: 0, min: 0n, max: 2n ** 62n - 1n };
    expect(encodeOne(long, ['4611686018427387903']).values).toEqual(
      RingVector.fromBigInts(64, [2n ** 62n - 1n]),
    );
  });

  it('booleans are packed bits, across words', () => {
    const texts = Array.from({ length: 130 }, (_, i) => (i % 3 === 0 ? 'yes' : i % 7 === 0 ? '' : 'no'));
    const { values, validity } = encodeOne({ kind: 'boolean', true: ['yes'], false: ['no'] }, texts);
    expect(values).toEqual(BitMatrix.fromBits([texts.map((text) => (text === 'yes' ? 1 : 0))]));
    expect(validity).toEqual(BitMatrix.fromBits([texts.map((text) => (text === '' ? 0 : 1))]));
  });

  it('identifiers are the 16 bytes of their key', () => {
    const { values } = encodeOne({ kind: 'identifier' }, ['P-1', '0 p-１', 'NA']);
    const bytes = (values as RingVector).bytes();
    expect(Buffer.from(bytes.subarray(0, 16)).equals(identifierKey('P-1'))).toBe(true);
    expect(Buffer.from(bytes.subarray(16, 32)).equals(bytes.subarray(0, 16))).toBe(true);
    expect(bytes.subarray(32).every((byte) => byte === 0)).toBe(true);
  });

  it('an unlisted label becomes the other one', () => {
    const type: ColumnType = { kind: 'category', labels: ['a', 'b', 'other'], other: 'other' };
    expect(encodeOne(type, ['b', 'rare', 'other']).values.length).toBe(3);
    expect(decodeColumn(encodeOne(type, ['b', 'rare', 'a']))).toEqual(['b', 'other', 'a']);
  });

  it('columns come out in schema order', () => {
    const column = (name: string): Column => ({
      name,
      nullable: false,
      type: { kind: 'integer', digits: 0, min: 0n, max: 9n },
    });
    const schema: TableSchema = { columns: [column('a'), column('b')], missing: [''] };
    const encoded = encode(['B', 'a'], schema, [['1', '2']]);
    expect(encoded.map((one) => [one.column.name, ...decodeColumn(one)])).toEqual([
      ['a', '2'],
      ['b', '1'],
    ]);
  });

  it('refuses a cell that validation would have refused, naming its place and not the cell', () => {
    const type: ColumnType = { kind: 'integer', digits: 0, min: 0n, max: 120n };
    expect(() => encodeOne(type, ['5', '121'])).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
    expect(() => encodeOne(type, ['5', '121'])).toThrow("row 3, column 'x'");
    expect(() => encodeOne(type, ['5', '121'])).not.toThrow('121');
    expect(() => encodeOne(type, ['NA'], false)).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
  });

  it('takes a batch without rows', () => {
    expect(encodeOne({ kind: 'identifier' }, []).values.length).toBe(0);
  });
});

/** A type, and texts of that type in canonical form. */
const columns: fc.Arbitrary<{ type: ColumnType; texts: (string | undefined)[] }> = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom(0, 1, 3, 9),
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 10n ** 22n })),
      )
      .map(([digits, min, span]) => ({
        type: { kind: digits === 0 ? 'integer' : 'decimal', digits, min, max: min + span } as ColumnType,
        text: fc.bigInt({ min, max: min + span }).map((value) => formatDecimal(value, digits)),
      })),
    fc.tuple(fc.integer({ min: -700_000, max: 2_000_000 }), fc.nat(50_000)).map(([min, span]) => ({
      type: { kind: 'date', min: BigInt(min), max: BigInt(min + span) } as ColumnType,
      text: fc.integer({ min, max: min + span }).map((day) => formatDay(BigInt(day))),
    })),
    fc.uniqueArray(fc.stringMatching(/^[a-z男女]{1,4}$/), { minLength: 1, maxLength: 300 }).map((labels) => ({
      type: { kind: 'category', labels } as ColumnType,
      text: fc.constantFrom(...labels),
    })),
    fc.constant({
      type: { kind: 'boolean', true: ['有'], false: ['無'] } as ColumnType,
      text: fc.constantFrom('有', '無'),
    }),
  )
  .chain(({ type, text }) =>
    fc
      .array(fc.option(text, { nil: undefined, freq: 4 }), { maxLength: 150 })
      .map((texts) => ({ type, texts })),
  );

describe('round trip', () => {
  it('decodes to what was encoded, for every type', () => {
    fc.assert(
      fc.property(columns, ({ type, texts }) => {
        const encoded = encodeOne(
          type,
          texts.map((text) => text ?? 'NA'),
        );
        expect(decodeColumn(encoded)).toEqual(texts);
      }),
    );
  });

  it('keeps identifiers apart', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[1-9a-z]{1,6}$/), { maxLength: 100 }), (ids) => {
        const keys = decodeColumn(encodeOne({ kind: 'identifier' }, ids));
        expect(new Set(keys).size).toBe(ids.length);
        expect(keys).toEqual(ids.map((id) => Buffer.from(identifierKey(id)).toString('hex')));
      }),
    );
  });
});
