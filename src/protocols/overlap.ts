/**
 * Runs tasks in order with a few of them under way at once, so that one computes while another waits. The first task
 * that is unfinished at any node has then started at every node, so nodes never wait for each other in a circle.
 */

/**
 * The results, in order. The first task that fails ends the whole with its error: no further one starts, and what
 * those under way meet is ignored.
 *
 * @param width how many may be unfinished.
 * @param pause waited for before every task but the first.
 */
export async function overlap<Task, Result>(
  tasks: readonly Task[],
  width: number,
  run: (task: Task, index: number) => Promise<Result>,
  pause?: () => Promise<void>,
): Promise<Result[]> {
  const results: Promise<Result>[] = [];
  const unfinished = new Set<Promise<void>>();
  let failed = false;
  for (const [index, task] of tasks.entries()) {
    if (index > 0) await pause?.();
    while (unfinished.size >= width) await Promise.race(unfinished);
    if (failed) break;
    const result = run(task, index);
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
