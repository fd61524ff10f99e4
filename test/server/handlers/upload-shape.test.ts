import { expect, test } from 'vitest';
import { chooseChunkRows } from '../../../src/client/provider/chunk-rows.js';
import { newNamedKey } from '../../../src/core/key-file.js';
import { REP3, REP4 } from '../../../src/core/scheme.js';
import type { NodeServices } from '../../../src/server/handlers/services.js';
import { UploadHandler } from '../../../src/server/handlers/upload-handler.js';
import { assertUploadFits } from '../../../src/server/handlers/upload-shape.js';
import { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { MAX_ROWS, schemaToJson, type TableSchema } from '../../../src/share/schema.js';
import { codeOf } from '../support/hospital.js';

const columns = (n: number): TableSchema => ({
  missing: [''],
  columns: Array.from({ length: n }, (_, i) => ({
    name: `c${i}`,
    type: { kind: 'integer', digits: 0, min: 0n, max: 9n },
    nullable: true,
  })),
});

test('what our own client announces always fits', () => {
  const shapes = [
    [1, MAX_ROWS],
    [6, 100_000_000],
    [100, 1_000_000],
    [1000, 90_000],
  ] as const;
  for (const [n, rows] of shapes) {
    const schema = columns(n);
    for (const scheme of [REP3, REP4]) {
      expect(() =>
        assertUploadFits(schema, rows, chooseChunkRows(schema, rows, scheme), scheme),
      ).not.toThrow();
    }
  }
});

test('a slice in millions of chunks, or in chunks that only seeds could carry, is refused before anything of it is kept', async () => {
  const users = new EnrolledUsers([]).enrol(newNamedKey('user', 'mallory'), ['provider'], Date.now());
  const none = (): Promise<undefined> => Promise.resolve(undefined);
  const stage = (): never => {
    throw new Error('it was staged');
  };
  const store = { catalogue: { version: none, table: none, stage }, limitStaged: none };
  const services = { store, scheme: REP3, users: () => Promise.resolve(users) } as unknown as NodeServices;
  const request = {
    kind: 'upload-begin',
    user: 'mallory',
    table: 't',
    slice: 's',
    version: 'a'.repeat(32),
    replace: false,
  };
  const begin = (rows: number, chunk_rows: number, n: number): Promise<string> => {
    const schema = schemaToJson(columns(n));
    return codeOf(new UploadHandler(services).begin({ ...request, schema, rows, chunk_rows } as never));
  };
  expect(await begin(MAX_ROWS, 64, 1)).toBe('REQUEST_INVALID');
  expect(await begin(2 ** 20, 2 ** 20, 1_000)).toBe('REQUEST_INVALID');
  expect(await begin(2 ** 20, 2 ** 20, 2)).toBe('REQUEST_INVALID');
  expect(await begin(2 ** 20, 2 ** 20, 1)).toBe('it was staged');
  expect(await begin(6_400, 2 ** 20, 100)).toBe('it was staged');
});
