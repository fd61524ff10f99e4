/**
 * Columns from the store into shares: a node's parts of some columns over a stretch of rows; with four parts folded into
 * three where a query goes on without one node.
 *
 * Bits after the last row of a chunk are cleared here: a provider dealt them and is not trusted.
 */
import { WarifuError } from '../../core/errors.js';
import type { FoldedPart } from '../../core/fold.js';
import type { PartIndex } from '../../core/scheme.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { bitsBetween, joinRows } from '../../kernels/join-rows.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { SharedColumn } from '../../share/column.js';
import { type Column, dealtWidth, encodedMax } from '../../share/schema.js';
import { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { Section, SectionKey } from '../store/chunk-file.js';
import type { NodeStore } from '../store/node-store.js';

/** Rows of one slice version, from start to end. */
export interface RowsOf {
  readonly slice: SliceVersion;
  readonly start: number;
  readonly end: number;
}

export interface ColumnSource {
  readonly store: NodeStore;
  /** Parts this node holds, in share order. */
  readonly held: readonly PartIndex[];
  /** The parts of the shares in which a query goes on without a lost node; undefined: those that are stored. */
  readonly folded?: readonly FoldedPart[] | undefined;
}

/** A column with its place in the schema of every slice. */
export interface IndexedColumn {
  readonly column: Column;
  readonly index: number;
}

/** The sections of some columns of one chunk: for each held part, in the order of `keysOf`. */
export type ChunkSections = readonly (readonly Section[])[];

/** What of the store a column takes: its values, and its validity where it has missing slots. */
export function keysOf(columns: readonly IndexedColumn[]): SectionKey[] {
  return columns.flatMap(({ column, index }) => {
    const values: SectionKey = { column: index, kind: 'values' };
    return column.nullable ? [values, { column: index, kind: 'validity' }] : [values];
  });
}

/** One chunk of a slice, from its files: one for each held part. */
export function readSections(
  { store, held }: Pick<ColumnSource, 'store' | 'held'>,
  slice: SliceVersion,
  chunk: number,
  keys: readonly SectionKey[],
): Promise<ChunkSections> {
  return Promise.all(held.map((part) => store.readChunk(slice, { part, chunk }, keys)));
}

/** @param index place of the column in the schema of every slice. */
export async function loadColumn(
  source: ColumnSource,
  column: Column,
  index: number,
  ranges: readonly RowsOf[],
): Promise<SharedColumn> {
  const columns = [{ column, index }];
  const keys = keysOf(columns);
  const [loaded] = await loadColumns(source, columns, ranges, (slice, chunk) =>
    readSections(source, slice, chunk, keys),
  );
  return loaded as SharedColumn;
}

/**
 * Columns over some ranges of rows, one after the other.
 *
 * @param read gives the sections of a chunk for `keysOf(columns)`.
 * @throws WarifuError CHUNK_DAMAGED for a chunk of another size.
 */
export async function loadColumns(
  { held: stored, folded }: Pick<ColumnSource, 'held' | 'folded'>,
  columns: readonly IndexedColumn[],
  ranges: readonly RowsOf[],
  read: (slice: SliceVersion, chunk: number) => Promise<ChunkSections>,
): Promise<SharedColumn[]> {
  const pieces: LoadedPiece[] = [];
  for (const piece of ranges.flatMap(piecesOf)) {
    pieces.push({ ...piece, sections: await read(piece.slice, piece.chunk) });
  }
  const length = ranges.reduce((rows, { start, end }) => rows + end - start, 0);
  const held = folded === undefined ? stored : folded.map(({ part }) => part);
  const summed = <Part>(parts: readonly Part[], add: (sum: Part, part: Part) => Part): Part[] =>
    folded === undefined
      ? [...parts]
      : folded.map(({ of }) =>
          of.map((part) => parts[stored.indexOf(part)] as Part).reduce((sum, part) => add(sum, part)),
        );
  const bitsOf = (key: number): BinaryShare => {
    const bits = stored.map((_, part) => joinBits(pieces, part, key));
    const parts = summed(bits, (sum, part) => kernels.xor(sum, part));
    return new BinaryShare({ rows: 1, length, held, parts, clock: 0 });
  };
  let key = 0;
  return columns.map(({ column }) => {
    const valuesKey = key++;
    const validity = column.nullable ? bitsOf(key++) : undefined;
    const width = dealtWidth(column.type);
    if (width === 1) return { column, validity, values: bitsOf(valuesKey) };
    const bounds = { min: 0n, max: encodedMax(column.type) ?? (1n << 128n) - 1n };
    const numbers = stored.map((_, part) => joinNumbers(pieces, part, valuesKey, width, length));
    const parts = summed(numbers, (sum, part) => kernels.add(sum, part));
    const shape = { length, bounds, held, parts, clock: 0 };
    const values =
      width === 64
        ? new ArithmeticShare({ ...shape, width: 64 })
        : new ArithmeticShare({ ...shape, width: 128 });
    return { column, validity, values };
  });
}

/** Rows from..to-1 of one chunk of a slice, which has `rows`. */
interface Piece {
  readonly slice: SliceVersion;
  readonly chunk: number;
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

interface LoadedPiece extends Piece {
  readonly sections: ChunkSections;
}

function piecesOf({ slice, start, end }: RowsOf): Piece[] {
  const { chunkRows } = slice;
  const pieces: Piece[] = [];
  for (let chunk = Math.floor(start / chunkRows); chunk * chunkRows < end; chunk++) {
    const first = chunk * chunkRows;
    const rows = Math.min(chunkRows, slice.rows - first);
    pieces.push({ slice, chunk, rows, from: Math.max(0, start - first), to: Math.min(rows, end - first) });
  }
  return pieces;
}

/** The payload of a section, which belongs to all rows of the chunk. */
function payloadOf(
  { sections, slice, chunk }: LoadedPiece,
  part: number,
  key: number,
  bytes: number,
): Uint8Array {
  const payload = sections[part]?.[key]?.payload;
  if (payload === undefined || payload.length !== bytes) throw wrongSize(slice, chunk);
  return payload;
}

/** A single stretch is a view of what was read. */
function joinNumbers(
  pieces: readonly LoadedPiece[],
  part: number,
  key: number,
  width: RingWidth,
  length: number,
): RingVector {
  const size = width / 8;
  const views = pieces.map((piece) =>
    payloadOf(piece, part, key, piece.rows * size).subarray(piece.from * size, piece.to * size),
  );
  const [only] = views;
  if (only !== undefined && views.length === 1) return RingVector.fromBytes(width, only);
  const whole = RingVector.zeros(width, length);
  const target = whole.bytes();
  let at = 0;
  for (const view of views) {
    target.set(view, at);
    at += view.length;
  }
  return whole;
}

function joinBits(pieces: readonly LoadedPiece[], part: number, key: number): BitMatrix {
  return joinRows(
    pieces.map((piece) => {
      const payload = payloadOf(piece, part, key, Math.ceil(piece.rows / 64) * 8);
      const words = new BigUint64Array(payload.buffer, payload.byteOffset, payload.length / 8);
      return bitsBetween(words, piece.from, piece.to);
    }),
  );
}

function wrongSize({ table, slice }: SliceVersion, chunk: number): WarifuError {
  return new WarifuError(
    'CHUNK_DAMAGED',
    `chunk ${chunk} of slice '${slice}' of table '${table}' has another size`,
    { table, slice, chunk },
  );
}
