/**
 * The check of an upload before it becomes visible: against the client's commitments locally, and on shares that
 * every value keeps its declaration. One bit per column is opened.
 *
 * Rows are checked in blocks, so memory does not grow with the upload.
 */
import { WarifuError } from '../../core/errors.js';
import type { Context } from '../../protocols/context.js';
import { allBits } from '../../protocols/fold.js';
import { allRows, or } from '../../protocols/logic.js';
import { openBitsToNodes } from '../../protocols/open.js';
import { overlap } from '../../protocols/overlap.js';
import { columnInRange, missingSlotsAreZero } from '../../protocols/range-check.js';
import type { Manifest } from '../../query/request-manifest.js';
import { not, stack } from '../../share/bits.js';
import { flagOf, type SharedColumn } from '../../share/column.js';
import { expectCommitment } from '../../share/commitment.js';
import { type Column, encodedMax } from '../../share/schema.js';
import type { BinaryShare } from '../../share/shares.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { SectionKey } from '../store/chunk-file.js';
import type { StoredChunk } from '../store/chunks.js';
import { type ColumnSource, loadColumn } from './load-column.js';
import { commitmentsOf } from './received-commitments.js';

/** Rows of a block, and blocks under way at once: they bound memory. Whole chunks, as chunks are at most this long. */
const BLOCK_ROWS = 1 << 17;
const BLOCKS_IN_FLIGHT = 3;

/** What a node knows of the commitments to a chunk without reading it: one for each section, in their order. */
export type KnownCommitments = (chunk: StoredChunk) => readonly Uint8Array[] | undefined;

/**
 * Compares every payload that this node holds with its commitment.
 *
 * @param known commitments to payloads as they were stored; what it does not know is read from the disk.
 * @throws WarifuError COMMITMENT_MISMATCH naming column, part and chunk.
 */
export async function checkCommitments(
  { store, held }: ColumnSource,
  slice: SliceVersion,
  manifest: Manifest,
  known: KnownCommitments = () => undefined,
): Promise<void> {
  const { cluster, table, slice: name, version } = manifest.head;
  const keys = slice.schema.columns.flatMap(({ nullable }, column): SectionKey[] => [
    { column, kind: 'values' },
    ...(nullable ? [{ column, kind: 'validity' as const }] : []),
  ]);
  for (let chunk = 0; chunk < slice.chunks; chunk++) {
    for (const part of held) {
      const place = { cluster, table, slice: name, version, part, chunk };
      const computed =
        known({ part, chunk }) ?? commitmentsOf(place, await store.readChunk(slice, { part, chunk }, keys));
      for (const [i, key] of keys.entries()) {
        const context = manifest.contextOf({ part, chunk, ...key });
        expectCommitment(manifest.commitmentAt(context), computed[i], context);
      }
    }
  }
}

/**
 * On shares, for all columns.
 *
 * @returns names of the columns that fail.
 */
export async function checkOnShares(
  ctx: Context,
  source: ColumnSource,
  slice: SliceVersion,
  onProgress: (done: number, total: number) => void,
): Promise<string[]> {
  const columns = slice.schema.columns.map((column, index) => {
    const step = ctx.step(`column-${index}`);
    return { column, index, step, bits: [] as BinaryShare[] };
  });
  const starts = blockStarts(slice);
  const blocks = columns.flatMap((checked) =>
    starts.map(({ start, end }, block) => ({ checked, start, end, block })),
  );
  let done = 0;
  const bits = await overlap(blocks, BLOCKS_IN_FLIGHT, async ({ checked, start, end, block }) => {
    const shared = await loadColumn(source, checked.column, checked.index, [{ slice, start, end }]);
    const passes = await checkBlock(checked.step.step(`block-${block}`), shared);
    onProgress(++done, blocks.length);
    return passes;
  });
  for (const [i, { checked }] of blocks.entries()) checked.bits.push(...(bits[i] ?? []));
  const passed = await Promise.all(columns.map(({ step, bits: some }) => passesEverywhere(step, some)));
  return columns.filter((_, i) => passed[i] === false).map(({ column }) => column.name);
}

/** Rows of each block. */
function blockStarts({ rows, chunkRows }: SliceVersion): { start: number; end: number }[] {
  const blockRows = Math.max(1, Math.floor(BLOCK_ROWS / chunkRows)) * chunkRows;
  return Array.from({ length: Math.ceil(rows / blockRows) }, (_, block) => ({
    start: block * blockRows,
    end: Math.min(rows, (block + 1) * blockRows),
  }));
}

/** Opens whether all blocks of a column pass; a column without anything to check does. */
async function passesEverywhere(ctx: Context, bits: readonly BinaryShare[]): Promise<boolean> {
  if (bits.length === 0) return true;
  const passes = await allRows(ctx.step('blocks'), stack(bits));
  const opened = await openBitsToNodes(ctx.step('open'), passes);
  return opened.get(0, 0) === 1;
}

/** One bit if the column has anything to check. */
async function checkBlock(ctx: Context, shared: SharedColumn): Promise<BinaryShare[]> {
  const { column, values, validity } = shared;
  if (column.type.kind === 'boolean') {
    if (validity === undefined) return [];
    const present = await or(ctx.step('present'), validity, not(flagOf(shared)));
    return [await allBits(ctx.step('rows'), present)];
  }
  if ('rows' in values) throw new WarifuError('INTERNAL', 'only booleans are dealt as bits');
  const range = rangeOf(column);
  if (range !== undefined) {
    return [
      values.width === 64
        ? await columnInRange(ctx, values, validity, range)
        : await columnInRange(ctx, values, validity, range),
    ];
  }
  if (validity === undefined) return [];
  return [
    values.width === 64
      ? await missingSlotsAreZero(ctx, values, validity)
      : await missingSlotsAreZero(ctx, values, validity),
  ];
}

/** The largest encoded value; undefined for identifiers, which may be any 128 bits. */
function rangeOf({ type }: Column): bigint | undefined {
  return type.kind === 'identifier' ? undefined : encodedMax(type);
}
