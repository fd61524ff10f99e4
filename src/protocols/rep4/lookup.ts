/**
 * Lookup: for shared digits of a few bits, sums of the entries that they name in public tables.
 *
 * Protocol (ours): a digit is u XOR w, of u known to nodes 2 and 3 and w known to nodes 0 and 1. Both pairs share the unit
 *   vectors of their own, whose products are those of the digits (unit-vectors.ts); a sum of entries of tables is linear in
 *   these, so that only its mixed terms are shared: four elements for a sum, however many digits or even rows it is over.
 *   Digits of more than four bits are cut in two (lookup-halves.ts), for another round: of five bits they take as many
 *   elements as one digit would and a tenth of the products, of eight bits 186 instead of 514 for one table. A single bit as a
 *   number goes block by block (bit-to-ring.ts).
 * Requires: 1 to 8 bits a digit; sums within the bounds.
 * Cost: 2 rounds; from all nodes together 2*(D-1) ring elements for a digit of D values and 4 for each result. Where some
 *   digit is cut, 3 rounds: 6*(A-1 + B-1) for one of A*B values and 6 for each result. And six tags, four more of halves.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks. Fails: COPIES_DIFFER where a node lies.
 */
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { ArithmeticShare, type BinaryShare, latest } from '../../share/shares.js';
import type { DigitTables, LookupShape } from '../backend.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { unitEntries } from '../unit-entries.js';
import { bitToRing } from './bit-to-ring.js';
import {
  combined,
  type Halves,
  halvesOf,
  halvesTerm,
  isCut,
  joined,
  pieceRows,
  type Selected,
} from './lookup-halves.js';
import type { Parts } from './parts.js';
import type { Rep4Party } from './party.js';
import { ALL_TERMS, MIXED, ringShape, shareSides, shareTerms, type Term } from './terms.js';
import { mixedUnits, ownDigit } from './unit-vectors.js';

/** Rows of one digit, and the unit vectors of both pairs' own. */
interface Piece {
  readonly digit: number;
  readonly values: number;
  readonly units: Parts<RingVector>;
}

export async function lookup<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  digits: readonly BinaryShare[],
  tables: readonly DigitTables[],
  { width, bounds, summed = false }: LookupShape<W>,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const { held } = party;
  const [first] = digits;
  const n = first?.length ?? 0;
  const clock = latest(...digits);
  if (!summed && digits.length === 1 && first?.rows === 1 && isBit(tables)) {
    const bits = await bitToRing(party, step, first, width);
    const parts = bits.map((part, i) => (held[i] === 0 ? withFirst(part, tables, 1) : part));
    return new ArithmeticShare({ width, length: n, bounds, held, parts, clock: clock + 2 });
  }
  const pieces = await sharePieces(party, step, digits, width, clock + 1);
  const whole = pieces.filter(({ digit }) => !isCut(digits[digit] as BinaryShare));
  const cut = pieces.filter((piece) => !whole.includes(piece));
  const halves = await shareHalves(party, step, cut, tables, { width, n, clock: clock + 2 });
  const isLong = cut.length > 0;
  const done = clock + (isLong ? 3 : 2);
  const length = summed ? tables.length : tables.length * n;
  const resultOf = (vectors: readonly RingVector[]): RingVector =>
    joined(summed ? vectors.map(kernels.sum) : vectors);
  const shape = ringShape(party, width, length, 'result');
  const terms = isLong ? ALL_TERMS : MIXED;
  const results = await shareTerms(
    party,
    { step, name: 'result', clock: done },
    shape,
    terms,
    (term, mask) => {
      const sums = halves.map((own) => halvesTerm(own, term));
      if (whole.length > 0 && MIXED.includes(term)) sums.unshift(wholeTerm(whole, term, tables));
      return kernels.subtract(resultOf(sums.reduce(plus)), mask);
    },
  );
  const parts = results.map((part, i) => {
    for (const { linear } of halves) kernels.addInto(part, resultOf(linear[i] as RingVector[]));
    return held[i] === 0 ? withFirst(part, tables, summed ? n : 1) : part;
  });
  return new ArithmeticShare({ width, length, bounds, held, parts, clock: done });
}

/** Whether the one table has the next entry 1 larger than the first. */
function isBit(tables: readonly DigitTables[]): boolean {
  const [[own] = []] = tables;
  return tables.length === 1 && own !== undefined && (own[1] ?? 0n) - (own[0] ?? 0n) === 1n;
}

/** Both pairs' unit vectors of all digits, as many pieces as they are cut in. */
async function sharePieces(
  party: Rep4Party,
  step: StepPath,
  digits: readonly BinaryShare[],
  width: RingWidth,
  clock: number,
): Promise<Piece[]> {
  const layout = digits.flatMap(({ rows }, digit) =>
    pieceRows(rows).map(([low, high]) => ({ digit, low, high, values: 2 ** (high - low) })),
  );
  const n = digits[0]?.length ?? 0;
  const entries = layout.reduce((total, { values }) => total + values - 1, 0);
  await party.turns.next(ringBytes(width, entries * n));
  const shape = ringShape(party, width, entries * n, 'unit');
  const own = digits.map((digit) => ownDigit(party, digit));
  const sides = await shareSides(party, { step, name: 'unit', clock }, shape, (mask) => {
    const units = joined(
      layout.flatMap(({ digit, low, high }) =>
        unitEntries(own[digit]?.rowsBetween(low, high) as NonNullable<(typeof own)[0]>, width),
      ),
    );
    kernels.subtractInto(units, mask);
    return units;
  });
  let at = 0;
  return layout.map(({ digit, values }) => {
    const [start, end] = [at, at + (values - 1) * n];
    at = end;
    return { digit, values, units: { held: party.held, parts: sides.map((part) => part.slice(start, end)) } };
  });
}

/** Sums of entries by the higher half of each digit that is cut, in turn with those by its lower half. */
async function shareHalves(
  party: Rep4Party,
  step: StepPath,
  pieces: readonly Piece[],
  tables: readonly DigitTables[],
  { width, n, clock }: { readonly width: RingWidth; readonly n: number; readonly clock: number },
): Promise<Halves[]> {
  if (pieces.length === 0) return [];
  const { held } = party;
  const entries = pieces.reduce((total, { values }) => total + values - 1, 0);
  const shape = ringShape(party, width, entries * n, 'half');
  const units = await shareTerms(party, { step, name: 'half', clock }, shape, MIXED, (term, mask) =>
    kernels.subtract(joined(pieces.map((piece) => mixedUnits(piece.units, term, piece.values))), mask),
  );
  let at = 0;
  const shared = pieces.map(({ digit, values }): Selected => {
    const [start, end] = [at, at + (values - 1) * n];
    at = end;
    return { digit, values, units: { held, parts: units.map((part) => part.slice(start, end)) } };
  });
  const pairs = shared.flatMap((low, i) => (i % 2 === 0 ? [[low, shared[i + 1] as Selected] as const] : []));
  const all: Halves[] = [];
  for (const [low, high] of pairs) {
    await party.turns.next(ringBytes(width, tables.length * high.values * low.values * n));
    const own = tables.map((each) => each[low.digit] as readonly bigint[]);
    all.push(halvesOf(low, high, own));
  }
  return all;
}

/** A mixed term of the sums of entries of the digits that are whole, less their entries 0: one for each list. */
function wholeTerm(pieces: readonly Piece[], term: Term, tables: readonly DigitTables[]): RingVector[] {
  const entries = pieces.map(({ units, values }) => mixedUnits(units, term, values));
  const factors = tables.map((own) =>
    pieces.flatMap(({ digit }) => {
      const [first = 0n, ...others] = own[digit] ?? [];
      return others.map((entry) => entry - first);
    }),
  );
  return combined(entries, factors);
}

/** A part of the results with the entries 0 of all tables, so many times over. */
function withFirst(part: RingVector, tables: readonly DigitTables[], times: number): RingVector {
  const firsts = tables.map((own) => own.reduce((sum, [entry = 0n]) => sum + entry, 0n) * BigInt(times));
  if (firsts.every((first) => first === 0n)) return part;
  const n = part.length / tables.length;
  return joined(firsts.map((first, t) => kernels.addConstant(part.slice(t * n, (t + 1) * n), first)));
}

function plus(xs: readonly RingVector[], ys: readonly RingVector[]): RingVector[] {
  return xs.map((x, t) => kernels.add(x, ys[t] as RingVector));
}
