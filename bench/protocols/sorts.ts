/** Rows sorted by a key of which one in sixteen is missing, with one 64-bit payload column. */
import type { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { type SortKey, sortRows } from '../../src/protocols/sort/sort.js';
import type { ProtocolBench } from './protocol-bench.js';
import { bits, unsigned } from './values.js';

/** A column whose range needs 64 bits is dealt over the wide ring. */
export function sortBench(width: 32 | 64): ProtocolBench {
  const bounds = { min: 0n, max: 2n ** BigInt(width) - 1n };
  return {
    name: `sort-${width}`,
    about: `rows by a ${width}-bit key with missing values, one 64-bit payload`,
    items: 100_000,
    repeat: 1,
    prepare(deal, n) {
      const secret = { name: 'key', length: n, bounds };
      const value: SortKey['value'] =
        width === 32
          ? deal.ring({ ...secret, values: () => new RingVector(64, keys(n, width)) })
          : deal.wide({ ...secret, values: () => kernels.extend(new RingVector(64, keys(n, width)), 128) });
      const validity = deal.bits({ name: 'validity', length: n, values: () => validityOf(n) });
      const payload = deal.ring({
        name: 'payload',
        length: n,
        bounds: { min: 0n, max: BigInt(Math.max(0, n - 1)) },
        values: () =>
          new RingVector(
            64,
            BigUint64Array.from({ length: n }, (_, i) => BigInt(i)),
          ),
      });
      return async (ctx) => (await sortRows(ctx.step('sort'), [{ value, validity }], [payload])).columns[0];
    },
    expected(n) {
      const [key, valid] = [keys(n, width), validityOf(n)];
      const there = (i: number): boolean => valid.get(0, i) === 1;
      const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
        if (!there(a) || !there(b)) return Number(there(b)) - Number(there(a)) || a - b;
        return key[a]! < key[b]! ? -1 : key[a]! > key[b]! ? 1 : a - b;
      });
      return new RingVector(64, BigUint64Array.from(order, BigInt));
    },
  };
}

/** Every sixteenth key is that of the row before, so that stability is seen. */
function keys(n: number, width: 32 | 64): BigUint64Array {
  const out = BigUint64Array.from(unsigned('key', n, width === 32 ? 32 : 63).data as BigUint64Array);
  for (let i = 16; i < n; i += 16) out[i] = out[i - 1]!;
  return out;
}

function validityOf(n: number): BitMatrix {
  const all = ['a', 'b', 'c', 'd'].map((name) => bits(`missing ${name}`, n));
  return kernels.not(all.reduce(kernels.and));
}
