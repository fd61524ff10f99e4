/** CSV files in a folder of the test's own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type CsvFile, openCsv } from '../../../src/client/csv/csv-file.js';

/** To be called at the top of a test file; gives a function that writes a text to a file and opens it. */
export function csvFolder(): (text: string | Uint8Array) => Promise<CsvFile> {
  let folder = '';
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'warifu-schema-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return async (text) => {
    const name = path.join(folder, `${++files}.csv`);
    await writeFile(name, text);
    return openCsv(name);
  };
}

/** A one-column file text: each value as often as stated. */
export function columnText(
  name: string,
  ...values: readonly (readonly [value: string, times: number])[]
): string {
  const lines = values.flatMap(([value, times]) => Array.from({ length: times }, () => value));
  return [name, ...lines.map((value) => `"${value.replaceAll('"', '""')}"`)].join('\n');
}
