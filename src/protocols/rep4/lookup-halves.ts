/**
 * Lookup of a digit that is cut in two (lookup.ts): the unit vector of its lower half makes, for each value h of its higher
 * half, the entry f_h that the digit would name; with the unit vector e of the higher half the entry is
 *   f_0 + sum over h > 0 of e_h * (f_h - f_0).
 */
import { kernels } from '../../kernels/kernels.js';
import { RingVector } from '../../kernels/ring-vector.js';
import type { BinaryShare } from '../../share/shares.js';
import { factorOf } from './factors.js';
import type { Parts } from './parts.js';
import type { Term } from './terms.js';

/** Bits of a digit that is looked up as a whole. */
const WHOLE_BITS = 4;

export function isCut({ rows }: Pick<BinaryShare, 'rows'>): boolean {
  return rows > WHOLE_BITS;
}

/** From and to which rows a digit's pieces go, the lowest first. */
export function pieceRows(rows: number): readonly (readonly [number, number])[] {
  if (!isCut({ rows })) return [[0, rows]];
  const middle = Math.ceil(rows / 2);
  return [
    [0, middle],
    [middle, rows],
  ];
}

/** Shared unit vectors of rows of a digit, without entry 0. */
export interface Selected {
  readonly digit: number;
  readonly values: number;
  readonly units: Parts<RingVector>;
}

/** For each list of tables, what is left to multiply, and what is added without. */
export interface Halves {
  /** e_h and, list by list, f_h - f_0, for each h > 0. */
  readonly products: readonly {
    readonly unit: Parts<RingVector>;
    readonly steps: readonly Parts<RingVector>[];
  }[];
  /** For each part f_0 less the table's entry 0, list by list. */
  readonly linear: readonly (readonly RingVector[])[];
}

/** @param tables of this digit, one of each list. */
export function halvesOf(low: Selected, high: Selected, tables: readonly (readonly bigint[])[]): Halves {
  const { held } = low.units;
  const differences = tables.flatMap((table) =>
    values(high.values).map((h) =>
      rowOf(table, h, low.values).map((entry, l) => entry - (h === 0 ? 0n : (table[l] as bigint))),
    ),
  );
  const factors = differences.map(([first = 0n, ...others]) => others.map((entry) => entry - first));
  const sums = low.units.parts.map((part) => combined([part], factors));
  const stepOf = (t: number, h: number): Parts<RingVector> => {
    const at = t * high.values + h;
    const first = differences[at]?.[0] ?? 0n;
    return {
      held,
      parts: sums.map((own, i) => {
        const sum = own[at] as RingVector;
        return held[i] === 0 ? kernels.addConstant(sum, first) : sum;
      }),
    };
  };
  const n = (low.units.parts[0]?.length ?? 0) / (low.values - 1);
  const products = values(high.values - 1).map((i) => ({
    unit: { held, parts: high.units.parts.map((part) => part.slice(i * n, (i + 1) * n)) },
    steps: tables.map((_, t) => stepOf(t, i + 1)),
  }));
  const linear = sums.map((own) => tables.map((_, t) => own[t * high.values] as RingVector));
  return { products, linear };
}

/** A term of the products, list by list. */
export function halvesTerm({ products }: Halves, term: Term): RingVector[] {
  let sums: RingVector[] = [];
  for (const { unit, steps } of products) {
    const [x0, x1] = factorOf(term, unit, 'left');
    sums = steps.map((step, t) => {
      const [y0, y1] = factorOf(term, step, 'right');
      const out = RingVector.uninitialised(x0.width, x0.length);
      kernels.multiplyReplicatedInto(x0, x1, y0, y1, sums[t], undefined, out);
      return out;
    });
  }
  return sums;
}

/** Sums of entries times factors, one for each vector of factors. @param vectors whose elements are entries, one by one. */
export function combined(
  vectors: readonly RingVector[],
  factors: readonly (readonly bigint[])[],
): RingVector[] {
  const entries = joined(vectors);
  if (factors.every((own) => own.length === 1 && own[0] === 1n)) return factors.map(() => entries);
  return kernels.combineEntries(
    entries,
    factors.map((own) => RingVector.fromBigInts(entries.width, own)),
  );
}

/** The vectors one after the other: itself where there is but one. */
export function joined(vectors: readonly RingVector[]): RingVector {
  const [first] = vectors;
  return first !== undefined && vectors.length === 1 ? first : RingVector.concat(vectors);
}

/** Entries of the digits with this higher half. */
function rowOf(table: readonly bigint[], h: number, length: number): readonly bigint[] {
  return table.slice(h * length, (h + 1) * length);
}

function values(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
