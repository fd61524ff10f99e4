/**
 * Runs until V8 has compiled what it compiles: nodes run for weeks, and it is their speed that is asked for. The first
 * runs of a process cost up to twice as much; four nodes on two cores take twice as long to get there as two would. V8 goes
 * by how often a function ran, so that slow runs need as many as quick ones.
 */

/** Milliseconds of runs before those that are timed. */
export const WARM_UP_MS = 5000;

/** @param runs as many at least. */
export async function warmUp(run: () => Promise<unknown>, runs = 1, forMs = WARM_UP_MS): Promise<void> {
  const start = performance.now();
  for (let done = 0; done < runs || performance.now() - start < forMs; done++) await run();
}
