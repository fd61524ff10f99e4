/**
 * Sizes of samples and the choice of pivots among them, for ordering.ts.
 */

export interface Pivot {
  readonly row: number;
  /** The place where it should come out. */
  readonly near: number;
}

/** How segments are treated; whether all rows are wanted or those of a few ranks. */
export interface Plan {
  /** Rows up to which a segment compares all its pairs. */
  readonly short: number;
  /** Fewest rows of a sample, and 1. */
  readonly least: number;
}

export const ALL_ROWS: Plan = { short: 12, least: 8 };
/** What is left of a long list soon costs rounds more than bytes. */
export const FEW_RANKS: Plan = { short: 64, least: 64 };

/** Rows of a sample for each pivot, where these are evenly spaced: with more of them the parts come out more alike. */
export const SPACING = 2;

/** Pivots by which a segment is split at once: one costs a quarter less, and half as many rounds more. */
export const SPLITTERS = 3;

/** Rows up to which a segment is split by several pivots at once where few ranks are wanted. */
const SPLIT_AT_ONCE = 1 << 12;

/** Rows of a segment of `size` that are sorted as a sample, by all their pairs: a power of two, less 1. */
export function sampleSize(size: number, { least }: Plan): number {
  return 2 ** Math.floor(Math.log2(Math.max(least, Math.sqrt(size)))) - 1;
}

/** The pivots by which a segment is split next. */
export function splitters(
  start: number,
  end: number,
  pivots: readonly Pivot[],
  plan: Plan,
): readonly Pivot[] {
  const atOnce = plan === ALL_ROWS || end - start <= SPLIT_AT_ONCE;
  return atOnce ? spread(pivots) : nearestTo((start + end) / 2, pivots);
}

/** Places of the pivots in a sorted sample: evenly spaced, or around the wanted ranks of the segment. */
export function pivotPlaces(size: number, sample: number, ranks?: readonly number[]): number[] {
  const around = ranks === undefined ? [] : placesAround(size, sample, ranks);
  if (around.length > 0 && around.length <= sample / 4) return around;
  return Array.from({ length: (sample + 1) / SPACING - 1 }, (_, i) => (i + 1) * SPACING - 1);
}

/** The pivots that part a list most evenly. */
function spread(pivots: readonly Pivot[]): readonly Pivot[] {
  if (pivots.length <= SPLITTERS) return pivots;
  const part = (pivots.length + 1) / (SPLITTERS + 1);
  return Array.from({ length: SPLITTERS }, (_, i) => pivots[Math.floor((i + 1) * part) - 1] as Pivot);
}

/** The one pivot that should come out nearest to a place. */
function nearestTo(place: number, pivots: readonly Pivot[]): readonly Pivot[] {
  const far = ({ near }: Pivot): number => Math.abs(near - place);
  return [pivots.reduce((best, own) => (far(own) < far(best) ? own : best))];
}

/** How many standard deviations of its place in the sample, at the median, a wanted rank has on either side. */
export const DEVIATIONS = 3;

function placesAround(size: number, sample: number, ranks: readonly number[]): number[] {
  const places = new Set<number>();
  for (const rank of ranks) {
    const quantile = (rank + 0.5) / size;
    const place = quantile * (sample + 1) - 1;
    const margin = (DEVIATIONS * Math.sqrt(sample)) / 2;
    places.add(Math.floor(place - margin)).add(Math.ceil(place + margin));
  }
  return [...places].filter((place) => place >= 0 && place < sample).sort((a, b) => a - b);
}
