/** Conversions, comparisons and selection at the smallest width that their bounds allow, from 1 to 64 bits. */
import { describe, expect, it } from 'vitest';
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { fromBits } from '../../../src/protocols/bits/from-bits.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import { widen } from '../../../src/protocols/convert.js';
import { equals } from '../../../src/protocols/equality.js';
import { isNegative, lessThan } from '../../../src/protocols/less-than.js';
import { absolute, clamp, sign } from '../../../src/protocols/select/clamp.js';
import { argMaximum, minimum } from '../../../src/protocols/select/extremes.js';
import type { Bounds } from '../../../src/share/bounds.js';
import { ArithmeticShare, type BinaryShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import { type Dealer, type Program, revealBits, revealRing, runPlain, runRep3 } from '../../support/world.js';
import { bitsOf, flag } from '../cases/case.js';

type Result = ArithmeticShare<32> | ArithmeticShare<64> | ArithmeticShare<128> | BinaryShare;

/** What the shares of plain and of rep3 stand for, which must be the same. */
async function valueOf(program: Program<Result>): Promise<bigint[] | number[][]> {
  const reveal = (shares: readonly Result[]): bigint[] | number[][] =>
    shares[0] instanceof ArithmeticShare
      ? revealRing(shares as ArithmeticShare<64>[])
      : revealBits(shares as BinaryShare[]);
  const plain = reveal([await runPlain(program)]);
  expect(reveal((await runRep3(program)).results)).toEqual(plain);
  return plain;
}

/** Both ends, the middle, what is next to them, and others. */
function edgesOf({ min, max }: Bounds, label: string): bigint[] {
  const near = [min, min + 1n, (min + max) / 2n, -1n, 0n, 1n, max - 1n, max];
  const random = new TestRandom(label).values(5, min, max);
  return [...near, ...random].filter((value) => value >= min && value <= max);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** The narrowest ring for numbers of k bits. */
function ringFor(k: number): RingWidth {
  return k <= 32 ? 32 : k <= 64 ? 64 : 128;
}

const WIDTHS = Array.from({ length: 64 }, (_, i) => i + 1);

describe.each(WIDTHS)('numbers of %i bits', (k) => {
  const half = 1n << BigInt(k - 1);
  const signed: Bounds = { min: -half, max: half - 1n };
  const x = edgesOf(signed, 'width-x');
  const y = edgesOf(signed, 'width-y').toReversed();
  const width = ringFor(k) as 64;
  const deal = (dealer: Dealer, name: string, list: bigint[], ring: RingWidth = width): ArithmeticShare<64> =>
    dealer.ring(name, ring as 64, list.length, signed, () => list);

  it('have bits, from which they are made again', async () => {
    expect(await valueOf((ctx, d) => toBits(ctx, deal(d, 'x', x), 0, k))).toEqual(bitsOf(x, k));
    const bits = (d: Dealer): BinaryShare => d.bits('b', k, x.length, () => bitsOf(x, k));
    expect(await valueOf((ctx, d) => fromBits(ctx, bits(d), width, { signed: true }))).toEqual(x);
    const unsigned = x.map((value) => BigInt.asUintN(k, value));
    expect(await valueOf((ctx, d) => fromBits(ctx, bits(d), width))).toEqual(unsigned);
    expect(await valueOf((ctx, d) => fromBits(ctx, bits(d), 128))).toEqual(unsigned);
  });

  it('have a sign and an absolute value in the narrowest ring', async () => {
    expect(await valueOf((ctx, d) => isNegative(ctx, deal(d, 'x', x)))).toEqual([x.map((v) => flag(v < 0n))]);
    expect(await valueOf((ctx, d) => absolute(ctx, deal(d, 'x', x)))).toEqual(x.map(abs));
    const signs = x.map((v) => (v < 0n ? -1n : v > 0n ? 1n : 0n));
    expect(await valueOf((ctx, d) => sign(ctx, deal(d, 'x', x), 32))).toEqual(signs);
  });

  it('are compared and chosen from where a difference fits', async () => {
    const ring = ringFor(k + 1);
    const both = (d: Dealer): [ArithmeticShare<64>, ArithmeticShare<64>] => [
      deal(d, 'x', x, ring),
      deal(d, 'y', y, ring),
    ];
    const at = (i: number): bigint => y[i] as bigint;
    expect(await valueOf((ctx, d) => lessThan(ctx, ...both(d)))).toEqual([x.map((v, i) => flag(v < at(i)))]);
    expect(await valueOf((ctx, d) => equals(ctx, ...both(d)))).toEqual([x.map((v, i) => flag(v === at(i)))]);
    expect(await valueOf((ctx, d) => minimum(ctx, both(d)))).toEqual(
      x.map((v, i) => (v < at(i) ? v : at(i))),
    );
    expect(await valueOf(async (ctx, d) => (await argMaximum(ctx, both(d))).index)).toEqual(
      x.map((v, i) => (at(i) > v ? 1n : 0n)),
    );
    const [low, high] = [-half / 2n, half / 3n];
    const clamped = x.map((v) => (v < low ? low : v > high ? high : v));
    expect(await valueOf((ctx, d) => clamp(ctx, both(d)[0], low, high))).toEqual(clamped);
  });

  it('are lifted from the narrowest ring that leaves a bit', async () => {
    const from = ringFor(k + 1);
    if (from === 128) return;
    expect(await valueOf((ctx, d) => widen(ctx, deal(d, 'x', x, from), 128))).toEqual(x);
  });
});
