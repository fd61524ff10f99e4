import { expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { chunksLost } from '../../../src/server/recover/lost-chunks.js';
import type { SnapshotSlice } from '../../../src/server/recover/snapshot.js';

const slice: SnapshotSlice = {
  table: 'patients',
  slice: 'one',
  version: '0'.repeat(32),
  contributor: 'hana',
  schema: { columns: [] } as never,
  rows: 9,
  chunkRows: 3,
  chunks: 3,
  manifest: '0'.repeat(64),
};
const first = { slice, part: 0, chunk: 1 } as const;

function fault(node: NodeIndex, name: string): Parameters<typeof chunksLost>[2][number] {
  return { node, name, slice, error: new WarifuError('CHUNK_DAMAGED', `node ${name}: it is damaged`) };
}

test('one chunk that another node cannot give: that node is named', () => {
  const error = chunksLost(first, 1, [fault(1, 'kita')]);
  expect(error.message).toBe(
    "a chunk of slice 'one' of table 'patients' cannot be rebuilt: node kita: it is damaged. Nothing wrong was stored. When node kita has put its disk right, run the same command again; or give --accept-loss, and have the slice uploaded again",
  );
  expect(error.code).toBe('CHUNK_DAMAGED');
  expect(error.details).toEqual({
    table: 'patients',
    slice: 'one',
    part: 0,
    chunk: 1,
    nodes: ['kita'],
    node: 'kita',
  });
});

test('several chunks that two nodes cannot give: both are named, and no one node is', () => {
  const error = chunksLost(first, 12, [fault(1, 'kita'), fault(2, 'naka')]);
  expect(error.message).toMatch(
    /^12 chunks, the first of slice 'one' of table 'patients', cannot be rebuilt: /,
  );
  expect(error.message).toContain('When one of nodes kita and naka has put its disk right, run');
  expect(error.details).toEqual({
    table: 'patients',
    slice: 'one',
    part: 0,
    chunk: 1,
    nodes: ['kita', 'naka'],
  });
});
