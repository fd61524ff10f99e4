/** Long vectors cost what the dry run says, also where each chunk's messages have tags. */
import { describe, expect, it } from 'vitest';
import { CHUNK } from '../../src/protocols/chunks.js';
import type { Context } from '../../src/protocols/context.js';
import { lessThan } from '../../src/protocols/less-than.js';
import { type Dealer, runDry, runNodes, SCHEMES } from '../support/world.js';

const N = CHUNK + 100;

describe.each(SCHEMES)('$name', (scheme) => {
  it('costs of chunks', async () => {
    const program = async (ctx: Context, deal: Dealer) => {
      const zeros = (name: string) =>
        deal.ring(name, 32, N, { min: 0n, max: 7n }, () => Array.from({ length: N }, () => 1n));
      return await lessThan(ctx, zeros('x'), zeros('y'));
    };
    expect(await runDry(program, scheme)).toEqual((await runNodes(scheme, program)).cost);
  });
});
