/**
 * The check of an upload before it becomes visible: against the client's commitments locally, and on shares that
 * every value keeps its declaration. One bit per column is opened.
 *
 * Rows are checked in blocks, so memory does not grow with the upload.
 */
import { WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import type { Context } from '../../protocols/context.js';
import { allBits } from '../../protocols/fold.js';
import { allRows, or } from '../../protocols/logic.js';
import { openBitsToNodes } from '../../protocols/open.js';
import { columnInRange, missingSlotsAreZero } from '../../protocols/range-check.js';
import { Manifest } from '../../query/request-manifest.js';
import { not, stack } from '../../share/bits.js';
import { flagOf, type SharedColumn } from '../../share/column.js';
import { checkCommitment } from '../../share/commitment.js';
import { type Column, encodedMax } from '../../share/schema.js';
import type { BinaryShare } from '../../share/shares.js';
import type { SliceVersion } from '../store/catalogue.js';
import { type ColumnSource, loadColumn } from './load-column.js';

/** Rows of a block: bounds memory; whole chunks as chunks are at most this long. */
const BLOCK_ROWS = 1 << 18;

/**
 * Compares every stored payload with its commitment.
 *
 * @throws WarifuError COMMITMENT_MISMATCH naming column, part and chunk.
 */
export async function checkCommitments(
  { store, held }: ColumnSource,
  slice: SliceVersion,
  manifest: Manifest,
): Promise<void> {
  for (const place of Manifest.places(manifest.head)) {
    if (!held.includes(place.part as PartIndex)) continue;
    const { column, kind, part, chunk } = place;
    const section = await store.getChunk(slice.version, { part: part as PartIndex, chunk }, { column, kind });
    checkCommitment(manifest.commitmentAt(place), section.salt, manifest.contextOf(place), section.payload);
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
  const blockRows = Math.max(1, Math.floor(BLOCK_ROWS / slice.chunkRows)) * slice.chunkRows;
  const blocks = Math.ceil(slice.rows / blockRows);
  const total = blocks * slice.schema.columns.length;
  const failing: string[] = [];
  for (const [index, column] of slice.schema.columns.entries()) {
    const step = ctx.step(`column-${index}`);
    const bits: BinaryShare[] = [];
    for (let block = 0; block < blocks; block++) {
      const start = block * blockRows;
      const range = { slice, start, end: Math.min(slice.rows, start + blockRows) };
      const shared = await loadColumn(source, column, index, [range]);
      bits.push(...(await checkBlock(step.step(`block-${block}`), shared)));
      onProgress(index * blocks + block + 1, total);
    }
    if (bits.length === 0) continue;
    const passes = await allRows(step.step('blocks'), stack(bits));
    const opened = await openBitsToNodes(step.step('open'), passes);
    if (opened.get(0, 0) !== 1) failing.push(column.name);
  }
  return failing;
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
