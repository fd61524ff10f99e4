/**
 * The sine series of a function that is sigmoid(x) - 1/2 where |x| is at most some size, within 2^-14.
 *
 * The sum over all whole n of (-1)^n tanh((x - n C/2)/2)/2 has the period C, goes up like the sigmoid around 0 and down
 * likewise around C/2. By Poisson's formula it is the sum over odd k of 4 pi / (C sinh(pi s)) sin(s x) at s = 2 pi k / C. The
 * terms fall like exp(-pi s), so that there is about one for 2 of |x|, and its neighbours are as far as C/2 says.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { SineSeries } from '../backend.js';

/** Half a period exceeds the largest |x| by so much: the neighbours there are below exp(-SERIES_MARGIN). */
export const SERIES_MARGIN = 10.5;

/** Terms of a higher s are left out, which add up to 2/pi * exp(-pi * HIGHEST) at most. */
const HIGHEST = 3.2;

/**
 * The series for values of so many bits of fraction over a ring; undefined where it has more terms or the ring no room
 * for a period.
 */
export function sigmoidSeries(
  largest: number,
  width: RingWidth,
  fraction: number,
  mostTerms: number,
): SineSeries | undefined {
  const ring = 2 ** (width - fraction);
  const turns = Math.floor(ring / 2 / (largest + SERIES_MARGIN));
  if (turns < 1) return undefined;
  const period = ring / turns;
  const terms = Math.ceil((HIGHEST * period) / (4 * Math.PI));
  if (terms > mostTerms) return undefined;
  return { turns: BigInt(turns), amplitudes: amplitudesOf(period, terms) };
}

/** By additions, products and quotients of doubles only: all nodes must get the same bits. */
function amplitudesOf(period: number, terms: number): number[] {
  const base = exponentialOf((2 * Math.PI * Math.PI) / period);
  const factor = (8 * Math.PI) / period;
  let power = base;
  return Array.from({ length: terms }, () => {
    const amplitude = factor / (power - 1 / power);
    power *= base * base;
    return amplitude;
  });
}

/** exp(y) for y from 0 to 1. */
function exponentialOf(y: number): number {
  let sum = 1;
  for (let k = 20; k > 0; k--) sum = 1 + (sum * y) / k;
  return sum;
}
