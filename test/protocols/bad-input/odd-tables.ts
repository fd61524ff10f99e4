/** Joins and groups: options and shapes that make no sense, or only just do. */
import { distinct } from '../../../src/protocols/relational/distinct.js';
import { groupBy } from '../../../src/protocols/relational/group.js';
import { join } from '../../../src/protocols/relational/join.js';
import { identifierKey, joinKey } from '../../../src/protocols/relational/key-columns.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import type { Inputs } from './inputs.js';
import { type OddCall, odd } from './odd-call.js';

function identifiers(inp: Inputs): ArithmeticShare<128> {
  return inp.ring('x', 128, 0n, (1n << 128n) - 1n);
}

export const ODD_TABLES: readonly OddCall[] = [
  odd('groups without a key', 'RangeError', (ctx) => groupBy(ctx, { key: [] }, [])),
  odd('less than no groups', 'RangeError', (ctx, inp) => groupBy(ctx, { key: inp.x }, [], { groups: -1 })),
  odd('half a group', 'RangeError', (ctx, inp) => groupBy(ctx, { key: inp.x }, [], { groups: 0.5 })),
  odd('no groups', 'works', (ctx, inp) =>
    groupBy(
      ctx,
      { key: inp.x },
      [{ kind: 'count' }, { kind: 'first', value: inp.x }, { kind: 'sum', value: inp.x }],
      { groups: 0 },
    ),
  ),
  odd('more groups than rows', 'works', (ctx, inp) =>
    groupBy(ctx, { key: inp.x }, [{ kind: 'count' }], { groups: 9 }),
  ),
  odd('groups with two rows of validity', 'RangeError', (ctx, inp) =>
    groupBy(ctx, { key: inp.x, valid: inp.own(2) }, []),
  ),
  odd('an aggregate with two rows of validity', 'RangeError', (ctx, inp) =>
    groupBy(ctx, { key: inp.x }, [{ kind: 'count', valid: inp.own(2) }]),
  ),
  odd('a group whose sum leaves the ring', 'BOUND_NOT_PROVED', (ctx, inp) =>
    groupBy(ctx, { key: inp.x }, [{ kind: 'sum', value: inp.ring('y', 64, 0n, 1n << 62n) }]),
  ),
  odd('a group whose values are too far apart', 'BOUND_NOT_PROVED', (ctx, inp) =>
    groupBy(ctx, { key: inp.x }, [{ kind: 'max', value: inp.ring('y', 64, 0n, 1n << 63n) }]),
  ),
  odd('a join of numbers with bits', 'RangeError', (ctx, inp) =>
    join(ctx, { key: inp.x }, { key: inp.own(3), columns: [] }),
  ),
  odd('a join of bits of different widths', 'RangeError', (ctx, inp) =>
    join(ctx, { key: inp.own(4) }, { key: inp.own(3), columns: [] }),
  ),
  odd('a join over different rings', 'RangeError', (ctx, inp) =>
    join(ctx, { key: inp.x }, { key: inp.ring('w', 32, -8n, 7n), columns: [] }),
  ),
  odd('a join by one key and two', 'RangeError', (ctx, inp) =>
    join(ctx, { key: inp.x }, { key: [inp.x, inp.x], columns: [] }),
  ),
  odd('a join without a key', 'RangeError', (ctx) => join(ctx, { key: [] }, { key: [], columns: [] })),
  odd('distinct rows without a key', 'RangeError', (ctx) => distinct(ctx, { key: [] })),
  odd('a key of no column', 'RangeError', (ctx) => joinKey(ctx, [])),
  odd('a key with two rows of validity', 'RangeError', (ctx, inp) =>
    joinKey(ctx, [{ values: inp.x, valid: inp.own(2) }]),
  ),
  odd('identifiers of less than no rows', 'RangeError', (ctx, inp) =>
    identifierKey(ctx, identifiers(inp), -2),
  ),
  odd('identifiers of rows that are no number', 'RangeError', (ctx, inp) =>
    identifierKey(ctx, identifiers(inp), Number.NaN),
  ),
  odd('a key of bits beyond any word', 'works', (ctx, inp) => distinct(ctx, { key: inp.own(300) })),
  odd('a group whose values are just not too far apart', 'works', (ctx, inp) => {
    const value = inp.ring('y', 64, -(1n << 62n), (1n << 62n) - 1n);
    return groupBy(ctx, { key: inp.x }, [
      { kind: 'max', value },
      { kind: 'min', value },
    ]);
  }),
];
