/**
 * WHERE on shares: the plan's predicate becomes one row of bits, 1 where the condition is true.
 *
 * Atoms run concurrently; an AND or OR joins its terms by a tree. A comparison over a missing value is never
 * true, so each atom is joined with the validity bits of its nullable columns (SQL's three-valued logic).
 */

import type { RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { isZero } from '../protocols/equality.js';
import { isNegative } from '../protocols/less-than.js';
import { allRows, and, anyRow } from '../protocols/logic.js';
import { not, stack, xor } from '../share/bits.js';
import {
  addBounds,
  type Bounds,
  constantBounds,
  scaleBounds,
  signedBits,
  spreadBits,
} from '../share/bounds.js';
import { columnOf, flagOf, numbersOf, type SharedTable } from '../share/column.js';
import { add, addConstant, scale } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { widen } from '../statistics/sums.js';
import { ComparisonBudget } from './comparison-budget.js';
import type { Atom, LinearForm, Predicate } from './plan.js';

/** Forms of more bits, and those of wide columns, are computed over Z_2^128. */
const NARROW_BITS = 63;

/** 'all' and 'none' are known without looking at data. */
export type RowMask = BinaryShare | 'all' | 'none';

export async function evaluatePredicate(
  ctx: Context,
  table: SharedTable,
  predicate: Predicate,
  budget = new ComparisonBudget(),
): Promise<RowMask> {
  switch (predicate.kind) {
    case 'true':
      return 'all';
    case 'false':
      return 'none';
    case 'and':
    case 'or':
      return await evaluateTerms(ctx, table, predicate, budget);
    default:
      return await evaluateAtom(ctx, table, predicate, budget);
  }
}

async function evaluateTerms(
  ctx: Context,
  table: SharedTable,
  { kind, terms }: Extract<Predicate, { kind: 'and' | 'or' }>,
  budget: ComparisonBudget,
): Promise<RowMask> {
  const masks = await Promise.all(
    terms.map((term, i) => evaluatePredicate(ctx.step(`term-${i}`), table, term, budget)),
  );
  const [neutral, absorbing] = kind === 'and' ? (['all', 'none'] as const) : (['none', 'all'] as const);
  if (masks.includes(absorbing)) return absorbing;
  const shares = masks.filter((mask): mask is BinaryShare => typeof mask !== 'string');
  const [first] = shares;
  if (first === undefined) return neutral;
  if (shares.length === 1) return first;
  return await (kind === 'and' ? allRows : anyRow)(ctx.step('join'), stack(shares));
}

async function evaluateAtom(
  ctx: Context,
  table: SharedTable,
  atom: Atom,
  budget: ComparisonBudget,
): Promise<RowMask> {
  switch (atom.kind) {
    case 'at-least-zero':
    case 'zero': {
      const bits = await testForm(ctx.step('test'), table, atom, budget);
      const chosen = atom.negated ? not(bits) : bits;
      return await whereValid(
        ctx.step('valid'),
        table,
        chosen,
        atom.form.terms.map(({ column }) => column),
      );
    }
    case 'flag': {
      const flag = flagOf(columnOf(table, atom.column));
      // A missing boolean is stored as false, so only its negation has to ask for validity.
      return atom.negated ? await whereValid(ctx.step('valid'), table, not(flag), [atom.column]) : flag;
    }
    case 'flags-equal': {
      const difference = xor(flagOf(columnOf(table, atom.left)), flagOf(columnOf(table, atom.right)));
      const chosen = atom.negated ? difference : not(difference);
      return await whereValid(ctx.step('valid'), table, chosen, [atom.left, atom.right]);
    }
    case 'missing': {
      const { validity } = columnOf(table, atom.column);
      if (validity === undefined) return atom.negated ? 'all' : 'none';
      return atom.negated ? validity : not(validity);
    }
    case 'present':
      return await whereValid(ctx.step('valid'), table, 'all', atom.columns);
  }
}

/** Bits that are 1 where the form is at least 0 (or is 0), validity not yet considered. */
async function testForm(
  test: Context,
  table: SharedTable,
  { form, kind }: Extract<Atom, { form: LinearForm }>,
  budget: ComparisonBudget,
): Promise<BinaryShare> {
  const columns = form.terms.map(({ column }) => numbersOf(columnOf(table, column)));
  const bounds = formBounds(columns, form);
  const bits = kind === 'zero' ? spreadBits(bounds) : signedBits(bounds);
  const narrow = columns.filter((column): column is ArithmeticShare<64> => column.width === 64);
  if (narrow.length === columns.length && signedBits(bounds) <= NARROW_BITS) {
    return await budget.run(bits, 64, table.rows, () => testValue(test, linear(narrow, form), kind));
  }
  return await budget.run(bits, 128, table.rows, async () => {
    const wide = await Promise.all(columns.map((column, i) => widen(test.step(`lift-${i}`), column)));
    return await testValue(test, linear(wide, form), kind);
  });
}

async function testValue<W extends RingWidth>(
  test: Context,
  value: ArithmeticShare<W>,
  kind: 'at-least-zero' | 'zero',
): Promise<BinaryShare> {
  return kind === 'zero' ? await isZero(test, value) : not(await isNegative(test, value));
}

function formBounds(
  columns: readonly { readonly bounds: Bounds }[],
  { terms, constant }: LinearForm,
): Bounds {
  return columns
    .map((column, i) => scaleBounds(column.bounds, terms[i]?.factor ?? 0n))
    .reduce(addBounds, constantBounds(constant));
}

function linear<W extends RingWidth>(
  columns: readonly ArithmeticShare<W>[],
  form: LinearForm,
): ArithmeticShare<W> {
  const scaled = columns.map((column, i) => scale(column, form.terms[i]?.factor ?? 0n));
  const [first, ...rest] = scaled;
  if (first === undefined) throw new RangeError('a linear form has a term');
  return addConstant(
    rest.reduce((total, term) => add(total, term), first),
    form.constant,
  );
}

/** The bits joined with the validity of the nullable ones among the columns. */
async function whereValid(
  ctx: Context,
  table: SharedTable,
  bits: RowMask,
  names: readonly string[],
): Promise<RowMask> {
  const validities = [...new Set(names)]
    .map((name) => columnOf(table, name).validity)
    .filter((validity) => validity !== undefined);
  const rows = typeof bits === 'string' ? validities : [bits, ...validities];
  if (rows.length === 0) return bits;
  return await allRows(ctx, stack(rows));
}

/** Both masks. */
export async function joinMasks(ctx: Context, x: RowMask, y: RowMask): Promise<RowMask> {
  if (x === 'none' || y === 'none') return 'none';
  if (x === 'all') return y;
  if (y === 'all') return x;
  return await and(ctx, x, y);
}
