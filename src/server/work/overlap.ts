/** Runs tasks in order with a few of them under way at once, so that one computes while another waits. */

/**
 * The results, in order. The first task that fails ends the whole with its error: no further one starts, and what
 * those under way meet is ignored.
 *
 * @param width how many may be unfinished.
 */
export async function overlap<Task, Result>(
  tasks: readonly Task[],
  width: number,
  run: (task: Task) => Promise<Result>,
): Promise<Result[]> {
  const results: Promise<Result>[] = [];
  const unfinished = new Set<Promise<void>>();
  let failed = false;
  for (const task of tasks) {
    while (unfinished.size >= width) await Promise.race(unfinished);
    if (failed) break;
    const result = run(task);
    results.push(result);
    const ended = result.then(
      () => undefined,
      () => {
        failed = true;
      },
    );
    unfinished.add(ended);
    void ended.then(() => unfinished.delete(ended));
  }
  return await Promise.all(results);
}
