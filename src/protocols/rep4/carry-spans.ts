/**
 * The carries of x = A + B, by spans of up to three bits: whether each makes a carry, and whether it passes one on.
 * A is known to nodes 2 and 3, B to nodes 0 and 1 (two-operands.ts).
 *
 * Protocol (ours): each pair of nodes shares, of every span of its operand, the products of all non-empty subsets of the
 *   span's bits: for k bits a_S and b_T, S and T from 1 to 2^k - 1, bit j of S for the bit j. Over GF(2)
 *     generate = sum over S + T = 2^k of a_S b_T,    propagate = sum over S + T = 2^k - 1 of a_S b_T,  a_0 = b_0 = 1,
 *   both sums of products of a low and a high share, with the four mixed terms each.
 *   (By induction: with c the highest bit, a_c b_c + (a_c + b_c) * generate of the others, and (a_c + b_c) * propagate.)
 * Spans: as in rep3, by the same layout; of three bits they cost (2*7 + 2*4)/3 bits for each bit of x and the tree of
 *   carries 6*2/3 more, 11.3; spans of two bits (2*3 + 2*4)/2 + 6 = 13.
 * Cost: 2 rounds (1 for one bit). Both sides send one row and those of all products, then four messages of a row for each
 *   span, and each that passes carries, from all nodes together; and tags.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels, type SpanCarries } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows } from '../../share/bits.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { CarrySpans, Span } from '../backend.js';
import type { Context } from '../context.js';
import { layoutOf, productsOf, type SpanLayout } from '../spans.js';
import { type Parts, partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { bitShape, shareMixed, shareSides, type Term } from './terms.js';
import { operandBits } from './two-operands.js';

export async function carrySpans<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  from: number,
  to: number,
): Promise<CarrySpans> {
  const step = ctx.claim();
  const { length } = x;
  const { held } = party;
  const layout = layoutOf(from, to);
  const spans = layout.all.length;
  const count = spans + layout.passing.length;
  const operand = operandBits(party, x, to);
  const products = await shareSides(
    party,
    { step, name: 'operand', clock: x.clock + 1 },
    bitShape(party, 1 + layout.products, length, 'operand'),
    (mask) => maskedProducts(operand, layout, mask),
  );
  const halfSum = new BinaryShare({
    rows: to - from,
    length,
    held,
    parts: products.map((part) => bitsOf(part, layout, from, to)),
    clock: x.clock + 1,
  });
  const carries =
    count === 0
      ? products.map(() => BitMatrix.zeros(0, length))
      : await shareMixed(
          party,
          { step, name: 'carry', clock: x.clock + 2 },
          bitShape(party, count, length, 'carry'),
          (terms, masks) => mixedCarries({ held, parts: products }, layout, terms, masks),
        );
  carries.forEach((part, i) => addLinear(part, products[i] as BitMatrix, layout));
  const clock = count === 0 ? x.clock + 1 : x.clock + 2;
  const carry = new BinaryShare({ rows: count, length, held, parts: carries, clock });
  return {
    halfSum,
    spans: layout.all,
    generate: rows(carry, 0, spans),
    propagate: rows(carry, spans, count),
  };
}

/** The highest bit, then the products of each outer span, XOR a mask. */
function maskedProducts(bits: BitMatrix, { outer }: SpanLayout, mask: BitMatrix): BitMatrix {
  const out = BitMatrix.uninitialised(mask.rows, mask.length);
  const top: Span = { low: bits.rows - 1, high: bits.rows };
  let at = 0;
  for (const span of [top, ...outer]) {
    const end = at + productsOf(span);
    const own = Array.from({ length: span.high - span.low }, (_, j) => bits.row(span.low + j).words);
    kernels.subsetProductsInto(own, mask.rowsBetween(at, end).words, out.rowsBetween(at, end).words);
    at = end;
  }
  return out;
}

/** Where the products of a span begin: those of its outer span, of which the first are its own. */
function productsAt({ outer }: SpanLayout, { low }: Span): number {
  const index = outer.findIndex((span) => span.low === low);
  return 1 + outer.slice(0, index).reduce((total, span) => total + productsOf(span), 0);
}

/** A part of bits from..to-1 from one of their products. */
function bitsOf(products: BitMatrix, layout: SpanLayout, from: number, to: number): BitMatrix {
  const bit = (at: number): BitMatrix => {
    if (at === to - 1) return products.row(0);
    const span = layout.outer.find(({ low, high }) => low <= at && at < high) as Span;
    return products.row(productsAt(layout, span) + 2 ** (at - span.low) - 1);
  };
  return BitMatrix.stack(Array.from({ length: to - from }, (_, i) => bit(from + i)));
}

/**
 * The mixed terms that this node knows of generate of all spans and of propagate of those that have one, XOR their masks.
 * They have a part in common.
 */
function mixedCarries(
  products: Parts<BitMatrix>,
  layout: SpanLayout,
  terms: readonly [Term, Term],
  masks: readonly [BitMatrix, BitMatrix],
): [BitMatrix, BitMatrix] {
  const [first, second] = terms;
  const common = first.mask === second.mask || first.mask === second.rest ? first.mask : first.rest;
  const other = ({ mask, rest }: Term): BitMatrix => partOf(products, mask === common ? rest : mask);
  const x = partOf(products, common);
  const ys = [other(first), other(second)] as const;
  const out = [0, 1].map(() => BitMatrix.uninitialised(masks[0].rows, masks[0].length)) as [
    BitMatrix,
    BitMatrix,
  ];
  layout.all.forEach((span, row) => {
    const passing = layout.passing.indexOf(span);
    const start = productsAt(layout, span);
    const productsIn = (own: BitMatrix): BigUint64Array =>
      own.rowsBetween(start, start + productsOf(span)).words;
    const carriesIn = (own: BitMatrix): SpanCarries => ({
      generate: own.row(row).words,
      propagate: passing < 0 ? undefined : own.row(layout.all.length + passing).words,
    });
    const termOf = (i: 0 | 1) => ({
      y: productsIn(ys[i]),
      masks: carriesIn(masks[i]),
      out: carriesIn(out[i]),
    });
    const bits = (span.high - span.low) as 1 | 2 | 3;
    kernels.spanTermsInto(bits, productsIn(x), [termOf(0), termOf(1)]);
  });
  return out;
}

/** Adds the products with a_0 or b_0, which are 1: of the whole span, in propagate. */
function addLinear(carries: BitMatrix, products: BitMatrix, layout: SpanLayout): void {
  layout.passing.forEach((span, i) => {
    const whole = products.row(productsAt(layout, span) + productsOf(span) - 1);
    kernels.xorInto(carries.row(layout.all.length + i).words, whole.words);
  });
}
