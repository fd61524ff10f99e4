/** Whether orders of four rows are uniform: many are drawn, and the 24 possible ones counted. */
import type { Context } from '../../src/protocols/context.js';

/** A multiple of the 4! orders: 100 of each on average. */
export const DRAWS = 2400;

/** Chi-square with 23 degrees of freedom, 6 standard deviations above its mean. */
export const LIMIT = 23 + 6 * Math.sqrt(2 * 23);

export function chiSquare(orders: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const order of orders) counts.set(order, (counts.get(order) ?? 0) + 1);
  const expected = DRAWS / 24;
  const seen = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return seen + (24 - counts.size) * expected;
}

/** So many draws, each in a step of its own. */
export async function each<T>(ctx: Context, draw: (step: Context) => Promise<T>): Promise<T[]> {
  const drawn: T[] = [];
  for (let i = 0; i < DRAWS; i++) drawn.push(await draw(ctx.step(`draw-${i}`)));
  return drawn;
}
