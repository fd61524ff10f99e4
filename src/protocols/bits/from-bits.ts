/**
 * Numbers from rows of bits.
 *
 * Functionality: the number whose bit j is row j, over a ring; with `signed` the highest row has a negative weight.
 * Protocol (ours): a sum of bits times their weights is one lookup, with a digit for each row. A digit of one bit takes
 *   one ring element from node 0; larger digits take more, 2^rows - 1. A bit from place w-32 on (w-64) is of use modulo
 *   2^32 (2^64) only: such rows are looked up in a narrower ring, whose parts, taken as they are and shifted up, are
 *   parts in the wide ring.
 * Requires: at most as many rows as the ring has bits. Long vectors run in chunks.
 * Cost (rep3): 2 rounds; of k bits k ring elements from node 0, of their own rings, and one of each ring used from nodes
 *   1 and 2: 20 bits to Z_2^64 58.7 bytes per node and element on average, 64 bits 136. An adder on masked bits would
 *   take 55 bytes for 64 bits, and 9 rounds: from about 20 bits on rounds are bought by bytes.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows } from '../../share/bits.js';
import { add, raiseTo } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { lookup } from './lookup.js';

export interface FromBitsOptions {
  /** The highest row is the sign of a two's complement. */
  readonly signed?: boolean;
}

/** The numbers that columns of bits stand for. RangeError for more rows than the ring has bits. */
export async function fromBits<W extends RingWidth>(
  ctx: Context,
  bits: BinaryShare,
  width: W,
  { signed = false }: FromBitsOptions = {},
): Promise<ArithmeticShare<W>> {
  const k = bits.rows;
  if (k > width) throw new RangeError(`${k} bits for a ring of ${width}`);
  if (k === 0) return ctx.constant(width, bits.length, 0n);
  const pieces = await Promise.all(
    piecesOf(k, width).map(async ({ start, end, ring }) => {
      const weights = Array.from({ length: end - start }, (_, j) =>
        signed && start + j === k - 1 ? -(1n << BigInt(j)) : 1n << BigInt(j),
      );
      const piece = await weightedSum(ctx.step(`ring-${ring}`), rows(bits, start, end), weights, ring);
      return raiseTo(piece, width);
    }),
  );
  return pieces.reduce((sum, piece) => add(sum, piece));
}

/** The sum of rows of bits times public weights. */
export async function weightedSum<W extends RingWidth>(
  ctx: Context,
  bits: BinaryShare,
  weights: readonly bigint[],
  width: W,
): Promise<ArithmeticShare<W>> {
  if (weights.length !== bits.rows) throw new RangeError(`${weights.length} weights for ${bits.rows} rows`);
  const digits = weights.map((_, j) => rows(bits, j, j + 1));
  const [sum] = await lookup(ctx, digits, [weights.map((weight) => [0n, weight])], width);
  return sum as ArithmeticShare<W>;
}

/** Rows that are looked up in one ring, and hence shifted up by `start`. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly ring: RingWidth;
}

/** A ring of its own costs nodes 1 and 2 an element each: so many rows are needed to pay for it. */
const FEWEST_ROWS = 3;

function piecesOf(k: number, width: RingWidth): Piece[] {
  const pieces: Piece[] = [];
  let end = k;
  for (const ring of [32, 64] as const) {
    const start = width - ring;
    if (ring >= width || end - start < FEWEST_ROWS) continue;
    pieces.push({ start, end, ring });
    end = start;
  }
  return [...pieces, { start: 0, end, ring: width }];
}
