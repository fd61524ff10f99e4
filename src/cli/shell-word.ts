/** Paths in commands that people copy. */

/** A path as it can be pasted into a shell. */
export function shellWord(path: string): string {
  return /^[\w./@%+,:=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
