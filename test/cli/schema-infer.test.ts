import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run, temporaryDirectory, writeFile } from './support.js';

const directory = temporaryDirectory();
const at = (name: string): string => join(directory, name);
const GOOD = `age,sex\n${Array.from({ length: 24 }, (_, i) => `${20 + i},${i % 2 === 0 ? 'f' : 'm'}`).join('\n')}\n`;
const DEMO = fileURLToPath(new URL('../../examples/demo/', import.meta.url));

describe('schema infer', () => {
  it('writes the schema beside the file and shows why', async () => {
    const file = writeFile(directory, 'good.csv', GOOD);
    const { code, stdout, stderr } = await run(['schema', 'infer', file]);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('24 rows, 2 columns; UTF-8, separated by comma');
    expect(JSON.parse(readFileSync(at('good.schema.json'), 'utf8'))).toEqual({
      warifu_schema: 1,
      missing: [''],
      columns: [
        { name: 'age', type: 'integer', min: '0', max: '60', nullable: false },
        { name: 'sex', type: 'category', labels: ['f', 'm'], nullable: false },
      ],
    });
  });

  it('replaces a schema only when told to', async () => {
    const file = writeFile(directory, 'twice.csv', GOOD);
    expect((await run(['schema', 'infer', file])).code).toBe(0);
    const again = await run(['schema', 'infer', file]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('add --force to replace it');
    expect((await run(['schema', 'infer', file, '--force'])).code).toBe(0);
  });

  it('prints the schema for -', async () => {
    const file = writeFile(directory, 'print.csv', GOOD);
    const { stdout } = await run(['schema', 'infer', file, '--out', '-', '--type', 'sex=identifier']);
    expect(JSON.parse(stdout)).toMatchObject({ columns: [{}, { name: 'sex', type: 'identifier' }] });
    expect(existsSync(at('print.schema.json'))).toBe(false);
  });

  it('keeps rare labels to the provider and writes nothing', async () => {
    const file = writeFile(directory, 'rare.csv', `${GOOD}44,unicorn\n`);
    const { code, stdout, stderr } = await run(['schema', 'infer', file, '--out', '-']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("! column 'sex': 1 label occurs fewer than 10 times");
    expect(stderr).toContain('error SCHEMA_INVALID');
    const merged = await run(['schema', 'infer', file, '--out', '-', '--merge-rare', 'sex=f']);
    expect(merged.code).toBe(0);
    expect(merged.stdout).not.toContain('unicorn');
  });

  it.each(['kita.csv', 'minato.csv', 'yama.csv'])(
    'finds in the sample file %s the types that its table declares',
    async (name) => {
      const { code, stdout } = await run(['schema', 'infer', join(DEMO, name), '--out', '-']);
      expect(code).toBe(0);
      const shape = (text: string): unknown =>
        (JSON.parse(text) as { columns: { name: string; type: string; labels?: string[] }[] }).columns.map(
          (column) => [column.name, column.type, column.labels?.toSorted()],
        );
      expect(shape(stdout)).toEqual(shape(readFileSync(join(DEMO, 'patients.schema.json'), 'utf8')));
    },
  );
});

describe('bad input', () => {
  const invalid = Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0xff, 0xfe, 0x81]), Buffer.from('\n')]);
  it.each([
    ['a missing file', 'none.csv', undefined, 'FILE_MISSING', 'none.csv'],
    ['an empty file', 'empty.csv', '', 'FILE_EMPTY', 'empty.csv'],
    ['a header alone', 'header.csv', 'a,b\n', 'FILE_EMPTY', 'no data row'],
    ['a column name twice', 'double.csv', 'a,A\n1,2\n', 'CSV_INVALID', "columns 1 and 2 are both named 'A'"],
    [
      'ragged rows',
      'ragged.csv',
      'a,b\n1,2\n3\n4,5,6\n',
      'CSV_INVALID',
      'row 3: 1 field, but the header has 2',
    ],
    ['invalid UTF-8', 'bytes.csv', invalid, 'ENCODING_INVALID', 'bytes.csv'],
  ])('%s is an error with exit code 2, in infer and in try', async (_what, name, content, code, message) => {
    const path = content === undefined ? at(name) : writeFile(directory, name, content);
    for (const args of [
      ['schema', 'infer', path],
      ['try', '--table', `t=${path}`, 'SELECT COUNT(*) FROM t'],
    ]) {
      const ended = await run(args);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(`error ${code}: `);
      expect(ended.stderr).toContain(message);
      expect(ended.stdout).toBe('');
    }
  });

  it('a directory is an error with exit code 2', async () => {
    const { code, stderr } = await run(['schema', 'infer', directory]);
    expect(code).toBe(2);
    expect(stderr).toContain('error FILE_UNREADABLE: ');
  });
});
