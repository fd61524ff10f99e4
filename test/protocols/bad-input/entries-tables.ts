/** Joins and groups: every protocol on inputs of any shape. */
import type { Context } from '../../../src/protocols/context.js';
import { distinct, uniqueKeys } from '../../../src/protocols/relational/distinct.js';
import { groupBy, groupSorted } from '../../../src/protocols/relational/group.js';
import type { Aggregate } from '../../../src/protocols/relational/group-aggregates.js';
import { antiJoin, join, semiJoin } from '../../../src/protocols/relational/join.js';
import { identifierKey, joinKey } from '../../../src/protocols/relational/key-columns.js';
import { type Entries, entry } from './entry.js';
import type { Inputs } from './inputs.js';

async function joined(ctx: Context, inp: Inputs): Promise<unknown> {
  const rows = inp.n === inp.m ? 3 : 4;
  const right = { key: inp.ring('r', 64, -8n, 7n, 3), valid: inp.bits('v', 1, 3) };
  const columns = [inp.small('a', 32, 1n, 9n, rows)];
  const all = await join(ctx, { key: inp.x }, { ...right, columns });
  return [all.match, all.columns, await all.unique()];
}

function aggregates(inp: Inputs): Aggregate[] {
  const value = inp.small('t', 64, 0n, 5n);
  const sum = { kind: 'sum', value: inp.ring('s', 64, -5n, 5n, inp.m), valid: inp.other(1) } as const;
  return [{ kind: 'count' }, sum, { kind: 'max', value }, { kind: 'first', value }];
}

export const TABLES_ENTRIES: Entries = {
  distinct: entry('wwwwwrrw', async (ctx, inp) => distinct(ctx, { key: inp.x, valid: inp.other(1) })),
  uniqueKeys: entry('wwwwwrrw', async (ctx, inp) => uniqueKeys(ctx, { key: inp.x, valid: inp.other(1) })),
  groupBy: entry('wwwwwrrb', async (ctx, inp) =>
    groupBy(ctx, { key: inp.x, valid: inp.own(1) }, aggregates(inp), { groups: 3 }),
  ),
  groupSorted: entry('wwwwwrrb', async (ctx, inp) =>
    groupSorted(ctx, { key: inp.own(2), valid: undefined }, aggregates(inp)),
  ),
  join: entry('wwwwwrrw', async (ctx, inp) => await joined(ctx, inp)),
  semiJoin: entry('wwwwwrrw', async (ctx, inp) =>
    semiJoin(ctx, { key: inp.x, valid: inp.other(1) }, { key: inp.x }),
  ),
  antiJoin: entry('wwwwwrrw', async (ctx, inp) =>
    antiJoin(ctx, { key: inp.x, valid: inp.own(1) }, { key: inp.x, valid: inp.other(1) }),
  ),
  identifierKey: entry('wwwwwwww', async (ctx, inp) =>
    identifierKey(ctx, inp.ring('x', 128, 0n, (1n << 128n) - 1n), 2 * inp.n),
  ),
  joinKey: entry(
    'wwwwwrrw',
    async (ctx, inp) =>
      (
        await joinKey(ctx, [
          { values: inp.x, valid: inp.own(1) },
          { values: inp.y, valid: inp.other(1) },
        ])
      ).valid,
  ),
};
