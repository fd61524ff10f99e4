/**
 * Opened comparisons of shuffled rows: what a sort by comparisons asks, level by level.
 *
 * Functionality: keys of one or more numbers, the highest first, all rows different; for each question whether its left
 *   row is before its right one, to all nodes. `orderRows` asks until the order is known.
 * Requires: rows that a fresh shuffle brought into an order that no node knows, and keys no two of which are equal. Then the
 *   answers are those for a uniform order of n different things: anyone could draw it and answer alike, whatever the keys.
 * Cost (rep3): for each level the rounds of a less-than on the keys' bits and one; the bytes of one for each comparison,
 *   and an eighth. For keys of several numbers also an equality for each but the last. How many: effort.ts.
 * Reveals: the answers, which say nothing (above). Fails: PEER_MISBEHAVED where they contradict each other, or give no order in as
 *   many levels as they do but with probability 2^-40; COPIES_DIFFER.
 */

import type { Cost } from '../../core/cost.js';
import { WarifuError } from '../../core/errors.js';
import type { Scheme } from '../../core/scheme.js';
import { indices } from '../../kernels/indices.js';
import { xor } from '../../share/bits.js';
import { differenceOfRows } from '../../share/rows.js';
import { type ArithmeticShare, type BinaryShare, latest } from '../../share/shares.js';
import { bitsInChunks } from '../chunks.js';
import { atClock } from '../columns.js';
import type { Context } from '../context.js';
import { costOf, dryVector } from '../dry/cost-of.js';
import { isZero } from '../equality.js';
import { isNegative } from '../less-than.js';
import { and } from '../logic.js';
import { openBitsToNodes } from '../open.js';
import { gatherInTurns } from '../permute/place.js';
import { turn } from '../turn.js';
import { boundOfEffort, type Effort, expectedEffort } from './effort.js';
import { Ordering } from './ordering.js';

/** A number of a key. */
export type Limb = ArithmeticShare<64> | ArithmeticShare<128>;

/** Rows in an order, and when it is known. */
export interface KnownOrder {
  /** The row at each place; where only some places are wanted, the others hold the remaining rows. */
  readonly rows: Uint32Array;
  readonly clock: number;
}

/** Rows from which keys no longer fit a cache, so that moving them next to what they are compared with pays. */
const REARRANGED = 1 << 15;

/** @param ranks places whose rows are wanted, ascending; all by default. */
export async function orderRows(
  ctx: Context,
  keys: readonly Limb[],
  ranks?: readonly number[],
): Promise<KnownOrder> {
  const n = keys[0]?.length ?? 0;
  if (ctx.backend.self === undefined) return await estimated(ctx, keys, n, ranks);
  const ordering = new Ordering(n, ranks);
  const { levels } = boundOfEffort(n, ranks);
  const isLong = ranks === undefined && n >= REARRANGED;
  let arranged = keys;
  let clock = latest(...keys);
  for (let level = 0; !ordering.done; level++) {
    if (level === levels) throw unlikely(ctx, level);
    const { left, right } = await ordering.questions(turn);
    const own = atClock(arranged, clock);
    const answers = await areBefore(ctx.step(`level-${level}`), left.length, (start, end) =>
      own.map((limb) => differenceOf(limb, left.subarray(start, end), right.subarray(start, end))),
    );
    await ordering.answer(answers.words, turn);
    clock = answers.clock;
    if (isLong) arranged = await gatherInTurns(arranged, ordering.rearrange());
  }
  return { rows: ordering.order, clock };
}

/** So many levels come by chance with a probability below 2^-40, and by wrong answers easily. */
function unlikely(ctx: Context, levels: number): WarifuError {
  return new WarifuError(
    'PEER_MISBEHAVED',
    `opened comparisons at step ${ctx.path} give no order after ${levels} levels: a node sent wrong numbers`,
    { step: ctx.path },
  );
}

/** Differences of keys, number by number, from start to end. */
type Differences = (start: number, end: number) => readonly Limb[];

/** Answers, 32 to a word, and when they are known. */
async function areBefore(
  ctx: Context,
  count: number,
  differences: Differences,
): Promise<{ readonly words: Uint32Array; readonly clock: number }> {
  const bits = await bitsInChunks(ctx.step('less'), count, (chunk, start, end) =>
    isBefore(chunk, differences(start, end)),
  );
  const { words } = await openBitsToNodes(ctx.step('open'), bits);
  return { words: new Uint32Array(words.buffer, words.byteOffset, 2 * words.length), clock: bits.clock + 1 };
}

/** 1 where the first number that is not 0 is negative. */
async function isBefore(ctx: Context, limbs: readonly Limb[]): Promise<BinaryShare> {
  const differences = limbs as readonly ArithmeticShare<64>[];
  const [less, equal] = await Promise.all([
    Promise.all(differences.map((own, i) => isNegative(ctx.step(`less-${i}`), own))),
    Promise.all(differences.slice(0, -1).map((own, i) => isZero(ctx.step(`equal-${i}`), own))),
  ]);
  let before = less.at(-1);
  if (before === undefined) throw new RangeError('a key of no number');
  for (let i = equal.length - 1; i >= 0; i--) {
    const both = await and(ctx.step(`and-${i}`), equal[i] as BinaryShare, before);
    before = xor(less[i] as BinaryShare, both);
  }
  return before;
}

function differenceOf(limb: Limb, left: Uint32Array, right: Uint32Array): Limb {
  return differenceOfRows(limb as ArithmeticShare<64>, left, right);
}

/** The dry run's charge. */
async function estimated(
  ctx: Context,
  keys: readonly Limb[],
  n: number,
  ranks: readonly number[] | undefined,
): Promise<KnownOrder> {
  const { scheme } = ctx.backend;
  const [least, most] = [await levelCost(scheme, keys, 64), await levelCost(scheme, keys, 64 * 101)];
  const clock = latest(...keys);
  // A level's rows are filled up to whole words: half a word on average, at most one.
  const cost = ({ levels, comparisons }: Effort, filling: number): Cost => ({
    rounds: levels * least.rounds,
    bytes: least.bytes.map((bytes, node) =>
      Math.ceil(((most.bytes[node] ?? 0) - bytes) * (comparisons / 6400) + levels * bytes * filling),
    ),
  });
  const estimate = {
    expected: cost(expectedEffort(n, ranks), 0.5),
    bound: cost(boundOfEffort(n, ranks), 1),
  };
  return {
    rows: indices(n),
    clock: ctx.backend.estimate?.(ctx, estimate, clock) ?? clock,
  };
}

/** Of a level of so many comparisons. */
async function levelCost(scheme: Scheme, keys: readonly Limb[], comparisons: number): Promise<Cost> {
  const rows = new Uint32Array(comparisons);
  const differences = keys.map(({ width, bounds }) =>
    differenceOf(dryVector(width, 1, bounds) as Limb, rows, rows),
  );
  const { expected } = await costOf(scheme, (ctx) => areBefore(ctx, comparisons, () => differences));
  return expected;
}
