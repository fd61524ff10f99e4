/**
 * Runs until V8 has compiled what it compiles: nodes run for weeks, and it is their speed that is asked for. The first
 * runs of a process cost up to twice as much; four nodes on two cores take twice as long to get there as two would.
 */

/** Milliseconds of runs before those that are timed, and one run at least. */
export const WARM_UP_MS = 5000;

export async function warmUp(run: () => Promise<unknown>, forMs = WARM_UP_MS): Promise<void> {
  const start = performance.now();
  do await run();
  while (performance.now() - start < forMs);
}
