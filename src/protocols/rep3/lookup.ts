/**
 * Lookup: for shared digits of a few bits, sums of the entries that they name in public tables.
 *
 * Protocol (ours): a digit is u XOR c, of u = b0 XOR b1 known to node 0 and c = b2 known to nodes 1 and 2. Node 0
 *   splits the unit vector that has its 1 at place u in two additive halves, all but entry 0: a stream with node 1, and
 *   the rest, which it sends to node 2; entry 0 is 1 less the others, which node 1 takes in. Nodes 1 and 2 move entry j
 *   to j XOR c, so that they hold halves of the unit vector with its 1 at the digit; the halves of a table's entry, and
 *   of any sum of such, are linear in them. They exchange these masked by streams that the receiver lacks: one element
 *   for a sum, however many digits or even rows it is over. With one bit and the table (0, 1) this is bit injection in
 *   the manner of ABY3 (Mohassel and Rindal 2018).
 * Requires: 1 to 8 bits a digit; sums within the bounds.
 * Cost: 2 rounds; of D-1 ring elements from node 0 for a digit of D values, and one for each result from nodes 1 and 2.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import type { StepPath } from '../../core/step.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { ArithmeticShare, type BinaryShare, latest } from '../../share/shares.js';
import type { DigitTables, LookupShape } from '../backend.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { unitEntries } from '../unit-entries.js';
import { bothBits, exchange, type Rep3Party } from './party.js';

export async function lookup<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  digits: readonly BinaryShare[],
  tables: readonly DigitTables[],
  { width, bounds, summed = false }: LookupShape<W>,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const n = digits[0]?.length ?? 0;
  const length = summed ? tables.length : tables.length * n;
  const entries = digits.reduce((total, { rows }) => total + 2 ** rows - 1, 0);
  const clock = latest(...digits);
  await party.turns.next(ringBytes(width, entries * n));
  const share = (parts: readonly [RingVector, RingVector]): ArithmeticShare<W> =>
    new ArithmeticShare({ width, length, bounds, held: party.held, parts, clock: clock + 2 });
  const mask = (part: 0 | 1): RingVector => party.randomness.ring(part, step, 'result', width, length);
  if (party.self === 0) {
    const first = digits.map((digit) => kernels.xor(...bothBits(digit)));
    await sendUnitVectors(party, step, first, width, clock + 1);
    return share([mask(0), mask(1)]);
  }
  const isNode1 = party.self === 1;
  const units = isNode1
    ? party.randomness.ring(1, step, 'unit', width, entries * n)
    : await party.receiveRing(0, step, 'unit', width, entries * n);
  const second = digits.map((digit) => bothBits(digit)[isNode1 ? 1 : 0]);
  const ownMask = mask(isNode1 ? 1 : 0);
  const sums = sumsOfEntries(units, second, tables, isNode1);
  const masked = kernels.subtract(RingVector.concat(summed ? sums.map(kernels.sum) : sums), ownMask);
  const peer = isNode1 ? 2 : 1;
  const received = await exchange(
    party.send(peer, step, 'result', masked, clock + 2),
    party.receiveRing(peer, step, 'result', width, length),
  );
  const common = kernels.add(masked, received);
  return share(isNode1 ? [ownMask, common] : [common, ownMask]);
}

/** Node 0: entries 1 to D-1 of the unit vectors of all digits, less the stream that node 1 knows. */
async function sendUnitVectors(
  party: Rep3Party,
  step: StepPath,
  digits: readonly BitMatrix[],
  width: RingWidth,
  clock: number,
): Promise<void> {
  const units = RingVector.concat(digits.flatMap((digit) => unitEntries(digit, width)));
  const stream = party.randomness.ring(1, step, 'unit', width, units.length);
  await party.send(2, step, 'unit', kernels.subtract(units, stream), clock);
}

/** Halves of the sums of entries, for each list of tables. */
function sumsOfEntries(
  units: RingVector,
  digits: readonly BitMatrix[],
  tables: readonly DigitTables[],
  takesOne: boolean,
): RingVector[] {
  let at = 0;
  const sums: (RingVector | undefined)[] = tables.map(() => undefined);
  digits.forEach((digit, g) => {
    const end = at + (2 ** digit.rows - 1) * digit.length;
    const rest = units.slice(at, end);
    const own = tables.map((each) => each[g] ?? []);
    entriesOf(rest, digit, own, takesOne).forEach((vector, t) => {
      const sum = sums[t];
      if (vector !== undefined) sums[t] = sum === undefined ? vector : kernels.add(sum, vector);
    });
    at = end;
  });
  const n = digits[0]?.length ?? 0;
  return sums.map((sum) => sum ?? RingVector.zeros(units.width, n));
}

/** Halves of the entries of one digit's tables; nothing for a table of zeros. */
function entriesOf(
  rest: RingVector,
  digit: BitMatrix,
  tables: readonly (readonly bigint[])[],
  takesOne: boolean,
): (RingVector | undefined)[] {
  if (digit.rows === 1) {
    const bit = halfOfBit(rest, digit, takesOne);
    return tables.map(([zero = 0n, one = 0n]) => {
      if (zero === 0n && one === 0n) return undefined;
      const step = scaled(bit, one - zero);
      return takesOne && zero !== 0n ? kernels.addConstant(step, zero) : step;
    });
  }
  const halves = kernels.exchangeEntries(withEntry0(rest, digit.length, takesOne), digit);
  const used = tables.filter(isUsed);
  if (used.length === 0) return tables.map(() => undefined);
  const sums = kernels.combineEntries(
    halves,
    used.map((table) => RingVector.fromBigInts(halves.width, table)),
  );
  let next = 0;
  return tables.map((table) => (isUsed(table) ? sums[next++] : undefined));
}

function isUsed(table: readonly bigint[]): boolean {
  return table.some((entry) => entry !== 0n);
}

/** A half of the bit u XOR c = u*(1 - 2c) + c, of one of u. */
function halfOfBit(half: RingVector, c: BitMatrix, takesOne: boolean): RingVector {
  const second = kernels.expandBit(c, half.width);
  const sign = kernels.addConstant(kernels.scale(second, -2n), 1n);
  const product = kernels.multiply(half, sign);
  return takesOne ? kernels.add(product, second) : product;
}

/** Entry 0, which is 1 less the sum of the others, then these. */
function withEntry0(rest: RingVector, n: number, takesOne: boolean): RingVector {
  let sum = rest.slice(0, n);
  for (let at = n; at < rest.length; at += n) sum = kernels.add(sum, rest.slice(at, at + n));
  const negative = kernels.negate(sum);
  return RingVector.concat([takesOne ? kernels.addConstant(negative, 1n) : negative, rest]);
}

function scaled(x: RingVector, factor: bigint): RingVector {
  return factor === 1n ? x : kernels.scale(x, factor);
}
