/**
 * Declared ranges are public, so they must not show the extremes of the data: the oldest patient is a person.
 *
 * Rule: both ends go outwards to a multiple of a step, the smallest of 1, 2, 5 times a power of ten that is
 * at least half the range; an end that already lies on a multiple goes one step further, so that the declared
 * end is never a value of the data. The step of numbers is at least 2. Ages 23..87 become 0..100, weights 41.2..139.9
 * become 0.0..150.0.
 */

export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** Of integers (for decimals, in units of the last decimal). */
export function outwardRange(min: bigint, max: bigint): Range {
  // a constant column takes its step from its size
  const span = max > min ? max - min : absolute(max);
  // by a step of 1 the declared ends would tell the extremes exactly
  const step = niceStep(span > 2n ? (span + 1n) / 2n : 2n);
  return { min: below(min, step), max: above(max, step) };
}

/**
 * Of days since 1970-01-01: the same rule on years, at least one; from a 1 January to a 31 December. Years
 * stay within 1..9999, where dates can be written.
 */
export function outwardDays(min: bigint, max: bigint): Range {
  const first = BigInt(yearOf(min));
  const last = BigInt(yearOf(max));
  const step = niceStep((last - first + 1n) / 2n);
  const onFirstDay = min === startOf(first);
  const onLastDay = max === startOf(last + 1n) - 1n;
  const from = below(onFirstDay ? first : first + 1n, step);
  const to = above(onLastDay ? last + 1n : last, step);
  return {
    min: startOf(from < 1n ? 1n : from),
    max: startOf(to > 10_000n ? 10_000n : to) - 1n,
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `wanted`. */
function niceStep(wanted: bigint): bigint {
  for (let power = 1n; ; power *= 10n) {
    for (const factor of [1n, 2n, 5n]) {
      if (factor * power >= wanted) return factor * power;
    }
  }
}

/** The largest multiple of step that is smaller than value. */
function below(value: bigint, step: bigint): bigint {
  const shifted = value - 1n;
  const remainder = ((shifted % step) + step) % step;
  return shifted - remainder;
}

/** The smallest multiple of step that is larger than value. */
function above(value: bigint, step: bigint): bigint {
  return -below(-value, step);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

const DAY_MS = 86_400_000;

function yearOf(day: bigint): number {
  return new Date(Number(day) * DAY_MS).getUTCFullYear();
}

function startOf(year: bigint): bigint {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), 0, 1);
  return BigInt(date.getTime() / DAY_MS);
}
