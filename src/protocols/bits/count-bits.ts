/**
 * Counts of ones in rows of bits, over Z_2^32.
 *
 * Protocol: nodes 1 and 2 sum what their lookups give over all columns before they exchange it.
 * Requires: fewer than 2^32 columns.
 * Cost (rep3): 2 rounds; 4 bytes from node 0 for each bit, from nodes 1 and 2 4 for each row and chunk.
 * Reveals: nothing. Fails: never.
 */
import { rows } from '../../share/bits.js';
import { concatenate } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { lookupSums } from './lookup.js';

/** For each row the number of its ones. RangeError for no row. */
export async function countBits(ctx: Context, bits: BinaryShare): Promise<ArithmeticShare<32>> {
  if (bits.rows === 0) throw new RangeError('counts of no row');
  const digits = Array.from({ length: bits.rows }, (_, i) => rows(bits, i, i + 1));
  const tables = digits.map((_, own) => digits.map((_digit, i) => [0n, i === own ? 1n : 0n]));
  return concatenate(await lookupSums(ctx, digits, tables, 32));
}
