/** What a bench measures, and the figures that are printed of it. */

/** One entry of `seconds` and `cpuSeconds` a run; all figures are of one operation on `n` items. */
export interface Measured {
  readonly name: string;
  readonly n: number;
  readonly seconds: readonly number[];
  /** CPU time of all nodes together. */
  readonly cpuSeconds: readonly number[];
  readonly rounds: number;
  /** Payload bytes that each sender sent: the nodes, or the client where it is what is measured. */
  readonly bytes: readonly number[];
  /** Largest resident memory that each node ever had, in MB. */
  readonly peakRssMb: readonly number[];
  /** Of results that are approximate, relative or absolute as the bench says. */
  readonly largestError?: number;
  /** What only people are told, as name and text. */
  readonly notes?: readonly (readonly [string, string])[];
}

/** The JSON form. */
export interface Figures {
  readonly name: string;
  readonly n: number;
  readonly seconds: { readonly median: number; readonly min: number; readonly max: number };
  readonly items_per_second: number;
  readonly bytes_per_item: number;
  readonly rounds: number;
  readonly cpu_seconds: number;
  readonly peak_rss_mb: number;
  readonly largest_error?: number;
}

/** @throws RangeError where nothing was measured. */
export function figuresOf(measured: Measured): Figures {
  const { name, n, seconds, cpuSeconds, rounds, bytes, peakRssMb } = measured;
  const middle = median(seconds);
  return {
    name,
    n,
    seconds: {
      median: significant(middle),
      min: significant(Math.min(...seconds)),
      max: significant(Math.max(...seconds)),
    },
    items_per_second: significant(n / middle),
    bytes_per_item: significant(mean(bytes) / n),
    rounds,
    cpu_seconds: significant(median(cpuSeconds)),
    peak_rss_mb: Math.round(Math.max(...peakRssMb)),
    ...(measured.largestError === undefined ? {} : { largest_error: significant(measured.largestError) }),
  };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Five significant digits: no run of a bench is the same to more. */
function significant(value: number): number {
  return Number(value.toPrecision(5));
}
