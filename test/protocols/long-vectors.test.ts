/** Vectors of several blocks (grow.ts), the last one not whole: every element is right, and costs are those of the dry run. */
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/protocols/context.js';
import { bitToRing } from '../../src/protocols/convert.js';
import { innerProducts } from '../../src/protocols/multiply.js';
import { type Dealer, revealRing, runDry, runNodes, SCHEMES } from '../support/world.js';

/** More than two blocks of the narrowest ring. */
const N = (1 << 16) + 4099;

describe.each(SCHEMES)('$name', (scheme) => {
  it.each([32, 64, 128] as const)('bits as elements of %i bits', async (width) => {
    const bits = Array.from({ length: N }, (_, i) => ((i * i) >> 3) & 1);
    const program = (ctx: Context, deal: Dealer) =>
      bitToRing(
        ctx,
        deal.bits('b', 1, N, () => [bits]),
        width,
      );
    const { results, cost } = await runNodes(scheme, program);
    expect(revealRing(results)).toEqual(bits.map(BigInt));
    expect(await runDry(program, scheme)).toEqual(cost);
  });

  it('inner products', async () => {
    const [x, y] = [3n, 5n].map((step) =>
      Array.from({ length: N }, (_, i) => (BigInt(i) * step) % 1009n),
    ) as [bigint[], bigint[]];
    const program = async (ctx: Context, deal: Dealer) => {
      const [xs, ys] = [x, y].map((values, k) =>
        deal.ring(`${k}`, 64, N, { min: 0n, max: 1008n }, () => values),
      );
      const [row] = await innerProducts(ctx, [xs!, ys!], [ys!]);
      return row![0]!;
    };
    const { results, cost } = await runNodes(scheme, program);
    expect(revealRing(results)).toEqual([x.reduce((sum, value, i) => sum + value * y[i]!, 0n)]);
    expect(await runDry(program, scheme)).toEqual(cost);
  });
});
