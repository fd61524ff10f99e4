/** Linear systems of integers solved in exact fractions. */

/** The doubles nearest to X with A X = B, row-major; undefined where A is singular. Bareiss' elimination: all divisions are exact. */
export function exactSolution(
  a: readonly bigint[],
  b: readonly bigint[],
  size: number,
  columns: number,
): number[] | undefined {
  const width = size + columns;
  const rows = Array.from({ length: size }, (_, i) => [
    ...a.slice(i * size, (i + 1) * size),
    ...b.slice(i * columns, (i + 1) * columns),
  ]);
  let before = 1n;
  for (let k = 0; k < size; k++) {
    const pivotRow = rows.findIndex((row, i) => i >= k && row[k] !== 0n);
    if (pivotRow < 0) return undefined;
    [rows[k], rows[pivotRow]] = [rows[pivotRow] as bigint[], rows[k] as bigint[]];
    const top = rows[k] as bigint[];
    const pivot = top[k] as bigint;
    for (const [i, row] of rows.entries()) {
      if (i === k) continue;
      const factor = row[k] as bigint;
      for (let j = 0; j < width; j++) {
        row[j] = ((row[j] as bigint) * pivot - factor * (top[j] as bigint)) / before;
      }
    }
    before = pivot;
  }
  return Array.from({ length: size * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return ratio((rows[i] as bigint[])[size + j] as bigint, (rows[i] as bigint[])[i] as bigint);
  });
}

/** The quotient, by its leading bits. */
function ratio(numerator: bigint, denominator: bigint): number {
  const sign = numerator < 0n === denominator < 0n ? 1 : -1;
  const [n, d] = [numerator, denominator].map((value) => (value < 0n ? -value : value)) as [bigint, bigint];
  const shift = Math.max(0, d.toString(2).length - n.toString(2).length + 80);
  return sign * (Number((n << BigInt(shift)) / d) / 2 ** shift);
}
