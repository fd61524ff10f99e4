/**
 * Rows without a flag made 0.
 *
 * Functionality: columns of n rows and a flag for each: x where it is 1, else 0; of words all bits.
 * Cost (rep3): numbers 3 rounds: bits to 0/1 values of the widest column (2 rounds, one element), which serve the
 *   narrower ones too, and a product for each; words 1 round and one bit for each of their bits.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows } from '../../share/bits.js';
import { constantBounds, joinBounds } from '../../share/bounds.js';
import { reduceTo } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import { ArithmeticShare, type BinaryShare, type Column, type WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { AndTerm } from '../backend.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';

/** Flags as bits and as 0/1 values of a ring of the given width. */
export interface WideFlags {
  readonly bit: BinaryShare;
  readonly width: RingWidth;
  readonly ones: ArithmeticShare<32> | ArithmeticShare<64> | ArithmeticShare<128>;
}

/** x where the flag is 1, else 0, for every column. RangeError for columns of other lengths. */
export async function clearUnflagged<const C extends readonly Column[]>(
  ctx: Context,
  flag: BinaryShare,
  columns: C,
): Promise<C> {
  return await clearBy(ctx.step('columns'), await wideFlags(ctx, flag, columns), columns);
}

/** Flags over the widest ring of the columns, which is 32 bits where there are no numbers among them. */
export async function wideFlags(
  ctx: Context,
  bit: BinaryShare,
  columns: readonly Column[],
): Promise<WideFlags> {
  const widths = columns.flatMap((column) => (column instanceof ArithmeticShare ? [column.width] : []));
  const width = Math.max(32, ...widths) as RingWidth;
  // A union of widths has no common type to infer: 64 stands for whichever it is.
  const ones = (await bitToRing(ctx.step('flags'), bit, width as 64)) as WideFlags['ones'];
  return { bit, width, ones };
}

/** Flags over a ring that is not wider. */
export function narrowFlags<W extends RingWidth>({ ones }: WideFlags, width: W): ArithmeticShare<W> {
  return reduceTo(ones as ArithmeticShare<64>, width);
}

/** `clearUnflagged` by flags that are wide enough. */
export async function clearBy<const C extends readonly Column[]>(
  ctx: Context,
  flags: WideFlags,
  columns: C,
): Promise<C> {
  checkRows(flags.bit.length, columns);
  const cleared = await Promise.all(
    columns.map((column, i): Promise<Column> => {
      const step = ctx.step(`column-${i}`);
      return column instanceof ArithmeticShare
        ? clearNumbers(step, column as ArithmeticShare<64>, flags)
        : clearWords(step, column as WordShare<64>, flags.bit);
    }),
  );
  return cleared as readonly Column[] as C;
}

/** Each row of bits AND the flag. */
export async function clearBits(ctx: Context, x: BinaryShare, flag: BinaryShare): Promise<BinaryShare> {
  if (x.rows === 0) return x;
  const terms = Array.from({ length: x.rows }, (_, row): AndTerm => ({ x: rows(x, row, row + 1), y: flag }));
  return await ctx.backend.and(ctx, terms);
}

/** The product with flags that are wide enough. */
export async function clearNumbers<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  flags: WideFlags,
): Promise<ArithmeticShare<W>> {
  const bounds = joinBounds(x.bounds, constantBounds(0n));
  return await ctx.backend.multiply(ctx, narrowFlags(flags, x.width), x, bounds);
}

async function clearWords<W extends RingWidth>(
  ctx: Context,
  x: WordShare<W>,
  flag: BinaryShare,
): Promise<WordShare<W>> {
  return wordsOf(await clearBits(ctx, bitsOfWords(x, 0, x.width), flag), x.width);
}
