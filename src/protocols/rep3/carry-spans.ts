/**
 * The carries of x = u + v, by spans of up to three bits: whether each makes a carry, and whether it passes one on.
 * u = x0 + x1 is known to node 0 and v = x2 to nodes 1 and 2 (two-operands.ts).
 *
 * Protocol (ours): generate G and propagate P of a span are polynomials over GF(2) in the span's bits of u, whose
 *   coefficients nodes 1 and 2 know. Node 0 splits the products of all non-empty subsets of its bits (7 for three bits)
 *   in two: a stream that it shares with node 1, and the rest, which it sends to node 2. Nodes 1 and 2 evaluate G and P on
 *   their halves and exchange them masked, as for any product of both operands. With h_S a half of the product of the
 *   bits S, and [h_0 = 1 at node 1, 0 at node 2], bit by bit upwards:
 *     u_S*G(c, rest) = u_S*u_c*G(rest) XOR v_c*(u_S*u_c XOR u_S*G(rest)),  G(nothing) = 0
 *     u_S*P(c, rest) = u_S*u_c*P(rest) XOR v_c*u_S*P(rest),                P(nothing) = 1
 * Spans: of s bits, node 0 sends 2^s - 1 bits, nodes 1 and 2 two each, and the carry tree then six in all: (2^s + 9)/s
 *   bits for each bit of x. That is 6.5 for two, 5.67 for three and 6.25 for four; without spans it is 9. Measured CPU
 *   time agrees: of 64 bits, spans of three take 0.82 of what spans of two do. The price: node 0 sends as much as
 *   without spans, the others less than half.
 *   Where carries into the bits of a span are wanted too, G and P of its first one and two bits are made from the same
 *   products: 6 bits more, where making them of carries takes 9 and a round.
 * Cost: 2 rounds (1 for one bit). For the bit k-1 alone: with m = ceil((k-1)/3) spans, the lowest of r bits, node 0 sends
 *   1 + 7(m-1) + 2^r - 1 bits an element, nodes 1 and 2 send 2m-1 each. For all bits 0..k-1, with k-1 = 3m: node 0 sends
 *   1 + 7m, nodes 1 and 2 send 5m-2 each.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import type { StepPath } from '../../core/step.js';
import { BitMatrix, clearTails } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows } from '../../share/bits.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { CarrySpans, Span } from '../backend.js';
import type { Context } from '../context.js';
import { bitBytes } from '../sizes.js';
import { layoutOf, productsOf, type SpanLayout } from '../spans.js';
import { bothParts, type Rep3Party } from './party.js';
import { type Bits, products } from './two-operands.js';

export async function carrySpans<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  from: number,
  to: number,
): Promise<CarrySpans> {
  const step = ctx.claim();
  const { length } = x;
  const layout = layoutOf(from, to);
  const [halfSum, carries] = await shareCarries(party, step, x, { from, to, length, ...layout });
  const share = (parts: Bits, clock: number): BinaryShare =>
    new BinaryShare({ rows: parts[0].rows, length, held: party.held, parts, clock });
  const spans = layout.all.length;
  const carry = share(carries, spans === 0 ? x.clock + 1 : x.clock + 2);
  return {
    halfSum: share(halfSum, x.clock + 1),
    spans: layout.all,
    generate: rows(carry, 0, spans),
    propagate: rows(carry, spans, carry.rows),
  };
}

/** What is made of which bits. */
interface Task extends SpanLayout {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** Bits from..to-1 of u XOR v, as a sharing with parts (u0, u1, v); generate of all spans, then propagate. */
async function shareCarries<W extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  x: ArithmeticShare<W>,
  task: Task,
): Promise<[Bits, Bits]> {
  const { from, to, length } = task;
  const [first, second] = bothParts(x);
  const rows = task.all.length + task.passing.length;
  const shape = { tag: 'carry', rows, length, clock: x.clock + 2 };
  const exchanged = async (local: () => BitMatrix): Promise<Bits> => {
    if (rows > 0) return await products(party, step, shape, local);
    const none = local();
    return [none, none];
  };
  const total = 1 + task.products;
  if (party.self === 0) {
    const u = kernels.toBits(kernels.add(first, second), to);
    const { message, halfSum } = maskedProducts(u, task, streamRows(party, step, total, length));
    await party.send(party.prev, step, 'operand', message, x.clock + 1);
    return [halfSum, await exchanged(() => BitMatrix.zeros(0, length))];
  }
  const isNode1 = party.self === 1;
  // Asked for first, so that it comes while the bits are made.
  const coming = isNode1 ? undefined : party.receiveBits(0, step, 'operand', total, length);
  const v = kernels.toBits(isNode1 ? second : first, to);
  const next = coming === undefined ? streamRows(party, step, total, length) : rowsInOrder(await coming);
  const half = BitMatrix.uninitialised(to - from, length);
  const carries = await exchanged(() => halfCarries(next, v, task, isNode1 ? 1 : 0, half));
  // Copied, so that the bits below are not kept.
  const own = BitMatrix.stack([v.rowsBetween(from, to)]);
  return [isNode1 ? [half, own] : [own, half], carries];
}

/** The following rows of a matrix that is read in order. */
type NextRows = (count: number) => BitMatrix;

/** The rows that nodes 0 and 1 know, made as they are read. */
function streamRows(party: Rep3Party, step: StepPath, rows: number, n: number): NextRows {
  const stream = party.randomness.bitStream(1, step, 'operand', rows, n);
  return (count) => {
    const { buffer } = stream.next(bitBytes(count, n));
    const out = new BitMatrix(count, n, new BigUint64Array(buffer));
    clearTails(out);
    return out;
  };
}

function rowsInOrder(matrix: BitMatrix): NextRows {
  let at = 0;
  return (count) => {
    at += count;
    return matrix.rowsBetween(at - count, at);
  };
}

/** The highest bit and the products of all spans, XOR the masks; and from both the parts of bits from..to-1. */
function maskedProducts(
  u: BitMatrix,
  task: Task,
  masks: NextRows,
): { readonly message: BitMatrix; readonly halfSum: Bits } {
  const { from, to, length } = task;
  const message = BitMatrix.uninitialised(1 + task.products, length);
  const halfSum: Bits = [
    BitMatrix.uninitialised(to - from, length),
    BitMatrix.uninitialised(to - from, length),
  ];
  const next = rowsInOrder(message);
  const fill = (span: Span): void => {
    const [out, mask] = [next(productsOf(span)), masks(productsOf(span))];
    kernels.subsetProductsInto(bitsOf(u, span), mask.words, out.words);
    takeBits(out, span, task, halfSum[0]);
    takeBits(mask, span, task, halfSum[1]);
  };
  for (const span of [highest(task), ...task.outer]) fill(span);
  return { message, halfSum };
}

/** The bit to-1 as a span, which comes before the others. */
function highest({ to }: Task): Span {
  return { low: to - 1, high: to };
}

/** Of the products of a span its bits themselves, where they are wanted. */
function takeBits(products: BitMatrix, { low, high }: Span, { from }: Task, out: BitMatrix): void {
  if (low < from) return;
  for (let bit = low; bit < high; bit++) {
    out.row(bit - from).words.set(products.row(2 ** (bit - low) - 1).words);
  }
}

/**
 * Generate of all spans and propagate of those that have one, of a half of the products and of the constant one.
 *
 * @param bits gets the half of bits from..to-1.
 */
function halfCarries(next: NextRows, v: BitMatrix, task: Task, one: 0 | 1, bits: BitMatrix): BitMatrix {
  const { all, passing } = task;
  const out = BitMatrix.uninitialised(all.length + passing.length, v.length);
  takeBits(next(1), highest(task), task, bits);
  for (const outer of task.outer) {
    const products = next(productsOf(outer));
    takeBits(products, outer, task, bits);
    all.forEach((span, i) => {
      if (span.low !== outer.low) return;
      // The products of the first bits of a span are the first of its products.
      const half = products.rowsBetween(0, productsOf(span)).words;
      const at = passing.indexOf(span);
      const propagate = at < 0 ? undefined : out.row(all.length + at).words;
      kernels.spanCarryInto(half, bitsOf(v, span), one, out.row(i).words, propagate);
    });
  }
  clearTails(out);
  return out;
}

/** A span's bits of an operand, row by row. */
function bitsOf(operand: BitMatrix, { low, high }: Span): BigUint64Array[] {
  return Array.from({ length: high - low }, (_, j) => operand.row(low + j).words);
}
