/**
 * Columns from the store into shares: a node's two parts of one column of one slice, or of all slices of a table.
 *
 * Bits after the last row of a chunk are cleared here: a provider dealt them and is not trusted.
 */
import { WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { joinRows } from '../../kernels/join-rows.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { SharedColumn } from '../../share/column.js';
import { withoutTail } from '../../share/deal.js';
import { type Column, dealtWidth, encodedMax } from '../../share/schema.js';
import { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { NodeStore } from '../store/node-store.js';

/** Rows of one slice version, from start to end; whole chunks but for the last. */
export interface RowsOf {
  readonly slice: SliceVersion;
  readonly start: number;
  readonly end: number;
}

export interface ColumnSource {
  readonly store: NodeStore;
  /** Parts this node holds, in share order. */
  readonly held: readonly PartIndex[];
}

/** @param index place of the column in the schema of every slice. */
export async function loadColumn(
  source: ColumnSource,
  column: Column,
  index: number,
  ranges: readonly RowsOf[],
): Promise<SharedColumn> {
  const length = ranges.reduce((rows, { start, end }) => rows + end - start, 0);
  const { held } = source;
  const bits = async (kind: 'values' | 'validity'): Promise<BinaryShare> => {
    const parts = await Promise.all(
      held.map((part) => loadBits(source.store, ranges, part, { column: index, kind })),
    );
    return new BinaryShare({ rows: 1, length, held, parts, clock: 0 });
  };
  const validity = column.nullable ? await bits('validity') : undefined;
  const width = dealtWidth(column.type);
  if (width === 1) return { column, validity, values: await bits('values') };
  const parts = await Promise.all(
    held.map((part) => loadRing(source.store, ranges, part, index, width, length)),
  );
  const bounds = { min: 0n, max: encodedMax(column.type) ?? (1n << 128n) - 1n };
  const shape = { length, bounds, held, parts, clock: 0 };
  const values =
    width === 64
      ? new ArithmeticShare({ ...shape, width: 64 })
      : new ArithmeticShare({ ...shape, width: 128 });
  return { column, validity, values };
}

async function loadRing(
  store: NodeStore,
  ranges: readonly RowsOf[],
  part: PartIndex,
  column: number,
  width: RingWidth,
  length: number,
): Promise<RingVector> {
  const whole = RingVector.zeros(width, length);
  const target = whole.bytes();
  let at = 0;
  for (const range of ranges) {
    for (const { chunk, rows } of chunksOf(range)) {
      const [section] = await store.readChunk(range.slice, { part, chunk }, [{ column, kind: 'values' }]);
      const payload = section?.payload ?? new Uint8Array();
      if (payload.length !== (rows * width) / 8) throw wrongSize(range.slice, chunk);
      target.set(payload, at);
      at += payload.length;
    }
  }
  return whole;
}

async function loadBits(
  store: NodeStore,
  ranges: readonly RowsOf[],
  part: PartIndex,
  key: { readonly column: number; readonly kind: 'values' | 'validity' },
): Promise<BitMatrix> {
  const rowsOfBits: BitMatrix[] = [];
  for (const range of ranges) {
    for (const { chunk, rows } of chunksOf(range)) {
      const [section] = await store.readChunk(range.slice, { part, chunk }, [key]);
      const payload = section?.payload ?? new Uint8Array();
      if (payload.length !== Math.ceil(rows / 64) * 8) throw wrongSize(range.slice, chunk);
      rowsOfBits.push(withoutTail(new BigUint64Array(payload.slice().buffer), rows));
    }
  }
  return joinRows(rowsOfBits);
}

/** The chunks of a range, with the rows of each. */
function chunksOf({ slice, start, end }: RowsOf): { chunk: number; rows: number }[] {
  const { chunkRows } = slice;
  const chunks: { chunk: number; rows: number }[] = [];
  for (let row = start; row < end; row += chunkRows) {
    chunks.push({ chunk: row / chunkRows, rows: Math.min(chunkRows, end - row) });
  }
  return chunks;
}

function wrongSize({ table, slice }: SliceVersion, chunk: number): WarifuError {
  return new WarifuError(
    'CHUNK_DAMAGED',
    `chunk ${chunk} of slice '${slice}' of table '${table}' has another size`,
    {
      table,
      slice,
      chunk,
    },
  );
}
