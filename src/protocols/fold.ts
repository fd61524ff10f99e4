/**
 * AND over the whole length of a row of bits: one bit that says whether all are 1.
 *
 * Protocol: the row's words are the rows of a 64-column matrix (slots after the last bit are public ones), which
 *   an AND tree reduces to one word; its 64 bits are then reduced likewise.
 * Cost (rep3): ceil(log2(words)) + 6 rounds; about n/8 bytes per node in all. Reveals nothing.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import { RingVector } from '../kernels/ring-vector.js';
import { xor } from '../share/bits.js';
import type { BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';
import { allRows } from './logic.js';

const WORD = 64;

/** @returns a row of length 1; for an empty row the constant 1. */
export async function allBits(ctx: Context, x: BinaryShare): Promise<BinaryShare> {
  if (x.rows !== 1) throw new RangeError('allBits takes one row');
  if (x.length === 0) return ctx.publicBits(BitMatrix.fromBits([[1]]));
  const words = Math.ceil(x.length / WORD);
  const matrix = x.with({
    rows: words,
    length: WORD,
    parts: x.parts.map((part) => new BitMatrix(words, WORD, part.words)),
  });
  const padded = xor(matrix, ctx.publicBits(onesAfter(x.length, words)));
  const word = await allRows(ctx.step('words'), padded);
  const bits = word.with({
    rows: WORD,
    length: 1,
    parts: word.parts.map((part) => kernels.toBits(new RingVector(64, part.words), WORD)),
  });
  return await allRows(ctx.step('bits'), bits);
}

/** A matrix of words whose bits are 1 exactly from position `length` on. */
function onesAfter(length: number, words: number): BitMatrix {
  const ones = BitMatrix.zeros(words, WORD);
  const used = length - (words - 1) * WORD;
  ones.words[words - 1] = used === WORD ? 0n : BigInt.asUintN(WORD, -1n << BigInt(used));
  return ones;
}
