/**
 * Products: multiplication and AND.
 *
 * Functionality: z = x * y elementwise, or x AND y (XOR another).
 * Protocol: Dalskov, Escudero, Keller 2021 (USENIX Security), section 3: x*y is the sum of x_i*y_j + x_j*y_i over all pairs of parts
 *   and of x_i*y_i over all parts. The two nodes that hold parts i and j share the former (terms.ts); the latter go with
 *   parts 0 and 1, and 2 and 3. All messages are checked in the round in which they travel (party.ts), long ones piece by
 *   piece (product-messages.ts).
 * Requires: same widths and lengths; bounds proved by the caller.
 * Cost: 1 round; six elements (or bits, in whole words) per result, from all nodes together, and six tags for each MiB of it.
 * Reveals: nothing; each message is masked by a stream that its receiver lacks.
 * Fails: COPIES_DIFFER where a node lies.
 */
import type { PartIndex } from '../../core/scheme.js';
import { BitMatrix, clearTailsFrom } from '../../kernels/bit-matrix.js';
import { kernels, type Three } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { type ArithmeticShare, BinaryShare, latest } from '../../share/shares.js';
import { type AndTerm, shapeOfTerms } from '../backend.js';
import type { Context } from '../context.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { each, PIECE_BYTES, type ProductPiece, rolesOf, shareProducts } from './product-messages.js';
import type { Term } from './terms.js';

export async function multiply<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  bounds: Bounds,
): Promise<ArithmeticShare<W>> {
  const sharing = { step: ctx.claim(), name: 'product', clock: latest(x, y) + 1 };
  const { width, length } = x;
  const roles = rolesOf(party.self);
  const [xs, ys] = [x, y].map((own) => each(roles.parts, (part) => partOf(own, part))) as [
    Three<RingVector>,
    Three<RingVector>,
  ];
  const sums = each(roles.parts, () => RingVector.uninitialised(width, length));
  const vector = (bytes: Uint8Array): RingVector => RingVector.fromBytes(width, bytes);
  await shareProducts(party, sharing, roles, {
    pieceBytes: PIECE_BYTES,
    bytes: ringBytes(width, length),
    stream: (part, label) => party.randomness.ringStream(part, sharing.step, label, width, length),
    fill: ({ start, end, masks, messages, streams }) => {
      const piece = (own: RingVector): RingVector => own.slice((start * 8) / width, (end * 8) / width);
      kernels.multiplyTermsInto({
        x: each(xs, piece),
        y: each(ys, piece),
        masks: each(masks, vector),
        messages: each(messages, vector),
        sums: each(sums, piece),
        plus: each(streams, (own) => own.map(vector)),
        crossed: roles.crossed,
      });
    },
    add: (at, start, bytes) => {
      const from = (start * 8) / width;
      const own = vector(bytes);
      kernels.addInto(sums[at].slice(from, from + own.length), own);
    },
  });
  const parts = party.held.map((part) => sums[roles.parts.indexOf(part)] as RingVector);
  return x.with({ bounds, clock: sharing.clock, parts });
}

export async function and(party: Rep4Party, ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
  const step = ctx.claim();
  const { rows, length, clock: ready } = shapeOfTerms(terms);
  const sharing = { step, name: 'product', clock: ready + 1 };
  const roles = rolesOf(party.self);
  const operands = operandsOf(terms, roles.parts);
  const sums = each(roles.parts, () => BitMatrix.uninitialised(rows, length));
  await shareProducts(party, sharing, roles, {
    pieceBytes: PIECE_BYTES,
    bytes: bitBytes(rows, length),
    stream: (part, label) => party.randomness.bitStream(part, step, label, rows, length),
    fill: (piece) => fillAnd(piece, operands, sums, roles.crossed),
    add: (at, start, bytes) => {
      const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
      kernels.xorInto(sums[at].words.subarray(start / 8, start / 8 + words.length), words);
    },
  });
  const parts = party.held.map((part) => sums[roles.parts.indexOf(part)] as BitMatrix);
  return new BinaryShare({ rows, length, held: party.held, parts, clock: sharing.clock });
}

/** The words of an AND, whose result lies from word `start` to `end` of all. */
interface AndOperands {
  readonly x: Three<BigUint64Array>;
  readonly y: Three<BigUint64Array>;
  readonly plus: Three<readonly BigUint64Array[]>;
  readonly start: number;
  readonly end: number;
}

function operandsOf(terms: readonly AndTerm[], parts: Three<PartIndex>): AndOperands[] {
  let end = 0;
  return terms.map(({ x, y, plus }) => {
    const words = (share: BinaryShare): Three<BigUint64Array> =>
      each(parts, (part) => partOf(share, part).words);
    const start = end;
    const own = words(x);
    end += own[0].length;
    const added = plus === undefined ? NOTHING : each(words(plus), (each) => [each]);
    return { x: own, y: words(y), plus: added, start, end };
  });
}

const NOTHING: Three<readonly BigUint64Array[]> = [[], [], []];

/** The terms of the ANDs that a piece is of. */
function fillAnd(
  piece: ProductPiece<Three<Term>>,
  operands: readonly AndOperands[],
  sums: Three<BitMatrix>,
  crossed: boolean,
): void {
  const [start, end] = [piece.start / 8, piece.end / 8];
  const clean = (bytes: Uint8Array): BigUint64Array => {
    const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, end - start);
    clearTailsFrom(words, start, sums[0].length);
    return words;
  };
  const masks = each(piece.masks, clean);
  const streams = each(piece.streams, (own) => own.map(clean));
  const messages = each(
    piece.messages,
    (bytes) => new BigUint64Array(bytes.buffer, bytes.byteOffset, end - start),
  );
  for (const operand of operands) {
    const from = Math.max(start, operand.start);
    const to = Math.min(end, operand.end);
    if (from >= to) continue;
    const ofOperand = (words: BigUint64Array): BigUint64Array =>
      words.subarray(from - operand.start, to - operand.start);
    const ofPiece = (words: BigUint64Array): BigUint64Array => words.subarray(from - start, to - start);
    kernels.andTermsInto({
      x: each(operand.x, ofOperand),
      y: each(operand.y, ofOperand),
      masks: each(masks, ofPiece),
      messages: each(messages, ofPiece),
      sums: each(sums, ({ words }) => words.subarray(from, to)),
      plus: each([0, 1, 2] as const, (at) => [
        ...streams[at].map(ofPiece),
        ...operand.plus[at].map(ofOperand),
      ]),
      crossed,
    });
  }
}
