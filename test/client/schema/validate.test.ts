import { describe, expect, it } from 'vitest';
import { validateFile } from '../../../src/client/schema/validate.js';
import { WarifuError } from '../../../src/core/errors.js';
import { parseSchema, type TableSchema } from '../../../src/share/schema.js';
import { csvFolder } from './csv-of.js';

const open = csvFolder();

const SCHEMA: TableSchema = parseSchema({
  warifu_schema: 1,
  missing: ['NA'],
  columns: [
    { name: '年齢', type: 'integer', min: 0, max: 120, nullable: false },
    { name: '体重', type: 'decimal', digits: 1, min: '0.0', max: '200.0', nullable: true },
    { name: '性別', type: 'category', labels: ['女', '男'], nullable: false },
    { name: '喫煙', type: 'boolean', true: ['yes'], false: ['no'], nullable: true },
    { name: '受診日', type: 'date', min: '2020-01-01', max: '2024-12-31', nullable: false },
    { name: 'ID', type: 'identifier', nullable: false },
  ],
});
const HEADER = 'ID,受診日,喫煙,性別,体重,年齢';

async function refusal(text: string, schema = SCHEMA): Promise<WarifuError> {
  const file = await open(text);
  const error: unknown = await validateFile(file, schema).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WarifuError);
  expect((error as WarifuError).exitCode).toBe(2);
  return error as WarifuError;
}

describe('validateFile', () => {
  it('passes a file in other column order, spelling and width', async () => {
    const rows = [
      '1,2024-02-29,YES,男,71.7,57',
      'a2,2020年1月1日,NA,女,,１２０',
      ' x ,2024/12/31, no ,女,200,0',
    ];
    const file = await open([HEADER.replace('ID', 'ｉｄ'), ...rows].join('\r\n'));
    const seen: number[] = [];
    expect(await validateFile(file, SCHEMA, { onProgress: ({ bytes }) => seen.push(bytes) })).toEqual({
      rows: 3,
    });
    expect(seen.at(-1)).toBe(file.size);
  });

  it.each([
    [
      'a number above its range',
      '1,2024-02-29,yes,男,71.7,121',
      "'121' is outside the declared range 0 to 120",
    ],
    [
      'a number below its range',
      '1,2024-02-29,yes,男,-0.1,5',
      "'-0.1' is outside the declared range 0.0 to 200.0",
    ],
    ['more decimals', '1,2024-02-29,yes,男,71.75,5', "'71.75' is not a number with at most 1 decimals"],
    ['a fraction in an integer', '1,2024-02-29,yes,男,71.7,5.5', "'5.5' is not an integer"],
    ['an exponent', '1,2024-02-29,yes,男,7e1,5', "'7e1' is not a decimal number"],
    ['a separator', '1,2024-02-29,yes,男,"1,000",5', 'no thousands separators'],
    ['a word', '1,2024-02-29,yes,男,重い,5', "'重い' is not a decimal number"],
    [
      'an unknown label, with the nearest',
      '1,2024-02-29,yes,男性,71.7,5',
      "'男性' is not among the 2 labels (did",
    ],
    ['neither yes nor no', '1,2024-02-29,maybe,男,71.7,5', "'maybe' is neither yes nor no"],
    ['no date', '1,2023-02-29,yes,男,71.7,5', "'2023-02-29' is not a date"],
    ['a date out of range', '1,2019-12-31,yes,男,71.7,5', 'range 2020-01-01 to 2024-12-31'],
    ['a missing value', '1,2024-02-29,yes,男,71.7,NA', 'the value is missing'],
    ['a ragged row', '1,2024-02-29,yes,男,71.7', '5 fields, but the header has 6'],
  ])('names %s by row and column', async (_, row, part) => {
    const error = await refusal(`${HEADER}\n1,2024-02-29,yes,男,71.7,57\n${row}\n`);
    expect(error.code).toBe('CSV_INVALID');
    expect(error.message).toContain(part);
    expect(error.message).toMatch(/1 fault \(row 1 is the header\)\n {2}row 3[,:]/);
  });

  it('lists 20 faults and counts all; what could reach a log holds places only', async () => {
    const error = await refusal(`${HEADER}\n${'1,2024-02-29,yes,猫舌,71.7,999\n'.repeat(30)}`);
    expect(error.message).toContain('60 faults, of which the first 20 are listed');
    expect(error.message.split('\n')).toHaveLength(21);
    expect(error.details).toMatchObject({ faults: 60, columns: ['年齢', '性別'] });
    expect(JSON.stringify(error.details)).not.toMatch(/猫舌|999/);
  });

  it('encodes an unlisted label as the other one, where there is one', async () => {
    const other = parseSchema({
      warifu_schema: 1,
      missing: [],
      columns: [{ name: 'c', type: 'category', labels: ['a', 'other'], other: 'other', nullable: false }],
    });
    expect(await validateFile(await open('c\na\nzzz\n'), other)).toEqual({ rows: 2 });
  });

  it('names undeclared and missing columns with the nearest name', async () => {
    const error = await refusal(`${HEADER.replace('受診日', '受診').replace('体重', '身長')}\n1,2,3,4,5,6\n`);
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.details).toMatchObject({ undeclared: ['受診', '身長'], missing: ['体重', '受診日'] });
    expect(error.message).toContain("column '受診' is not in the schema (did you mean '受診日'?)");
    expect(error.message).toContain("column '体重' of the schema is not in the file");
  });
});
