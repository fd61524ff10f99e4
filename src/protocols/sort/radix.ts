/**
 * Radix sort: stable, by a key of any number of bits.
 *
 * Functionality: of n rows with an unsigned key the order, which says for each sorted place the row that goes there, and
 *   columns in that order. Rows with equal keys stay in their order.
 * Protocol: Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695), with digits of up to three bits:
 *   from the lowest digit up, the place to which a stable sort by the digit moves each row (destinations.ts) is revealed
 *   after a shuffle of all rows, and the shuffled rows go there. Key bits travel as words shared by XOR, each as long as
 *   it has digits to come.
 * Requires: bits of the key, lowest first; n < 2^32.
 * Cost (rep3): 5 rounds for each digit; for one of three bits 40 bytes per node and row, for 33 bits in all 436, and for a
 *   carried column its bytes times 4/3 and the number of digits. One row, or none, costs nothing.
 * Reveals: for each digit the places after a fresh shuffle: a uniform permutation. Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { rows } from '../../share/bits.js';
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, BinaryShare, Column, WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { applyPermutation } from '../permute/permutation.js';
import { rowNumbers } from '../permute/public.js';
import { stableDestinations } from './destinations.js';

/** Three bits cost the least bytes a bit: 13.4 of a pass, two 15.1, four 15.0; from 2^20 rows on 16.9, 17.3 and 20.7. */
const DIGIT_BITS = 3;
const WORD_BITS = 32;

export interface Sorted {
  /** The row that comes to each place. */
  readonly order: ArithmeticShare<32>;
  /** The carried columns, sorted. */
  readonly columns: Column[];
}

/** Key bits that travel together, of which those before `from` are used up. */
interface Word {
  readonly bits: WordShare<32>;
  readonly from: number;
  /** Bits of the digits to come, lowest first. */
  readonly digits: readonly number[];
}

/**
 * @param key row j is bit j.
 * @param carried columns that are moved with every digit: few and narrow ones. Others are moved once, by the order.
 * @throws RangeError for columns of other lengths.
 */
export async function radixSort(ctx: Context, key: BinaryShare, carried: readonly Column[]): Promise<Sorted> {
  checkRows(key.length, carried);
  let columns: readonly Column[] = [rowNumbers(ctx, key.length), ...carried];
  const [first, ...later] = digitsOf(key.rows);
  if (first !== undefined && key.length > 1) {
    let digit = rows(key, 0, first);
    let words = wordsOfDigits(key, first, later);
    for (let pass = 0; ; pass++) {
      const moved = await sortByDigit(ctx.step(`pass-${pass}`), digit, [
        ...words.map(({ bits }) => bits),
        ...columns,
      ]);
      columns = moved.slice(words.length);
      const [word, ...rest] = words.map((own, i) => ({ ...own, bits: moved[i] as WordShare<32> }));
      if (word === undefined) break;
      const [width = 0, ...others] = word.digits;
      digit = bitsOfWords(word.bits, word.from, word.from + width);
      words = others.length === 0 ? rest : [{ ...word, from: word.from + width, digits: others }, ...rest];
    }
  }
  const [order, ...sorted] = columns;
  return { order: order as ArithmeticShare<32>, columns: sorted };
}

/** As few digits as there can be, as equal as they can be. */
function digitsOf(bits: number): number[] {
  const count = Math.ceil(bits / DIGIT_BITS);
  return Array.from(
    { length: count },
    (_, i) => Math.floor(((i + 1) * bits) / count) - Math.floor((i * bits) / count),
  );
}

/** The digits from bit `start` on, as many of them in a word as it holds. */
function wordsOfDigits(key: BinaryShare, start: number, digits: readonly number[]): Word[] {
  const words: Word[] = [];
  let [low, high] = [start, start];
  let own: number[] = [];
  const end = (): void => {
    if (own.length > 0) words.push({ bits: wordsOf(rows(key, low, high), WORD_BITS), from: 0, digits: own });
    [low, own] = [high, []];
  };
  for (const digit of digits) {
    if (high + digit - low > WORD_BITS) end();
    own.push(digit);
    high += digit;
  }
  end();
  return words;
}

/** The columns in the stable order of a digit. */
async function sortByDigit(
  ctx: Context,
  digit: BinaryShare,
  columns: readonly Column[],
): Promise<readonly Column[]> {
  const { places, scale } = await stableDestinations(ctx.step('places'), digit);
  return await applyPermutation(ctx.step('move'), places, columns, scale);
}
