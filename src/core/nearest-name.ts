/** The candidate that a mistyped name most likely meant: for errors about unknown columns, tables and labels. */

/**
 * The candidate nearest to `wanted` by edit distance (Levenshtein; case and width do not count), the first of
 * equals; undefined when none is near enough to be a likely slip: at most 2 edits, a third of the length for
 * longer names, and always fewer than the length.
 */
export function nearestName(wanted: string, candidates: Iterable<string>): string | undefined {
  const from = fold(wanted);
  let limit = Math.min(Math.max(2, Math.floor(from.length / 3)), from.length - 1);
  let best: string | undefined;
  for (const candidate of candidates) {
    const to = fold(candidate);
    if (Math.abs(from.length - to.length) > limit) continue;
    const distance = editDistance(from, to);
    if (distance > limit || distance >= Math.max(from.length, to.length)) continue;
    best = candidate;
    limit = distance - 1;
  }
  return best;
}

/** The hint that goes after an error: ` (did you mean 'x'?)`, or nothing. */
export function nearestNameHint(wanted: string, candidates: Iterable<string>): string {
  const near = nearestName(wanted, candidates);
  return near === undefined ? '' : ` (did you mean '${near}'?)`;
}

/** Characters, not UTF-16 units; long names are compared by their beginnings, so that the cost is bounded. */
function fold(text: string): string[] {
  return Array.from(text.slice(0, 256).normalize('NFKC').toLowerCase());
}

function editDistance(from: readonly string[], to: readonly string[]): number {
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, character] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      const replaced = previous[j]! + (character === other ? 0 : 1);
      row.push(Math.min(replaced, previous[j + 1]! + 1, row[j]! + 1));
    }
    previous = row;
  }
  return previous[to.length]!;
}
