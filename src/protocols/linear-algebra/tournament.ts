/** The rounds of a tournament: in each all players meet in pairs, and over all rounds each pair once. */

export type Pair = readonly [number, number];

/** Rounds of the circle method for p players, the smaller first; for odd p one has no partner in each. */
export function tournament(p: number): Pair[][] {
  const places = p + (p % 2);
  let circle = Array.from({ length: places }, (_, i) => i);
  return Array.from({ length: Math.max(0, places - 1) }, () => {
    const pairs = Array.from({ length: places / 2 }, (_, k): Pair => {
      const [one, other] = [circle[k] ?? 0, circle[places - 1 - k] ?? 0];
      return one < other ? [one, other] : [other, one];
    });
    const [first = 0, ...others] = circle;
    circle = [first, ...others.slice(-1), ...others.slice(0, -1)];
    return pairs.filter(([, larger]) => larger < p);
  });
}
