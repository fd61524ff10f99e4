/**
 * Lookup in public tables: for shared digits, sums of the entries that they name.
 *
 * Functionality: each list of tables has one table for each digit, with an entry for each of its 2^rows values; its
 *   result is the sum over the digits of the entry that the digit names. With digits of one bit and tables (0, w) that is
 *   a weighted sum of bits; with one digit any function of it, as large as one likes; with all digits of a number and
 *   tables of their weights, the number.
 * Requires: 1 to 8 rows a digit. Long vectors run in chunks, shorter ones the more entries there are.
 * Cost (rep3): 2 rounds; node 0 sends 2^rows - 1 ring elements for each digit, nodes 1 and 2 one for each list; for
 *   sums over all rows only one for each list and chunk.
 * Reveals: nothing. Fails: never.
 *
 * @throws RangeError for shapes that do not fit; WarifuError BOUND_NOT_PROVED where the results, taken together, could
 *   leave the ring.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { columns } from '../../share/bits.js';
import { addBounds, type Bounds, joinBounds, proveFits, scaleBounds } from '../../share/bounds.js';
import { add, concatenate, slice } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { DigitTables } from '../backend.js';
import { CHUNK, eachChunk, inChunks } from '../chunks.js';
import type { Context } from '../context.js';

const LARGEST_DIGIT = 8;
/** So many entries of tables leave a chunk its full length. */
const ENTRIES_OF_CHUNK = 4;
const SHORTEST_CHUNK = 1 << 12;

/**
 * For each list of tables a vector with bounds of its own.
 *
 * @param given bounds of each result, where they are tighter than what the tables say: digits may depend on each other.
 */
export async function lookup<W extends RingWidth>(
  ctx: Context,
  digits: readonly BinaryShare[],
  tables: readonly DigitTables[],
  width: W,
  given?: readonly Bounds[],
): Promise<ArithmeticShare<W>[]> {
  if (tables.length === 0) return [];
  const n = checkShapes(digits, tables);
  const bounds = given ?? tables.map(boundsOfSum);
  if (bounds.length !== tables.length)
    throw new RangeError(`${bounds.length} bounds for ${tables.length} results`);
  proveFits(bounds.reduce(joinBounds), width, 'an entry of a table');
  const to = { width, bounds: bounds.reduce(joinBounds) };
  const chunks = await inChunks(
    ctx,
    n,
    async (chunk, start, end) => {
      const own = digits.map((digit) => columns(digit, start, end));
      const all = await chunk.backend.lookup(chunk, own, tables, to);
      return tables.map((_, t) => slice(all, t * (end - start), (t + 1) * (end - start)));
    },
    chunkFor(digits),
  );
  return bounds.map((own, t) => {
    const parts = chunks.map((chunk) => chunk[t] as ArithmeticShare<W>);
    const [whole] = parts as [ArithmeticShare<W>];
    return (parts.length === 1 ? whole : concatenate(parts)).with({ bounds: own });
  });
}

/** For each list of tables the sum of its results over all rows, as a vector of length 1. */
export async function lookupSums<W extends RingWidth>(
  ctx: Context,
  digits: readonly BinaryShare[],
  tables: readonly DigitTables[],
  width: W,
): Promise<ArithmeticShare<W>[]> {
  if (tables.length === 0) return [];
  const n = checkShapes(digits, tables);
  const single = tables.map(boundsOfSum);
  const bounds = single.map((own) => scaleBounds(own, BigInt(n)));
  proveFits(bounds.reduce(joinBounds), width, `a sum of ${n} entries of a table`);
  const chunks = await eachChunk(
    ctx,
    n,
    async (chunk, start, end) => {
      const own = digits.map((digit) => columns(digit, start, end));
      const of = single.map((each) => scaleBounds(each, BigInt(end - start))).reduce(joinBounds);
      return await chunk.backend.lookup(chunk, own, tables, { width, bounds: of, summed: true });
    },
    chunkFor(digits),
  );
  const total = chunks.reduce((sum, chunk) => add(sum, chunk));
  return bounds.map((own, t) => slice(total, t, t + 1).with({ bounds: own }));
}

/** Bounds of a sum of one entry of each table. */
function boundsOfSum(tables: DigitTables): Bounds {
  return tables.map(boundsOfTable).reduce(addBounds);
}

function boundsOfTable(table: readonly bigint[]): Bounds {
  return table.map((entry) => ({ min: entry, max: entry })).reduce(joinBounds);
}

/** Elements of a chunk, so many fewer as there are more entries: memory stays bounded. */
function chunkFor(digits: readonly BinaryShare[]): number {
  const entries = digits.reduce((total, { rows }) => total + 2 ** rows - 1, 0);
  let elements = CHUNK;
  while (elements > SHORTEST_CHUNK && elements * entries > CHUNK * ENTRIES_OF_CHUNK) elements /= 2;
  return elements;
}

/** The length of all digits. */
function checkShapes(digits: readonly BinaryShare[], tables: readonly DigitTables[]): number {
  const [first] = digits;
  if (first === undefined) throw new RangeError('lookup of no digit');
  for (const { rows, length } of digits) {
    if (rows < 1 || rows > LARGEST_DIGIT) throw new RangeError(`lookup of a digit of ${rows} bits`);
    if (length !== first.length) throw new RangeError(`digits of ${first.length} and ${length} elements`);
  }
  for (const own of tables) {
    if (own.length !== digits.length)
      throw new RangeError(`${own.length} tables for ${digits.length} digits`);
    own.forEach((table, g) => {
      const entries = 2 ** (digits[g] as BinaryShare).rows;
      if (table.length !== entries)
        throw new RangeError(`a table of ${table.length} entries, not ${entries}`);
    });
  }
  return first.length;
}
