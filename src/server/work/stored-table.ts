/**
 * The rows of a table version as a query loads them: stretch by stretch, each chunk file read once.
 */
import { release } from '../../core/release.js';
import type { TableSource } from '../../query/table-source.js';
import type { SharedTable } from '../../share/column.js';
import type { Column, TableSchema } from '../../share/schema.js';
import type { SliceVersion } from '../store/catalogue.js';
import {
  type ChunkSections,
  type ColumnSource,
  type IndexedColumn,
  keysOf,
  loadColumns,
  type RowsOf,
  readSections,
} from './load-column.js';

/** A slice with its rows in the table version. */
interface PlacedSlice {
  readonly slice: SliceVersion;
  readonly start: number;
  readonly end: number;
}

export class StoredTable implements TableSource {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  readonly #source: ColumnSource;
  readonly #slices: readonly PlacedSlice[];
  readonly #indexed: readonly IndexedColumn[];
  /** Chunks that the last stretch ended in: the next one begins with the rest of them. */
  #kept = new Map<string, Promise<ChunkSections>>();
  /** Chunks of which columns that were loaded are views. */
  readonly #viewed = new WeakSet<ChunkSections>();
  /** Loads come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param slices the visible ones in the order of the table's rows.
   * @param names the columns that can be loaded.
   */
  constructor(
    source: ColumnSource,
    schema: TableSchema,
    slices: readonly SliceVersion[],
    names: readonly string[],
  ) {
    this.#source = source;
    let row = 0;
    this.#slices = slices.map((slice) => {
      const start = row;
      row += slice.rows;
      return { slice, start, end: row };
    });
    this.rows = row;
    this.#indexed = schema.columns
      .map((column, index) => ({ column, index }))
      .filter(({ column }) => names.includes(column.name));
    this.columns = new Map(this.#indexed.map(({ column }) => [column.name, column]));
  }

  load(start: number, end: number): Promise<SharedTable> {
    const loaded = this.#last.then(() => this.#load(start, end));
    this.#last = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(start: number, end: number): Promise<SharedTable> {
    const keys = keysOf(this.#indexed);
    const before = this.#kept;
    this.#kept = new Map();
    const used: ChunkSections[] = [];
    const usedUp: ChunkSections[] = [];
    const read = async (slice: SliceVersion, chunk: number): Promise<ChunkSections> => {
      const name = `${slice.version} ${chunk}`;
      const reading = before.get(name) ?? readSections(this.#source, slice, chunk, keys);
      const isKept = this.#reachesBeyond(slice, chunk, end);
      if (isKept) this.#kept.set(name, reading);
      const sections = await reading;
      used.push(sections);
      if (!isKept) usedUp.push(sections);
      return sections;
    };
    const columns = await loadColumns(this.#source, this.#indexed, this.#rangesOf(start, end), read);
    const [only] = used;
    if (only !== undefined && used.length === 1) this.#viewed.add(only);
    else release(usedUp.filter((sections) => !this.#viewed.has(sections)).flatMap(memoryOf));
    return {
      rows: end - start,
      columns: new Map(columns.map((shared) => [shared.column.name, shared])),
    };
  }

  #reachesBeyond(slice: SliceVersion, chunk: number, row: number): boolean {
    const placed = this.#slices.find((other) => other.slice === slice);
    return placed !== undefined && Math.min(placed.end, placed.start + (chunk + 1) * slice.chunkRows) > row;
  }

  #rangesOf(start: number, end: number): RowsOf[] {
    return this.#slices
      .filter((placed) => placed.start < end && placed.end > start)
      .map((placed) => ({
        slice: placed.slice,
        start: Math.max(0, start - placed.start),
        end: Math.min(placed.end, end) - placed.start,
      }));
  }
}

/** What the payloads of a chunk lie in. */
function memoryOf(sections: ChunkSections): Uint8Array[] {
  return sections.flat().map(({ payload }) => new Uint8Array(payload.buffer));
}
