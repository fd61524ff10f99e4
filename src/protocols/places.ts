/**
 * A node's products of unit vectors with running counts, of which the places of a stable sort are made
 * (rep3/unit-vectors.ts, rep4/unit-vectors.ts).
 */
import { kernels, type UnitEntries } from '../kernels/kernels.js';
import { NarrowEntries } from '../kernels/narrow-entries.js';
import { RingVector } from '../kernels/ring-vector.js';
import type { Turns } from './turn.js';

/** How a node multiplies two parts of unit vectors. */
export interface PlaceProducts {
  /** Of all rows, stretch by stretch: entry 1 of both parts, then entry 2, and so on. */
  readonly stretches: readonly (readonly [UnitEntries, UnitEntries])[];
  /** Where a part carries the 1 that all entries add up to. */
  readonly ones: readonly [0 | 1, 0 | 1];
  /** How many a digit can have. */
  readonly values: number;
  /** Also the first part's products with its own counts. */
  readonly squares: boolean;
}

/** For each row the products of one part's entries with the counts of the other, both ways. */
export async function placeProducts(turns: Turns, of: PlaceProducts): Promise<RingVector> {
  const { stretches, ones, values, squares } = of;
  const totals = ones.map((one, k) =>
    stretches
      .map((parts) => kernels.placeTotals(parts[k as 0 | 1], values, one))
      .reduce(kernels.add, RingVector.zeros(32, values)),
  );
  const counts = countsBefore(totals);
  const places: RingVector[] = [];
  for (const parts of stretches) {
    const [first] = parts;
    const rows = first instanceof NarrowEntries ? first.length : first.length / (values - 1);
    const out = RingVector.zeros(32, rows);
    await turns.next(first.byteLength);
    kernels.addPlaces(parts, ones, counts, out, 0, squares);
    places.push(out);
  }
  return RingVector.concat(places);
}

/** For each value the rows of lower ones, of both parts in turn. */
function countsBefore(totals: readonly RingVector[]): RingVector {
  const sums = totals.map((own) => kernels.subtract(kernels.prefixSum(own), own).data as Uint32Array);
  const values = totals[0]?.length ?? 0;
  return new RingVector(
    32,
    Uint32Array.from({ length: 2 * values }, (_, i) => sums[i % 2]?.[i >> 1] ?? 0),
  );
}
