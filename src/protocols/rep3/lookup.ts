/**
 * Lookup: for a shared digit of a few bits, the entries that it names in public tables.
 *
 * Protocol (ours): the digit is u XOR c, of u = b0 XOR b1 known to node 0 and c = b2 known to nodes 1 and 2. Node 0
 *   splits the unit vector that has its 1 at place u in two additive halves, all but entry 0: a stream with node 1, and
 *   the rest, which it sends to node 2; entry 0 is 1 less the others, which node 1 takes in. Nodes 1 and 2 move entry j
 *   to j XOR c, so that they hold halves of the unit vector with its 1 at the digit; the halves of a table's entry are
 *   linear in them. They exchange these masked by streams that the receiver lacks. With one bit and the table (0, 1)
 *   this is bit injection in the manner of ABY3 (Mohassel and Rindal 2018).
 * Requires: 1 to 8 bits; entries within the bounds.
 * Cost: 2 rounds; of D-1 ring elements from node 0 for a digit of D values, and one for each table from nodes 1 and 2.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import type { StepPath } from '../../core/step.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, type BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { bothBits, exchange, type Rep3Party } from './party.js';

type Tables = readonly (readonly bigint[])[];

export async function lookup<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  digit: BinaryShare,
  tables: Tables,
  { width, bounds }: { readonly width: W; readonly bounds: Bounds },
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const n = digit.length;
  const length = tables.length * n;
  const entries = 2 ** digit.rows;
  await party.turns.next(ringBytes(width, entries * n));
  const share = (parts: readonly [RingVector, RingVector]): ArithmeticShare<W> =>
    new ArithmeticShare({ width, length, bounds, held: party.held, parts, clock: digit.clock + 2 });
  const mask = (part: 0 | 1): RingVector => party.randomness.ring(part, step, 'result', width, length);
  const [first, second] = bothBits(digit);
  if (party.self === 0) {
    await sendUnitVector(party, step, kernels.xor(first, second), width, digit.clock + 1);
    return share([mask(0), mask(1)]);
  }
  const isNode1 = party.self === 1;
  const rest = isNode1
    ? party.randomness.ring(1, step, 'unit', width, (entries - 1) * n)
    : await party.receiveRing(0, step, 'unit', width, (entries - 1) * n);
  const halves = kernels.exchangeEntries(withEntry0(rest, n, isNode1), isNode1 ? second : first);
  const ownMask = mask(isNode1 ? 1 : 0);
  const masked = kernels.subtract(combine(halves, n, tables), ownMask);
  const peer = isNode1 ? 2 : 1;
  const received = await exchange(
    party.send(peer, step, 'result', masked, digit.clock + 2),
    party.receiveRing(peer, step, 'result', width, length),
  );
  const common = kernels.add(masked, received);
  return share(isNode1 ? [ownMask, common] : [common, ownMask]);
}

/** Node 0: entries 1 to D-1 of the unit vectors, less the stream that node 1 knows. */
async function sendUnitVector(
  party: Rep3Party,
  step: StepPath,
  u: BitMatrix,
  width: RingWidth,
  clock: number,
): Promise<void> {
  const n = u.length;
  const zeros = kernels.not(u);
  const entries = Array.from({ length: 2 ** u.rows - 1 }, (_, i) => {
    const bits = Array.from({ length: u.rows }, (_row, j) =>
      (((i + 1) >> j) & 1) === 1 ? u.row(j) : zeros.row(j),
    );
    return kernels.expandBit(bits.reduce(kernels.and), width);
  });
  const unit = RingVector.concat(entries);
  const stream = party.randomness.ring(1, step, 'unit', width, entries.length * n);
  await party.send(2, step, 'unit', kernels.subtract(unit, stream), clock);
}

/** Entry 0, which is 1 less the sum of the others, then these. */
function withEntry0(rest: RingVector, n: number, takesOne: boolean): RingVector {
  let sum = rest.slice(0, n);
  for (let at = n; at < rest.length; at += n) sum = kernels.add(sum, rest.slice(at, at + n));
  const negative = kernels.negate(sum);
  return RingVector.concat([takesOne ? kernels.addConstant(negative, 1n) : negative, rest]);
}

/** For each table the sum of its entries times those of the unit vectors. */
function combine(halves: RingVector, n: number, tables: Tables): RingVector {
  return RingVector.concat(
    tables.map((table) => {
      let sum = RingVector.zeros(halves.width, n);
      table.forEach((entry, j) => {
        if (entry === 0n) return;
        const half = halves.slice(j * n, (j + 1) * n);
        sum = kernels.add(sum, entry === 1n ? half : kernels.scale(half, entry));
      });
      return sum;
    }),
  );
}
