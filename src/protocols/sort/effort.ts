/**
 * What a sort by opened comparisons costs, before it runs: how many levels and comparisons ordering.ts takes for a random
 * order of rows.
 *
 * Expected: the mean over random orders, drawn from a fixed public seed; of more than ROWS_DRAWN rows, all of which are
 *   wanted, extended by what each doubling adds. Only the places of samples are drawn.
 * Bound, for all rows: of a segment of m rows let Phi be (m+1)(m+2)...(m+t). A sample of Br-1 rows with every r-th as pivot
 *   leaves B parts whose Phi add up to B * r...(r+t-1) / (Br...(Br+t-1)) times as much on average, for each t: rows of a
 *   part and the pivot after it follow Polya's urn. So the expectation of Phi falls by a factor per level, and with it, by
 *   Markov, the probability that a segment is not short: the number of levels is the least, for the best t, at which this
 *   is below 2^-41. In a level each row costs at most what the worst phase costs a row and level.
 * Bound, for few ranks: a phase fails where a wanted rank leaves the window of its pivots: by Hoeffding, with probability at
 *   most 2 exp(-d^2/2) for each rank, of d deviations. Else the segments shrink to less than half. Counted are the
 *   failures that may come before the last of the halvings with probability 2^-41.
 */
import {
  ALL_ROWS,
  DEVIATIONS,
  FEW_RANKS,
  type Pivot,
  pivotPlaces,
  SPACING,
  SPLITTERS,
  sampleSize,
  splitters,
} from './pivots.js';

export interface Effort {
  readonly levels: number;
  readonly comparisons: number;
}

/** Rows of all runs together over which short lists are averaged. */
const ROWS_DRAWN = 1 << 16;

const LOG_OF_RISK = -41 * Math.LN2;

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly pivots: readonly Pivot[];
}

/** Mean over random orders. @param ranks places whose rows are wanted, ascending; all by default. */
export function expectedEffort(n: number, ranks?: readonly number[]): Effort {
  if (ranks !== undefined || n <= ROWS_DRAWN) return meanEffort(n, ranks);
  // What is below a few levels of long lists is what their parts would take by themselves.
  const [short, long] = [meanEffort(ROWS_DRAWN / 4), meanEffort(ROWS_DRAWN)];
  const quadruplings = Math.log2(n / ROWS_DRAWN) / 2;
  const extended = (ofShort: number, ofLong: number): number => ofLong + (ofLong - ofShort) * quadruplings;
  return {
    levels: Math.round(extended(short.levels, long.levels)),
    comparisons: n * extended(short.comparisons / (ROWS_DRAWN / 4), long.comparisons / ROWS_DRAWN),
  };
}

/** By the number of rows and the ranks: a sort asks for its effort, and again to choose between two. */
const known = new Map<string, Effort>();
const MOST_KNOWN = 256;

function meanEffort(n: number, ranks?: readonly number[]): Effort {
  const name = `${n} ${ranks?.join(' ') ?? ''}`;
  const effort = known.get(name) ?? drawnMean(n, ranks);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, effort);
  return effort;
}

function drawnMean(n: number, ranks: readonly number[] | undefined): Effort {
  const random = randomNumbers();
  const runs = Math.max(1, Math.ceil(ROWS_DRAWN / Math.max(1, n)));
  let [levels, comparisons] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const effort = drawnEffort(n, ranks, random);
    levels += effort.levels;
    comparisons += effort.comparisons;
  }
  return { levels: Math.round(levels / runs), comparisons: comparisons / runs };
}

/** Exceeded with probability below 2^-40. */
export function boundOfEffort(n: number, ranks?: readonly number[]): Effort {
  return ranks === undefined ? boundOfAll(n) : boundOfFew(n, ranks.length);
}

/** The effort for one random order: a row stands for its true place. */
function drawnEffort(n: number, ranks: readonly number[] | undefined, random: () => number): Effort {
  const plan = ranks === undefined ? ALL_ROWS : FEW_RANKS;
  const wanted = ({ start, end }: Segment): boolean =>
    end - start > 1 && (ranks?.some((rank) => rank >= start && rank < end) ?? true);
  let segments: Segment[] = [{ start: 0, end: n, pivots: [] }].filter(wanted);
  let [levels, comparisons] = [0, 0];
  for (; segments.length > 0; levels++) {
    const next: Segment[] = [];
    for (const segment of segments) {
      const { start, end, pivots } = segment;
      const size = end - start;
      if (pivots.length > 0) {
        const chosen = splitters(start, end, pivots, plan);
        comparisons += (size - chosen.length) * chosen.length;
        next.push(...partsAround(segment, chosen).filter(wanted));
      } else if (size <= plan.short) {
        comparisons += pairs(size);
      } else {
        const sample = drawSample(size, sampleSize(size, plan), random);
        comparisons += pairs(sample.length);
        const own = ranks?.filter((rank) => rank >= start && rank < end).map((rank) => rank - start);
        const places = pivotPlaces(size, sample.length, own);
        next.push({
          start,
          end,
          pivots: places.map((place) => ({
            row: start + (sample[place] ?? 0),
            near: start + ((place + 1) / (sample.length + 1)) * size,
          })),
        });
      }
    }
    segments = next;
  }
  return { levels, comparisons };
}

function partsAround({ start, end, pivots }: Segment, chosen: readonly Pivot[]): Segment[] {
  const borders = [start - 1, ...chosen.map(({ row }) => row), end];
  return borders.slice(1).map((border, i) => {
    const from = (borders[i] ?? 0) + 1;
    return { start: from, end: border, pivots: pivots.filter(({ row }) => row >= from && row < border) };
  });
}

/** Different numbers below `size`, ascending. */
function drawSample(size: number, count: number, random: () => number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(Math.floor(random() * size));
  return [...drawn].sort((a, b) => a - b);
}

function pairs(size: number): number {
  return (size * (size - 1)) / 2;
}

/** Numbers from 0 to 1, always the same: a Weyl sequence, mixed (Steele, Lea, Flood 2014). They decide nothing but an estimate. */
function randomNumbers(): () => number {
  let state = 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** What happens to a segment from one sample to the next. */
interface Phase {
  readonly parts: number;
  readonly levels: number;
  /** At most, of each row. */
  readonly comparisons: number;
}

function boundOfAll(n: number): Effort {
  const { short } = ALL_ROWS;
  if (n <= short) return { levels: n < 2 ? 0 : 1, comparisons: pairs(n) };
  const phases = phasesUpTo(n);
  let levels = Number.POSITIVE_INFINITY;
  for (let t = 2; t <= 64; t++) {
    const fall = Math.max(...phases.map(({ parts, levels: own }) => logOfFall(parts, t) / own));
    const needed = LOG_OF_RISK - (logOfRising(n + 1, t) - logOfRising(short + 2, t));
    levels = Math.min(levels, Math.ceil(needed / fall));
  }
  const longest = Math.max(...phases.map((phase) => phase.levels));
  const perLevel = Math.max(...phases.map((phase) => phase.comparisons / phase.levels));
  const whole = levels + longest;
  return { levels: whole + 1, comparisons: Math.ceil(n * (perLevel * whole + (short - 1) / 2)) };
}

/** The phases of segments of all sizes that are not short. */
function phasesUpTo(n: number): Phase[] {
  const { short, least } = ALL_ROWS;
  const found: Phase[] = [];
  for (let sample = least; sample - 1 <= sampleSize(n, ALL_ROWS); sample *= 2) {
    const parts = sample / SPACING;
    const smallest = Math.max(short + 1, sample === least ? 0 : sample ** 2);
    let [splits, comparisons] = [0, pairs(sample - 1) / smallest];
    for (let left = parts; left > 1; left = Math.ceil(left / (SPLITTERS + 1))) {
      splits++;
      comparisons += Math.min(SPLITTERS, left - 1);
    }
    found.push({ parts, levels: splits + 1, comparisons });
  }
  return found;
}

/** Logarithm of the factor by which a phase changes the expectation of Phi. */
function logOfFall(parts: number, t: number): number {
  return Math.log(parts) + logOfRising(SPACING, t) - logOfRising(SPACING * parts, t);
}

/** Logarithm of x (x+1) ... (x+t-1). */
function logOfRising(x: number, t: number): number {
  let sum = 0;
  for (let i = 0; i < t; i++) sum += Math.log(x + i);
  return sum;
}

function boundOfFew(n: number, ranks: number): Effort {
  const { short, least } = FEW_RANKS;
  if (n < 2 || ranks === 0) return { levels: 0, comparisons: 0 };
  if (n <= short) return { levels: 1, comparisons: pairs(n) };
  const halvings = Math.ceil(Math.log2(n / short));
  // A segment with more ranks is parted evenly.
  const together = Math.min(ranks, Math.floor(least / 8));
  const logOfFailure = Math.log(2 * together) - DEVIATIONS ** 2 / 2;
  let failures = 0;
  for (let log = Math.log(ranks); log > LOG_OF_RISK; failures++) {
    log += logOfFailure + Math.log((halvings + failures + 1) / (failures + 1));
  }
  const splits = 2 * together;
  const whole = failures + 2 + Math.log2(ranks);
  return {
    levels: (halvings + failures) * (splits + 1) + 1,
    comparisons: Math.ceil(n * whole * (splits + 1) + (pairs(short) + pairs(least)) * ranks),
  };
}
