/**
 * Polynomials close to public functions: interpolation at the Chebyshev nodes of [-1, 1], which is within a small factor
 * of the best approximation (Trefethen 2013, Approximation Theory and Approximation Practice, chapter 4).
 *
 * Run once, when a module is loaded, in double precision: the coefficients of functions that are analytic around the
 * interval are good to about 1e-15.
 */

/** Coefficients of 1, t, t^2, ... up to t^degree of the polynomial that interpolates f. */
export function chebyshevFit(f: (t: number) => number, degree: number): number[] {
  const n = degree + 1;
  const angles = Array.from({ length: n }, (_, i) => (Math.PI * (i + 0.5)) / n);
  const values = angles.map((angle) => f(Math.cos(angle)));
  const series = angles.map((_, k) => {
    const sum = values.reduce((total, value, i) => total + value * Math.cos(k * (angles[i] ?? 0)), 0);
    return ((k === 0 ? 1 : 2) * sum) / n;
  });
  return monomials(series);
}

/** The value of a polynomial. */
export function evaluate(coefficients: readonly number[], t: number): number {
  return coefficients.reduceRight((value, coefficient) => value * t + coefficient, 0);
}

/** A sum of multiples of Chebyshev polynomials T_0, T_1, ... as one of powers, by T_(k+1) = 2t T_k - T_(k-1). */
function monomials(series: readonly number[]): number[] {
  const sum = series.map(() => 0);
  let previous: number[] = series.map(() => 0);
  let current: number[] = series.map((_, i) => (i === 0 ? 1 : 0));
  series.forEach((weight, k) => {
    current.forEach((coefficient, i) => {
      sum[i] = (sum[i] ?? 0) + weight * coefficient;
    });
    const factor = k === 0 ? 1 : 2;
    const next = current.map((_, i) => factor * (current[i - 1] ?? 0) - (k === 0 ? 0 : (previous[i] ?? 0)));
    [previous, current] = [current, next];
  });
  return sum;
}
