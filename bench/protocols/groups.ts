/** Sums by a secret 32-bit key that has a thousand values. */
import { RingVector } from '../../src/kernels/ring-vector.js';
import { groupBy } from '../../src/protocols/relational/group.js';
import type { ProtocolBench, SharedResult } from './protocol-bench.js';
import { unsigned } from './values.js';

const GROUPS = 1000n;
const KEY_BITS = 32;
const VALUE_BITS = 20;

/** Spreads the keys over their range; odd, so that they stay distinct. */
const SPREAD = 0x9e3779b1n;

export const groupByBench: ProtocolBench = {
  name: 'group-by',
  about: 'sums by a 32-bit key of 1,000 secret values',
  items: 100_000,
  repeat: 1,
  prepare(deal, n) {
    const bounds = (bits: number) => ({ min: 0n, max: 2n ** BigInt(bits) - 1n });
    const key = deal.ring({
      name: 'key',
      length: n,
      bounds: bounds(KEY_BITS),
      values: () => new RingVector(64, keys(n)),
    });
    const value = deal.ring({
      name: 'value',
      length: n,
      bounds: bounds(VALUE_BITS),
      values: () => values(n),
    });
    return async (ctx) => {
      const { columns } = await groupBy(ctx, { key }, [{ kind: 'sum', value }]);
      return columns[0]?.value as SharedResult;
    };
  },
  /** The sum of each group in the order of the keys, then zeros. */
  expected(n) {
    const sums = new Map<bigint, bigint>();
    const added = values(n).data as BigUint64Array;
    keys(n).forEach((key, i) => {
      sums.set(key, (sums.get(key) ?? 0n) + added[i]!);
    });
    const out = new BigUint64Array(n);
    [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .forEach(([, sum], i) => {
        out[i] = sum;
      });
    return new RingVector(64, out);
  },
};

function keys(n: number): BigUint64Array {
  const words = unsigned('key', n, 62).data as BigUint64Array;
  return words.map((word) => BigInt.asUintN(KEY_BITS, ((word % GROUPS) + 1n) * SPREAD));
}

function values(n: number): RingVector {
  return unsigned('value', n, VALUE_BITS);
}
