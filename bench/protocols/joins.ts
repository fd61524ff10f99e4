/**
 * Equi-joins: n left rows with repeated keys, n right rows with keys of their own, one 64-bit attribute carried. Four of
 * five left rows find a right one.
 */
import { RingVector } from '../../src/kernels/ring-vector.js';
import type { Context } from '../../src/protocols/context.js';
import { join } from '../../src/protocols/relational/join.js';
import { identifierKey } from '../../src/protocols/relational/key-columns.js';
import type { KeyValue } from '../../src/protocols/relational/keyed-rows.js';
import type { Dealer } from './dealer.js';
import type { ProtocolBench, SharedResult } from './protocol-bench.js';
import { unsigned } from './values.js';

/** Odd, so that products with different numbers differ modulo any power of two: 2^64 and 2^128 by the golden ratio. */
const SPREAD_64 = 0x9e3779b97f4a7c15n;
const SPREAD_128 = 0x9e3779b97f4a7c15f39cc0605cedc835n;

export function joinBench(bits: 32 | 128): ProtocolBench {
  return {
    name: bits === 32 ? 'join' : `join-${bits}`,
    about: `n rows with repeated ${bits}-bit keys and n with their own, one attribute carried`,
    items: 100_000,
    repeat: 1,
    prepare(deal, n) {
      const bounds = { min: 0n, max: BigInt(n) };
      const attribute = deal.ring({ name: 'attribute', length: n, bounds, values: () => attributes(n) });
      const keys = keyDealer(deal, bits, n);
      const [left, right] = [keys('left', () => leftNumbers(n)), keys('right', () => rightNumbers(n))];
      return (ctx) => joined(ctx, left, right, attribute);
    },
    expected: (n) => {
      const found = leftNumbers(n).map((number) => (number < BigInt(n) ? number + 1n : 0n));
      return new RingVector(64, BigUint64Array.from(found));
    },
  };
}

type KeyOf = (ctx: Context) => Promise<KeyValue>;

function keyDealer(
  deal: Dealer,
  bits: 32 | 128,
  n: number,
): (name: string, numbers: () => bigint[]) => KeyOf {
  const bounds = { min: 0n, max: 2n ** BigInt(bits) - 1n };
  const spread = bits === 32 ? SPREAD_64 : SPREAD_128;
  const keysOf = (numbers: readonly bigint[]): bigint[] =>
    numbers.map((number) => BigInt.asUintN(bits, (number + 1n) * spread));
  return (name, numbers) => {
    const secret = { name, length: n, bounds };
    if (bits === 32) {
      const x = deal.ring({ ...secret, values: () => RingVector.fromBigInts(64, keysOf(numbers())) });
      return async () => x;
    }
    const x = deal.wide({ ...secret, values: () => RingVector.fromBigInts(128, keysOf(numbers())) });
    return (ctx) => identifierKey(ctx, x, 2 * n);
  };
}

async function joined(
  ctx: Context,
  left: KeyOf,
  right: KeyOf,
  attribute: Parameters<typeof join>[2]['columns'][number],
): Promise<SharedResult> {
  const [leftKey, rightKey] = await Promise.all([left(ctx.step('left')), right(ctx.step('right'))]);
  const rows = { key: rightKey, columns: [attribute] };
  const { columns } = await join(ctx.step('join'), { key: leftKey }, rows);
  return columns[0] as SharedResult;
}

/** Of the right row that each left row belongs to; of none from n on. */
function leftNumbers(n: number): bigint[] {
  const range = BigInt(Math.ceil(n * 1.25));
  return Array.from(unsigned('left numbers', n, 62).data as BigUint64Array, (value) => value % range);
}

function rightNumbers(n: number): bigint[] {
  return Array.from({ length: n }, (_, i) => BigInt(i));
}

/** One more than the row's number, so that none is 0. */
function attributes(n: number): RingVector {
  return new RingVector(
    64,
    BigUint64Array.from({ length: n }, (_, i) => BigInt(i) + 1n),
  );
}
