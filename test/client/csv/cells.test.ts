/** Cells are what records are: the scanner against the library's parser. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CellTexts } from '../../../src/client/csv/cell-batch.js';
import { type CsvFault, CsvFaults } from '../../../src/client/csv/csv-fault.js';
import { type CsvFile, openCsv } from '../../../src/client/csv/csv-file.js';
import { CHUNK_BYTES } from '../../../src/client/csv/file-bytes.js';
import { RecordScanner } from '../../../src/client/csv/record-scanner.js';
import { WarifuError } from '../../../src/core/errors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'warifu-cells-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function open(content: string | Uint8Array): Promise<CsvFile> {
  const name = path.join(folder, `${++files}.csv`);
  await writeFile(name, content);
  return openCsv(name);
}

interface Read {
  /** Row number and trimmed texts. */
  readonly rows: readonly (readonly (string | number)[])[];
  readonly faults: readonly CsvFault[];
  readonly total: number;
}

async function byRecords(file: CsvFile): Promise<Read> {
  const faults = new CsvFaults(file.path);
  const rows: (string | number)[][] = [];
  for await (const batch of file.records(faults)) {
    for (const [i, record] of batch.records.entries()) {
      rows.push([batch.rows[i]!, ...record.map((text) => text.trim())]);
    }
  }
  return { rows, faults: faults.listed, total: faults.total };
}

async function byCells(file: CsvFile): Promise<Read> {
  const faults = new CsvFaults(file.path);
  const texts = new CellTexts();
  const rows: (string | number)[][] = [];
  for await (const batch of file.cells(faults)) {
    for (let i = 0; i < batch.count; i++) {
      const places = Array.from({ length: batch.width }, (_, f) => 2 * (i * batch.width + f));
      const cells = places.map((at) => texts.between(batch, batch.bounds[at]!, batch.bounds[at + 1]!).trim());
      rows.push([batch.rows[i]!, ...cells]);
    }
  }
  return { rows, faults: faults.listed, total: faults.total };
}

async function expectSame(content: string | Uint8Array): Promise<Read> {
  const file = await open(content);
  const cells = await byCells(file);
  expect(cells).toEqual(await byRecords(file));
  return cells;
}

/** 年齢,病名 / 57,表示能力ソ / 45,① in CP932: second bytes that are ASCII. */
const CP932 = Buffer.from('944e97ee2c956196bc0d0a35372c955c8ea6945c97cd835c0d0a34352c87400d0a', 'hex');

describe('cells', () => {
  it.each([
    ['LF', 'a,b\n1,2\n3,4\n', 2],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n', 2],
    ['CR', 'a,b\r1,2\r3,4\r', 2],
    ['mixed', 'a,b\n1,2\r\n3,4', 2],
    ['a byte order mark', '\ufeffa,b\n1,2\n', 1],
    ['quotes', '"a","b"\r\n"1, ""x""","2\r\n3"\r\n5" pipe,z\r\n', 2],
    ['plain quotes', '"a","b"\r\n"1,2","x\ny"\r\n"3","4"\n', 2],
    ['spaces after quotes', '"a" ,"b"\n"1" ,"2"  \n3,4', 2],
    ['blank lines', '\na,b\n\n1,2\n  \n3,4\n\r\n\n', 2],
    ['one column', 'a\n1\n\n  \n""\n男\n"x"\n\u3000\n', 3],
    ['empty cells', 'a,b\n,\n"",""\n,1\n1,\r\n', 4],
    ['a record that begins with a mark', 'a,b\n\ufeff1,2\n"x""",3\n\ufeff4,5\n', 3],
    ['ragged rows', 'a,b\n1,2\n3\n4,5,6\n7,8\n', 2],
    ['an open quote', 'a,b\n1,2\n"3,4\n5,6\n', 1],
    ['text after a quote', 'a,b\n1,2\n"x"y,4\n5,"6"\n', 1],
    ['a tab', 'a\tb\n1,5\t2\n', 1],
    ['CP932', CP932, 2],
    ['CP932 with a doubled quote', Buffer.concat([CP932, Buffer.from('1,"a""b"\r\n2,3\r\n')]), 4],
  ])('are what records are: %s', async (_, content, count) => {
    const { rows } = await expectSame(content);
    expect(rows).toHaveLength(count);
  });

  it('are what records are, wherever a chunk ends and whatever is written badly', async () => {
    const piece = fc.constantFrom(
      '1',
      '23.5',
      '',
      '男',
      '"x"',
      '"1,2"',
      '"a\nb"',
      '"a""b"',
      '"',
      '"x"y',
      'p"q',
      ' ',
      '"x" ',
      '\ufeff',
    );
    const end = fc.constantFrom('\n', '\r\n', '\n', ',\n', '\n\n', '\n \n');
    const record = fc.tuple(fc.array(piece, { minLength: 3, maxLength: 3 }), end);
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 60 }),
        fc.boolean(),
        async (records, shift, isPadded) => {
          const text = records.map(([cells, newline]) => cells.join(',') + newline).join('');
          const pad = isPadded ? `1,2,${'p'.repeat(CHUNK_BYTES - 30 - shift)}\n` : '';
          const { rows } = await expectSame(`a,b,c\n1,2,3\n${pad}${text}`);
          expect(rows[0]).toEqual([2, '1', '2', '3']);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('stay bounded in memory where a quote is never closed', async () => {
    const { faults, total } = await expectSame(`a,b\n1,2\n"3,4\n${'5,6\n'.repeat(600_000)}`);
    expect([total, faults[0]?.row]).toEqual([1, 3]);
  });

  it('come with every byte of the file, in order', async () => {
    const text = `a,b\n${'1,2\n'.repeat(200_000)}"x""",3\n${'1,2\n'.repeat(100_000)}`;
    const file = await open(text);
    const pieces: Uint8Array[] = [];
    let last = 0;
    for await (const { bytesRead } of file.cells(undefined, (bytes) => pieces.push(bytes.slice()))) {
      last = bytesRead;
    }
    expect(Buffer.concat(pieces).equals(Buffer.from(text))).toBe(true);
    expect(last).toBe(file.size);
  });

  it('throw the first fault where none are collected', async () => {
    const file = await open('a,b\n1,2\n3\n');
    const reading = async () => {
      for await (const batch of file.cells()) expect(batch.count).toBe(1);
    };
    await expect(reading()).rejects.toThrow(WarifuError);
    await expect(reading()).rejects.toThrow('row 3: 1 field, but the header has 2');
  });
});

describe('the scanner', () => {
  it('takes plain records only, and leaves what may go on', () => {
    const scan = (text: string, width = 2) => {
      const { count, end, stopped } = new RecordScanner({ delimiter: ',', newline: '\n' }, width).scan(
        Buffer.from(text),
      );
      return [count, end, stopped];
    };
    expect(scan('')).toEqual([0, 0, false]);
    expect(scan('1,2\n3,4')).toEqual([1, 4, false]);
    expect(scan('1,2\n3,"4"')).toEqual([1, 4, false]);
    expect(scan('1,2\n3,"4"\r')).toEqual([1, 4, false]);
    expect(scan('1,2\n3,"4\n')).toEqual([1, 4, false]);
    expect(scan('1,2\n\n\r\n3,4\n')).toEqual([2, 11, false]);
    expect(scan('1,2\n3,"4""')).toEqual([1, 4, true]);
    expect(scan('1,2\n3\n')).toEqual([1, 4, true]);
    expect(scan('1,2\n3,4,5\n')).toEqual([1, 4, true]);
    expect(scan('1,2\n"3"\r,4\n')).toEqual([1, 4, true]);
    expect(scan('1\n \n', 1)).toEqual([1, 2, true]);
  });
});
