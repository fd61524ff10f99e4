import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import {
  type Column,
  type ColumnType,
  dealtWidth,
  encodedBits,
  encodedMax,
  foldName,
  formatDay,
  formatDecimal,
  parseDay,
  parseDecimal,
  parseSchema,
  schemaDifferences,
  schemaToJson,
  type TableSchema,
} from '../../src/share/schema.js';

function schemaOf(...columns: unknown[]): unknown {
  return { warifu_schema: 1, missing: [], columns };
}

const age = { name: '年齢', type: 'integer', min: '0', max: '120', nullable: false };

function refusal(data: unknown): string {
  try {
    parseSchema(data);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WarifuError);
    expect((thrown as WarifuError).code).toBe('SCHEMA_INVALID');
    return (thrown as WarifuError).message;
  }
  return 'accepted';
}

const text = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => one === one.trim() && one !== '');
const range = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n }))
  .map(([min, span]) => ({ min, max: min + span }));
const day = fc.integer({ min: -719_000, max: 2_900_000 });
const columnType: fc.Arbitrary<ColumnType> = fc.oneof(
  range.map((bounds) => ({ kind: 'integer', digits: 0, ...bounds }) as const),
  fc
    .tuple(fc.integer({ min: 1, max: 18 }), range)
    .map(([digits, bounds]) => ({ kind: 'decimal', digits, ...bounds }) as const),
  fc
    .tuple(day, fc.nat(30_000))
    .map(([min, span]) => ({ kind: 'date', min: BigInt(min), max: BigInt(min + span) }) as const),
  fc
    .uniqueArray(text, { minLength: 1, maxLength: 6 })
    .map((labels) => ({ kind: 'category', labels }) as const),
  fc
    .uniqueArray(text, { minLength: 1, maxLength: 6 })
    .map((labels) => ({ kind: 'category', labels, other: labels[0]! }) as const),
  fc.constant({ kind: 'boolean', true: ['はい', 'y'], false: ['いいえ'] } as const),
  fc.constant({ kind: 'identifier' } as const),
);
const schemas: fc.Arbitrary<TableSchema> = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z年体_][a-z0-9年体_]{0,8}$/), columnType, fc.boolean()), {
    minLength: 1,
    maxLength: 6,
    selector: ([name]) => foldName(name),
  })
  .map((columns) => ({
    columns: columns.map(([name, type, nullable]): Column => ({ name, type, nullable })),
    missing: [''],
  }));

describe('the JSON form', () => {
  it('gives back every schema that it wrote', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(parseSchema(JSON.parse(JSON.stringify(schemaToJson(schema))))).toEqual(schema);
      }),
    );
  });

  it('reads a file that a person wrote, with numbers unquoted', () => {
    const schema = parseSchema({
      warifu_schema: 1,
      missing: ['NA', ' - ', 'NA'],
      columns: [
        { ...age, min: 0, max: 120 },
        { name: '体重', type: 'decimal', digits: 1, min: 0, max: 199.5, nullable: true },
        { name: '受診日', type: 'date', min: '1969-12-31', max: '2024-02-29', nullable: false },
      ],
    });
    expect(schema.missing).toEqual(['', 'NA', '-']);
    expect(schema.columns.map(({ type }) => type)).toEqual([
      { kind: 'integer', digits: 0, min: 0n, max: 120n },
      { kind: 'decimal', digits: 1, min: 0n, max: 1995n },
      { kind: 'date', min: -1n, max: 19_782n },
    ]);
  });
});

describe('what is refused', () => {
  it.each<[string, unknown, string]>([
    ['no object', 'text', 'not valid'],
    ['no format', { missing: [], columns: [age] }, 'warifu_schema'],
    ['a later format', { warifu_schema: 2, missing: [], columns: [age] }, 'warifu_schema'],
    ['no column', schemaOf(), 'columns'],
    ['columns that are no list', { warifu_schema: 1, missing: [], columns: 5 }, 'columns'],
    ['an unknown key', schemaOf({ ...age, colour: 1 }), "column '年齢'"],
    ['an unknown type', schemaOf({ ...age, type: 'float' }), "column '年齢'"],
    ['a column without a name', schemaOf({ ...age, name: '' }), "column ''"],
    ['a name with spaces around it', schemaOf({ ...age, name: ' a' }), 'has spaces around it'],
    ['a name with a line break', schemaOf({ ...age, name: 'a\nb' }), 'control characters'],
    [
      'names equal but for case and width',
      schemaOf({ ...age, name: 'A' }, { ...age, name: 'ａ' }),
      'two columns',
    ],
    ['a range upside down', schemaOf({ ...age, min: '121' }), 'min is larger than max'],
    ['a fraction in an integer', schemaOf({ ...age, min: '0.5' }), "column '年齢', min"],
    [
      'too wide a range',
      schemaOf({ ...age, min: `-${'9'.repeat(36)}`, max: '9'.repeat(38) }),
      "column '年齢'",
    ],
    [
      'too wide a decimal',
      schemaOf({ ...age, type: 'decimal', digits: 18, max: '9'.repeat(36) }),
      'wider than 126 bits',
    ],
    [
      'more decimals than declared',
      schemaOf({ ...age, type: 'decimal', digits: 1, max: '0.55' }),
      '1 decimals',
    ],
    ['no decimals in a decimal', schemaOf({ ...age, type: 'decimal', digits: 0 }), 'digits'],
    ['an exponent', schemaOf({ ...age, type: 'decimal', digits: 1, max: 1e30 }), "column '年齢', max"],
    [
      'a day that is none',
      schemaOf({ ...age, type: 'date', min: '2023-02-29', max: '2024-01-01' }),
      '2023-02-29',
    ],
    [
      'no labels',
      schemaOf({ name: 'c', type: 'category', labels: [], nullable: false }),
      "column 'c', labels",
    ],
    [
      'a label twice',
      schemaOf({ name: 'c', type: 'category', labels: ['a', 'a'], nullable: false }),
      'twice',
    ],
    [
      'a label with spaces',
      schemaOf({ name: 'c', type: 'category', labels: ['a '], nullable: false }),
      'spaces',
    ],
    [
      "an 'other' that is no label",
      schemaOf({ name: 'c', type: 'category', labels: ['a'], other: 'b', nullable: false }),
      "'other' must be one",
    ],
    [
      'a label that means missing',
      {
        ...(schemaOf({ name: 'c', type: 'category', labels: ['a', '-'], nullable: false }) as object),
        missing: ['-'],
      },
      'also a missing marker',
    ],
    [
      'a spelling for both',
      schemaOf({ name: 'b', type: 'boolean', true: ['Y'], false: ['ｙ'], nullable: false }),
      'both true and false',
    ],
    ['nullable left open', schemaOf({ name: 'i', type: 'identifier' }), "column 'i', nullable"],
  ])('%s', (_, data, part) => {
    expect(refusal(data)).toContain(part);
  });
});

describe('sizes', () => {
  const integer = (min: bigint, max: bigint): ColumnType => ({ kind: 'integer', digits: 0, min, max });
  it.each<[string, ColumnType, bigint | undefined, number, number]>([
    ['a constant', integer(5n, 5n), 0n, 0, 64],
    ['two values', integer(-1n, 0n), 1n, 1, 64],
    ['a byte', integer(0n, 255n), 255n, 8, 64],
    ['one more', integer(0n, 256n), 256n, 9, 64],
    ['the widest of 64', integer(-(2n ** 61n), 2n ** 61n - 1n), 2n ** 62n - 1n, 62, 64],
    ['one more, of 128', integer(0n, 2n ** 62n), 2n ** 62n, 63, 128],
    ['three labels', { kind: 'category', labels: ['a', 'b', 'c'] }, 2n, 2, 64],
    ['yes and no', { kind: 'boolean', true: ['y'], false: ['n'] }, undefined, 1, 1],
    ['an identifier', { kind: 'identifier' }, undefined, 128, 128],
  ])('of %s', (_, type, max, bits, width) => {
    expect([encodedMax(type), encodedBits(type), dealtWidth(type)]).toEqual([max, bits, width]);
  });
});

describe('texts of values', () => {
  it.each<[string, number, bigint | undefined]>([
    ['71.7', 1, 717n],
    ['70', 1, 700n],
    ['-0.5', 2, -50n],
    ['+5.', 0, 5n],
    ['.25', 2, 25n],
    ['1.500', 1, 15n],
    ['1.55', 1, undefined],
    ['1e3', 1, undefined],
    ['1,000', 0, undefined],
    ['.', 1, undefined],
    ['', 1, undefined],
    ['--1', 0, undefined],
  ])('reads %s with %i decimals', (plain, digits, value) => {
    expect(parseDecimal(plain, digits)).toBe(value);
  });

  it('writes a number so that it reads back', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: 0, max: 18 }), (value, digits) => {
        expect(parseDecimal(formatDecimal(value, digits), digits)).toBe(value);
      }),
    );
    expect([formatDecimal(-5n, 2), formatDecimal(0n, 1), formatDecimal(1399n, 1)]).toEqual([
      '-0.05',
      '0.0',
      '139.9',
    ]);
  });

  it('knows the calendar', () => {
    expect([parseDay('1970-01-01'), parseDay('2000-03-01'), parseDay('1969-12-31')]).toEqual([
      0n,
      11_017n,
      -1n,
    ]);
    for (const wrong of ['2023-02-29', '1900-02-29', '2023-13-01', '2023-1-1', '20230101', '2023-01-01T00']) {
      expect(parseDay(wrong)).toBeUndefined();
    }
    fc.assert(fc.property(day, (one) => parseDay(formatDay(BigInt(one))) === BigInt(one)));
  });
});

describe('schemaDifferences', () => {
  const b = { name: 'b', type: 'identifier', nullable: false };
  const parse = (...columns: unknown[]): TableSchema => parseSchema(schemaOf(...columns));

  it('finds none between equal schemas, whatever their missing markers', () => {
    expect(schemaDifferences(parse(age, b), { ...parse(age, b), missing: ['', 'NA'] })).toEqual([]);
  });

  it('names every column that differs, and how', () => {
    expect(schemaDifferences(parse(age), parse({ ...age, max: '130' }))).toEqual([
      expect.stringMatching(/'年齢'.*"120".*"130"/),
    ]);
    expect(schemaDifferences(parse(age), parse({ ...age, nullable: true }))).toHaveLength(1);
    expect(schemaDifferences(parse(age, b), parse(b))).toEqual([
      "column '年齢' is missing from the new schema",
    ]);
    expect(schemaDifferences(parse(b), parse(b, age))).toEqual([
      "column '年齢' is not in the table's schema",
    ]);
    expect(schemaDifferences(parse(age, b), parse(b, age))).toEqual(['the columns stand in another order']);
  });

  it('finds a difference exactly where the schemas differ', () => {
    fc.assert(
      fc.property(schemas, schemas, (left, right) => {
        const equal = JSON.stringify(schemaToJson(left)) === JSON.stringify(schemaToJson(right));
        expect(schemaDifferences(left, right).length === 0).toBe(equal);
      }),
    );
  });
});
