import { describe, expect, it } from 'vitest';
import type { ColumnReport } from '../../../src/client/schema/decide-column.js';
import { type InferOptions, inferSchema, schemaFileText } from '../../../src/client/schema/infer.js';
import { renderReport } from '../../../src/client/schema/report.js';
import { parseSchema } from '../../../src/share/schema.js';
import { columnText, csvFolder } from './csv-of.js';

const open = csvFolder();

/** The report of a one-column file in which each value occurs as often as stated; a second column keeps blanks apart. */
async function columnOf(
  values: readonly (readonly [string, number])[],
  options: InferOptions = {},
): Promise<ColumnReport & { problems: readonly string[]; missingMarkers: readonly string[] | undefined }> {
  const lines = columnText('x', ...values).split('\n');
  const inference = await inferSchema(
    await open(lines.map((line, i) => `${line},${i === 0 ? 'n' : 1}`).join('\n')),
    options,
  );
  return {
    ...inference.columns[0]!,
    problems: inference.problems,
    missingMarkers: inference.schema?.missing,
  };
}

const spread = (from: number, to: number): [string, number][] =>
  Array.from({ length: to - from + 1 }, (_, i) => [String(from + i), 1]);

describe('types', () => {
  it('integer, with the range outwards', async () => {
    expect(await columnOf(spread(23, 87))).toMatchObject({
      column: { name: 'x', nullable: false, type: { kind: 'integer', digits: 0, min: 0n, max: 100n } },
      range: { min: '0', max: '100' },
      missing: 0,
      present: 65,
    });
  });

  it('decimal with the most decimals seen', async () => {
    const report = await columnOf([
      ['41.2', 3],
      ['139.9', 1],
      ['70', 9],
      ['１００．２５', 1],
    ]);
    expect(report.column?.type).toEqual({ kind: 'decimal', digits: 2, min: 0n, max: 15_000n });
    expect(report.range).toEqual({ min: '0.00', max: '150.00' });
  });

  it('finds the extremes among numbers that doubles cannot tell apart', async () => {
    const report = await columnOf([
      ['9007199254740993', 1],
      ['9007199254740992', 1],
      ['9007199254740994', 1],
    ]);
    expect(report.column?.type).toMatchObject({ min: 9_007_199_254_740_990n, max: 9_007_199_254_740_996n });
  });

  it('integer with its exact range where many rows share few values', async () => {
    const flags = await columnOf([
      ['0', 40],
      ['1', 10],
    ]);
    expect(flags.column?.type).toEqual({ kind: 'integer', digits: 0, min: 0n, max: 1n });
    const rarely = await columnOf([
      ['0', 40],
      ['1', 9],
    ]);
    expect(rarely.column?.type).toMatchObject({ min: -2n, max: 2n });
    expect(
      (
        await columnOf(
          [
            ['0', 4],
            ['1', 1],
          ],
          { minLabelCount: 1 },
        )
      ).column?.type,
    ).toMatchObject({ min: 0n, max: 1n });
    expect((await columnOf([['5', 40]])).column?.type).toMatchObject({ min: 0n, max: 10n });
  });

  it.each([
    [['2021-04-03', '2023/11/30', '2022年7月1日'], { min: 18_628n, max: 19_722n }],
    [['２０２３－０１－０２'], { min: 19_358n, max: 19_722n }],
  ])('date %j', async (dates, range) => {
    const report = await columnOf(dates.map((date) => [date, 1]));
    expect(report.column?.type).toEqual({ kind: 'date', ...range });
  });

  it.each([
    [['yes', 'No', 'YES'], ['yes'], ['no']],
    [['有', '無'], ['有'], ['無']],
    [['はい'], ['はい'], ['いいえ']],
    [['Ｔ', 'f'], ['t'], ['f']],
  ])('boolean %j', async (texts, yes, no) => {
    const report = await columnOf(texts.map((text) => [text, 1]));
    expect(report.column?.type).toEqual({ kind: 'boolean', true: yes, false: no });
  });

  it("takes F alone for a label, as a women's hospital has it as sex", async () => {
    const report = await columnOf([['F', 12]]);
    expect(report.column?.type).toMatchObject({ kind: 'category', labels: ['F'] });
  });

  it('category only if every label occurs often enough, labels by code point', async () => {
    const report = await columnOf([
      ['男', 10],
      ['女', 12],
    ]);
    expect(report.column?.type).toEqual({ kind: 'category', labels: ['女', '男'] });
    expect(report.labels).toEqual([
      { label: '女', count: 12 },
      { label: '男', count: 10 },
    ]);
    const refused = await columnOf([
      ['男', 9],
      ['女', 12],
    ]);
    expect(refused.column).toBeUndefined();
    expect(refused.rare).toEqual([{ label: '男', count: 9 }]);
    expect(refused.problems).toEqual([
      expect.stringContaining("column 'x': 1 label occurs fewer than 10 times"),
    ]);
  });

  it('keeps every label when told so, for the issue example', async () => {
    const file = await open(
      '年齢,性別,身長,体重\n57,男,154.8,71.7\n45,男,179.9,70\n53,女,156.3,51.1\n77,男,169.2,63\n59,男,175.2,67.1\n',
    );
    const { schema, rows } = await inferSchema(file, { minLabelCount: 1 });
    expect(rows).toBe(5);
    expect(schema?.columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ['年齢', 'integer'],
      ['性別', 'category'],
      ['身長', 'decimal'],
      ['体重', 'decimal'],
    ]);
    expect((await inferSchema(file)).schema).toBeUndefined();
  });

  it('has labels beyond U+FFFF last, as PostgreSQL sorts them', async () => {
    const report = await columnOf([
      ['𠮟', 10],
      ['Ａ', 10],
      ['z', 10],
    ]);
    expect(report.column?.type).toEqual({ kind: 'category', labels: ['z', 'Ａ', '𠮟'] });
  });

  it.each([
    ['31/01/2025', '01/02/2025'],
    ['2025-01-31 09:30', '2025-02-01 10:00'],
    ['令和7年1月31日', '平成元年2月1日'],
    ['S64.1.7', 'H1.1.8'],
  ])('says how to write dates that are in another form, such as %s', async (one, other) => {
    const hint = 'if they are dates, write them as YYYY-MM-DD, unlike row 2';
    expect(
      (
        await columnOf([
          [one, 1],
          [other, 1],
        ])
      ).why,
    ).toContain(hint);
    expect(
      (
        await columnOf([
          [one, 4],
          [other, 9],
        ])
      ).why,
    ).toContain(hint);
    expect(
      (
        await columnOf([
          ['3/4', 1],
          ['H12', 1],
        ])
      ).why,
    ).not.toContain('dates');
  });

  it('identifier where nearly all differ, or where there are more texts than labels may be', async () => {
    const names = Array.from({ length: 30 }, (_, i): [string, number] => [`P-${i}`, 1]);
    expect((await columnOf(names)).column?.type).toEqual({ kind: 'identifier' });
    const many = Array.from({ length: 10_001 }, (_, i): [string, number] => [`p${i}`, 2]);
    expect((await columnOf(many)).column?.type).toEqual({ kind: 'identifier' });
    expect((await columnOf([[`${'long '.repeat(40)}`, 50]])).column?.type).toEqual({ kind: 'identifier' });
  });

  it('takes codes with leading zeros as texts', async () => {
    const postcodes = Array.from({ length: 40 }, (_, i): [string, number] => [
      `0${1_000_000 + i}`.slice(i % 2),
      1,
    ]);
    const report = await columnOf(postcodes);
    expect(report.column?.type).toEqual({ kind: 'identifier' });
    expect(report.why).toContain('leading zeros');
  });
});

describe('missing values', () => {
  it('knows the usual markers, lists those seen, and makes the column nullable', async () => {
    const report = await columnOf([
      ['', 2],
      ['NA', 1],
      [' 欠損 ', 1],
      ['N/A', 1],
      ['5', 4],
      ['80', 1],
    ]);
    expect(report).toMatchObject({
      missing: 5,
      present: 5,
      column: { nullable: true, type: { kind: 'integer' } },
    });
    expect(report.missingMarkers).toEqual(['', 'NA', '欠損', 'N/A']);
  });

  it("takes '-' as a gap among numbers, and as a label among texts", async () => {
    const numbers = await columnOf([
      ['-', 3],
      ['5', 4],
      ['80', 1],
    ]);
    expect(numbers).toMatchObject({ missing: 3, present: 5, column: { nullable: true } });
    expect(numbers.missingMarkers).toEqual(['', '-']);
    const protein = await columnOf([
      ['-', 30],
      ['+', 10],
      ['2+', 10],
    ]);
    expect(protein.column).toEqual({
      name: 'x',
      nullable: false,
      type: { kind: 'category', labels: ['+', '-', '2+'] },
    });
    expect(protein.present).toBe(50);
  });

  it('names a marker that is a gap in one column and a label in another', async () => {
    const text = `a,b\n${'5,-\n-,+\n'.repeat(20)}`;
    const { schema, problems } = await inferSchema(await open(text));
    expect(schema).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining("column 'b': '-' would be a label here")]);
    const told = await inferSchema(await open(text), { missing: ['-'] });
    expect(told.schema?.columns.map(({ nullable }) => nullable)).toEqual([true, true]);
  });

  it('takes exactly the markers that it is told', async () => {
    const report = await columnOf(
      [
        ['NA', 20],
        ['不明', 3],
        ['EU', 20],
      ],
      { missing: ['不明'] },
    );
    expect(report).toMatchObject({ missing: 3, column: { type: { labels: ['EU', 'NA'] } } });
    expect(report.missingMarkers).toEqual(['', '不明']);
  });

  it('refuses a column without values, unless the data stay with their owner', async () => {
    expect(
      (
        await columnOf([
          ['', 5],
          ['-', 5],
        ])
      ).problems,
    ).toEqual([expect.stringContaining('no value to judge by')]);
    expect((await columnOf([['', 5]], { minLabelCount: 1 })).column).toMatchObject({
      nullable: true,
      type: { kind: 'identifier' },
    });
  });
});

describe('refusals that explain', () => {
  it.each<[string, [string, number][], string[]]>([
    ['exponents', [...spread(1, 60), ['1.2E+05', 1]], ['row 62', "'1.2E+05'", 'exponent']],
    ['separators', [...spread(1, 60), ['1,234', 2]], ['2 values', "'1,234'", 'thousands separators']],
    [
      'words among numbers',
      [...spread(1, 60), ['高い', 3]],
      ['3 values', 'row 62', "'高い'", 'missing marker'],
    ],
    ['too many decimals', [['0.12345678901', 5]], ['round it']],
    [
      'no day',
      [
        ['2023-01-05', 50],
        ['2023-02-30', 1],
      ],
      ['nearly all values are dates', 'row 52'],
    ],
  ])('%s', async (_, values, parts) => {
    const { column, problems } = await columnOf(values);
    expect(column).toBeUndefined();
    for (const part of parts) expect(problems[0]).toContain(part);
  });

  it('lists ragged rows', async () => {
    await expect(inferSchema(await open('a,b\n1,2\n3\n4,5,6\n'))).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message: expect.stringMatching(/2 faults[\s\S]*row 3:[\s\S]*row 4:/),
    });
  });
});

describe('what the provider asks for', () => {
  it('merges rare labels into one that is frequent enough', async () => {
    const values: [string, number][] = [
      ['A', 20],
      ['B', 9],
      ['C', 4],
      ['その他', 2],
    ];
    const report = await columnOf(values, { mergeRare: { X: 'その他' } });
    expect(report.column?.type).toEqual({ kind: 'category', labels: ['A', 'その他'], other: 'その他' });
    expect(report.labels?.at(-1)).toEqual({ label: 'その他', count: 15 });
    expect(report.rare).toHaveLength(3);
    const few = await columnOf(
      [
        ['A', 20],
        ['B', 9],
      ],
      { mergeRare: { x: 'その他' } },
    );
    expect(few.column).toBeUndefined();
    expect(few.problems).toEqual([expect.stringContaining('still occur only 9 times')]);
  });

  it('never writes a rare label into the schema', async () => {
    const text = `a,b\n${'x,1\n'.repeat(30)}${'rare-one,1\n'.repeat(4)}${'rare-two,1\n'.repeat(6)}`;
    const { schema } = await inferSchema(await open(text), { mergeRare: { a: 'other' } });
    expect(schemaFileText(schema!)).not.toContain('rare');
  });

  it.each([
    ['category', { kind: 'category', labels: ['1', '2'] }],
    ['identifier', { kind: 'identifier' }],
    ['decimal', { kind: 'decimal', digits: 1, min: 5n, max: 25n }],
  ] as const)('declares a column of numbers as %s', async (kind, type) => {
    expect(
      (
        await columnOf(
          [
            ['1', 20],
            ['2', 20],
          ],
          { types: { x: kind } },
        )
      ).column?.type,
    ).toEqual(type);
  });

  it('declares 0 and 1 as boolean, and says why something cannot be', async () => {
    const types = { x: 'boolean' } as const;
    expect(
      (
        await columnOf(
          [
            ['0', 20],
            ['1', 3],
          ],
          { types },
        )
      ).column?.type,
    ).toEqual({
      kind: 'boolean',
      true: ['1'],
      false: ['0'],
    });
    expect(
      (
        await columnOf(
          [
            ['0', 20],
            ['2', 3],
          ],
          { types },
        )
      ).why,
    ).toContain('cannot be a boolean');
    expect((await columnOf([['1.5', 20]], { types: { x: 'integer' } })).why).toContain('declare a decimal');
    expect((await columnOf([['a', 20]], { types: { x: 'date' } })).why).toContain('cannot be a date');
  });

  it.each(['', ' other', 'x'.repeat(129)])('refuses %j as the label for rare values', async (label) => {
    await expect(columnOf([['A', 20]], { mergeRare: { x: label } })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('names a column that the file lacks', async () => {
    await expect(
      inferSchema(await open('weight\n1\n'), { types: { wieght: 'integer' } }),
    ).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining("did you mean 'weight'"),
    });
  });
});

describe('the schema file and the report', () => {
  const text = `年齢,性別,喫煙\n${'57,男,yes\n45,女,no\n33,男,\n'.repeat(20)}`;

  it('gives a file that parses back to the schema', async () => {
    const { schema } = await inferSchema(await open(text));
    expect(parseSchema(JSON.parse(schemaFileText(schema!)))).toEqual(schema);
    expect(schemaFileText(schema!)).toMatch(/^\{\n {2}"warifu_schema": 1,\n/);
  });

  it('shows a line per column, aligned for wide characters and without colour', async () => {
    const file = await open(text);
    const lines = renderReport(file, await inferSchema(file));
    const shown = lines.join('\n');
    for (const part of [
      '60 rows, 3 columns',
      'UTF-8',
      'comma',
      '年齢',
      'integer',
      '女 (20), 男 (40)',
      'boolean',
    ]) {
      expect(shown).toContain(part);
    }
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/\u001b/);
    const width = (line: string): number =>
      Array.from(line, (c) => (c > '\u2fff' ? 2 : 1)).reduce((a, b) => a + b, 0);
    expect(new Set(lines.slice(1).map(width)).size).toBe(1);
  });

  it('shows rare labels and problems to the provider', async () => {
    const file = await open(columnText('病名', ['糖尿病', 30], ['希少な病気', 2]));
    const shown = renderReport(file, await inferSchema(file)).join('\n');
    expect(shown).toContain('refused');
    expect(shown).toContain('希少な病気');
    expect(shown).toContain("! column '病名'");
  });

  it('reports progress to the end of the file', async () => {
    const file = await open(text);
    let last = { rows: 0, bytes: 0 };
    await inferSchema(file, { onProgress: (progress) => (last = progress) });
    expect(last).toEqual({ rows: 60, bytes: file.size });
  });
});
