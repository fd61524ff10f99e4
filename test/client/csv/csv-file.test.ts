import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CsvFaults } from '../../../src/client/csv/csv-fault.js';
import { type CsvFile, openCsv } from '../../../src/client/csv/csv-file.js';
import { CHUNK_BYTES } from '../../../src/client/csv/file-bytes.js';
import { WarifuError } from '../../../src/core/errors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'warifu-csv-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const name = path.join(folder, `${++files}.csv`);
  await writeFile(name, content);
  return name;
}

async function all(file: CsvFile): Promise<{ records: string[][]; rows: number[] }> {
  const records: string[][] = [];
  const rows: number[] = [];
  for await (const batch of file.records()) {
    records.push(...batch.records.map((record) => [...record]));
    rows.push(...batch.rows);
  }
  return { records, rows };
}

async function read(content: string | Uint8Array): Promise<{ records: string[][]; rows: number[] }> {
  return all(await openCsv(await fileOf(content)));
}

async function refusal(action: Promise<unknown>): Promise<WarifuError> {
  const thrown = await action.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(WarifuError);
  const error = thrown as WarifuError;
  expect(error.exitCode).toBe(2);
  return error;
}

/** 年齢,性別,病名 / 57,男,表示能力ソ / 45,女,① in CP932, as Excel on a Japanese Windows writes it (CRLF). */
const CP932 = Buffer.from(
  '944e97ee2c90ab95ca2c956196bc0d0a35372c926a2c955c8ea6945c97cd835c0d0a34352c8f972c87400d0a',
  'hex',
);

describe('what is read', () => {
  it('reads the example of the issue with its row numbers', async () => {
    const file = await openCsv(await fileOf('年齢,性別,身長,体重\n57,男,154.8,71.7\n45,男,179.9,70\n'));
    expect(file.header).toEqual(['年齢', '性別', '身長', '体重']);
    expect([file.encoding, file.dialect]).toEqual(['utf-8', { delimiter: ',', newline: '\n' }]);
    expect(await all(file)).toEqual({
      records: [
        ['57', '男', '154.8', '71.7'],
        ['45', '男', '179.9', '70'],
      ],
      rows: [2, 3],
    });
  });

  it('takes quoted delimiters, line breaks and doubled quotes, and counts a record as one row', async () => {
    expect(await read('a,b\r\n"x, y","1\r\n2"\r\n"say ""hi""",""\r\n5" pipe,z')).toEqual({
      records: [
        ['x, y', '1\r\n2'],
        ['say "hi"', ''],
        ['5" pipe', 'z'],
      ],
      rows: [2, 3, 4],
    });
  });

  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['mixed', 'a,b\n1,2\r\n3,4'],
    ['mixed the other way', 'a,b\r\n1,2\n"3","4"\r\n'],
    ['without the last', 'a,b\r\n1,2\r\n3,4'],
    ['byte order mark', '\ufeffa,b\r\n1,2\r\n3,4\r\n'],
    ['spaces after quotes', '"a" ,"b"\n"1" ,"2"  \n3,4'],
  ])('takes line ends: %s', async (_, text) => {
    const file = await openCsv(await fileOf(text));
    expect(file.header).toEqual(['a', 'b']);
    expect((await all(file)).records).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('finds tab and semicolon in the header line only, and not inside quotes', async () => {
    expect((await openCsv(await fileOf('a\tb,c\td\n1\t2\t3\n'))).dialect.delimiter).toBe('\t');
    const semicolon = await openCsv(await fileOf('a;b\n"1,5";2\n'));
    expect(semicolon.dialect.delimiter).toBe(';');
    expect((await all(semicolon)).records).toEqual([['1,5', '2']]);
    expect((await openCsv(await fileOf('"a;b;c",d\n1,2\n'))).dialect.delimiter).toBe(',');
    expect((await openCsv(await fileOf('a;b,c\n1;2\n'), { delimiter: ';' })).header).toEqual(['a', 'b,c']);
  });

  it('skips blank lines and counts them', async () => {
    expect(await read('\na,b\n\n1,2\n  \n3,4\n\n\n')).toEqual({
      records: [
        ['1', '2'],
        ['3', '4'],
      ],
      rows: [4, 6],
    });
  });

  it('reads CP932 with Japanese headers, characters with a backslash byte, and vendor characters', async () => {
    const file = await openCsv(await fileOf(CP932));
    expect(file.encoding).toBe('cp932');
    expect(file.header).toEqual(['年齢', '性別', '病名']);
    expect((await all(file)).records).toEqual([
      ['57', '男', '表示能力ソ'],
      ['45', '女', '①'],
    ]);
  });

  it('decides the encoding over the whole file, not its beginning', async () => {
    const ascii = Buffer.from(`a,b\n${'1,2\n'.repeat(100_000)}`);
    const file = await openCsv(
      await fileOf(Buffer.concat([ascii, Buffer.from([0x31, 0x2c, 0x92, 0x6a, 0x0a])])),
    );
    expect(file.encoding).toBe('cp932');
    const { records } = await all(file);
    expect(records.at(-1)).toEqual(['1', '男']);
  });
});

describe('chunks', () => {
  it('reads 200,000 rows in bounded batches and stops reading when nobody asks', async () => {
    const row = (i: number): string => `${i},"氏名, ""${i}""\r\n改行",${i % 97}`;
    const text = `id,name,value\r\n${Array.from({ length: 200_000 }, (_, i) => row(i)).join('\r\n')}`;
    const file = await openCsv(await fileOf(text));
    let count = 0;
    let wrong = 0;
    let largest = 0;
    let previousBytes = 0;
    for await (const batch of file.records()) {
      for (const [i, record] of batch.records.entries()) {
        const right = record[0] === `${count}` && record[1] === `氏名, "${count}"\r\n改行`;
        if (!right || batch.rows[i] !== count + 2) wrong++;
        count++;
      }
      largest = Math.max(largest, batch.records.length);
      // by the time a batch is handed out, only the chunk that completed it has been read
      expect(batch.bytes - previousBytes).toBeLessThanOrEqual(CHUNK_BYTES);
      previousBytes = batch.bytes;
    }
    expect([count, wrong]).toEqual([200_000, 0]);
    expect(previousBytes).toBe(file.size);
    expect(largest).toBeLessThan(CHUNK_BYTES / 20);

    let seen = 0;
    for await (const batch of file.records()) {
      seen = batch.bytes;
      break;
    }
    expect(seen).toBeLessThanOrEqual(CHUNK_BYTES);
  });

  it('gives the same records wherever a chunk ends (random tables, padded across the border)', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', '"', '""', ',', '\n', '\r\n', 'a "b"', ' x ', '男', '𠮷', '"\r\n"', ';'),
      fc.string({ maxLength: 6 }).map((text) => text.replace(/\0/g, '')),
    );
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom('\n', '\r\n'),
        async (rows, shift, newline) => {
          const pad = 'p'.repeat(CHUNK_BYTES - 30 - shift);
          const table = [['x', pad], ...rows];
          const text = ['a,b', ...table.map((row) => row.map(quote).join(','))].join(newline);
          expect((await read(text)).records).toEqual(table);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is refused', () => {
  it('names a missing file, a directory and a file that may not be read', async () => {
    expect((await refusal(openCsv(path.join(folder, 'none.csv')))).code).toBe('FILE_MISSING');
    const directory = path.join(folder, 'directory.csv');
    await mkdir(directory);
    const error = await refusal(openCsv(directory));
    expect([error.code, error.message]).toEqual([
      'FILE_UNREADABLE',
      expect.stringContaining('is a directory'),
    ]);
    expect((await refusal(openCsv('/dev/null'))).code).toBe('FILE_UNREADABLE');
    if (process.getuid?.() === 0) return;
    const closed = await fileOf('a\n1\n');
    await chmod(closed, 0);
    expect((await refusal(openCsv(closed))).message).toContain('permission');
  });

  it.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeff'],
    ['blank lines', '\n\r\n  \n'],
    ['a header without data', 'a,b\r\n'],
    ['a header without data or line end', 'a,b'],
  ])('names an empty file: %s', async (_, text) => {
    expect((await refusal(openCsv(await fileOf(text)))).code).toBe('FILE_EMPTY');
  });

  it.each([
    ['equal but for case', 'a,b,A\n1,2,3\n', "columns 1 and 3 are both named 'A'"],
    ['equal', '体重,体重\n1,2\n', "columns 1 and 2 are both named '体重'"],
    ['empty', 'a,,c\n1,2,3\n', 'column 2 has no name'],
    ['a line break', 'a,"b\nc"\n1,2\n', 'column 2 holds a line break'],
    ['long', `a,${'b'.repeat(129)}\n1,2\n`, 'longer than 128'],
    ['many', `${Array.from({ length: 1001 }, (_, i) => `c${i}`).join(',')}\n1\n`, '1001 columns'],
  ])('names faults of the header: %s', async (_, text, part) => {
    const error = await refusal(openCsv(await fileOf(text)));
    expect([error.code, error.message]).toEqual(['CSV_INVALID', expect.stringContaining(part)]);
    expect(error.message).toContain('row 1:');
  });

  it('names the first ragged row, or collects them all', async () => {
    const file = await openCsv(await fileOf('a,b\n1,2\n3\n4,5,6\n7,8\n'));
    const error = await refusal(all(file));
    expect(error.code).toBe('CSV_INVALID');
    expect(error.message).toContain('row 3: 1 field, but the header has 2');
    const faults = new CsvFaults(file.path);
    const records: (readonly string[])[] = [];
    for await (const batch of file.records(faults)) records.push(...batch.records);
    expect(records).toEqual([
      ['1', '2'],
      ['7', '8'],
    ]);
    expect(faults.listed.map((fault) => fault.row)).toEqual([3, 4]);
  });

  it('lists at most 20 faults and counts all', async () => {
    const file = await openCsv(await fileOf(`a,b\n${'1\n'.repeat(50)}`));
    const faults = new CsvFaults(file.path);
    for await (const _ of file.records(faults)) expect.unreachable('every row is ragged');
    expect(faults.total).toBe(50);
    expect(() => faults.throwIfAny()).toThrow('50 faults, of which the first 20 are listed');
  });

  it('names the row of a quote that is never closed, at once also in a large file', async () => {
    const error = await refusal(read('a,b\n1,2\n"3,4\n5,6\n'));
    expect(error.message).toContain('row 3: a quote (") is opened and not closed');
    const large = await refusal(read(`a,b\n1,2\n"3,4\n${'5,6\n'.repeat(600_000)}`));
    expect(large.message).toContain('row 3: a quote (") is opened and not closed');
  });

  it('names the row of text after a closing quote, and gives no misread row after it', async () => {
    const file = await openCsv(await fileOf('a,b\n1,2\n"x"y,4\n5,"6"\n'));
    const faults = new CsvFaults(file.path);
    const records: (readonly string[])[] = [];
    for await (const batch of file.records(faults)) records.push(...batch.records);
    expect(records).toEqual([['1', '2']]);
    expect(faults.listed).toEqual([
      expect.objectContaining({ row: 3, what: expect.stringContaining('closing quote') }),
    ]);
  });

  it('names byte and row of a byte that neither encoding has', async () => {
    const start = Buffer.from('a,b\n1,男\n"x\ny",');
    const error = await refusal(openCsv(await fileOf(Buffer.concat([start, Buffer.from([0xff, 0x0a])]))));
    expect(error.code).toBe('ENCODING_INVALID');
    expect(error.details).toMatchObject({ byte: start.length, row: 3 });
    expect(error.message).toContain(`byte ${start.length}, in row 3`);
  });

  it('names it also behind the first chunk, and at a character that the end cuts', async () => {
    const long = Buffer.from(`a,b\n${'男,2\n'.repeat(60_000)}`);
    const error = await refusal(openCsv(await fileOf(Buffer.concat([long, Buffer.from([0x31, 0xff])]))));
    expect(error.details).toMatchObject({ byte: long.length + 1, row: 60_002 });
    const cut = Buffer.from('a,b\n1,男').subarray(0, -2);
    expect((await refusal(openCsv(await fileOf(cut)))).details).toMatchObject({ byte: cut.length, row: 2 });
    expect((await refusal(openCsv(await fileOf(CP932), { encoding: 'utf-8' }))).message).toContain(
      'not valid UTF-8',
    );
  });

  it('tells UTF-16, NUL bytes and workbooks', async () => {
    const utf16 = await refusal(openCsv(await fileOf(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'))));
    expect([utf16.code, utf16.message]).toEqual(['ENCODING_INVALID', expect.stringContaining('UTF-16')]);
    const nul = await refusal(openCsv(await fileOf('a,b\n1,2\n3,\0\n')));
    expect([nul.code, nul.details]).toEqual(['CSV_INVALID', expect.objectContaining({ byte: 10, row: 3 })]);
    const workbook = await refusal(openCsv(await fileOf(Buffer.from('504b0304140000', 'hex'))));
    expect(workbook.message).toContain('Excel workbook');
  });

  it('notices that the file changed between two passes', async () => {
    const name = await fileOf('a,b\n1,2\n');
    const file = await openCsv(name);
    await writeFile(name, 'a,b\n1,2\n3,4\n');
    expect((await refusal(all(file))).code).toBe('FILE_CHANGED');
  });
});
