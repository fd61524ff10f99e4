/**
 * Rows whose key is that of the row before, in rows in the order of their keys.
 *
 * Protocol: bits that are all 1 exactly where neighbours are equal, from XORs of neighbours (local) and differences of
 *   neighbours (as in equality.ts), joined by one AND tree.
 * Cost (rep3): of k bits in all ceil(log2 k) rounds and (k-1)/8 bytes per node and row; for numbers one round more, and
 *   1/24 for each of their bits.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { rows, stack } from '../../share/bits.js';
import { spreadBits } from '../../share/bounds.js';
import { slice } from '../../share/linear.js';
import { BinaryShare, type NumberColumn } from '../../share/shares.js';
import { bitsInChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { differences } from '../scan/local-rows.js';
import { sameAsPrevious } from '../scan/segments.js';
import type { KeyValue } from './keyed-rows.js';
import { anyWidth } from './narrow.js';

/** 1 where a row's key equals that of the row before, and all of `also` is 1; 0 in the first row. */
export async function sameKey(
  ctx: Context,
  key: readonly KeyValue[],
  also: readonly BinaryShare[],
): Promise<BinaryShare> {
  const length = key[0]?.length ?? 0;
  const bits = key.filter((value) => value instanceof BinaryShare);
  const none = ctx.publicBits(BitMatrix.zeros(0, length));
  const equal = await Promise.all(
    key.map(async (value, i) =>
      value instanceof BinaryShare ? rows(value, 0, 0) : await equalBits(ctx.step(`value-${i}`), value),
    ),
  );
  return await sameAsPrevious(ctx.step('all'), stack([none, ...bits]), [...equal, ...also]);
}

/** Rows of bits that are all 1 where a number equals the one before it. */
async function equalBits(ctx: Context, value: NumberColumn): Promise<BinaryShare> {
  const { min, max } = value.bounds;
  const k = spreadBits({ min: 0n, max: max - min });
  if (k === 0) return ctx.publicBits(BitMatrix.zeros(0, value.length));
  const steps = differences(anyWidth(value));
  return await bitsInChunks(ctx, value.length, (chunk, start, end) =>
    chunk.backend.zeroBits(chunk, slice(steps, start, end), k),
  );
}
