/** The range check against plain comparison, for every way in which a value can be split into operands. */
import { describe, expect, it } from 'vitest';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { CHUNK } from '../../src/protocols/chunks.js';
import type { Context } from '../../src/protocols/context.js';
import { columnInRange, rowsInRange } from '../../src/protocols/range-check.js';
import { ArithmeticShare, type BinaryShare } from '../../src/share/shares.js';
import { TestRandom } from '../support/random.js';
import { type Program, revealBits, runDry, runPlain, runRep3 } from '../support/world.js';

/** A value and the operand that nodes 1 and 2 know; the other one is the rest. */
interface Split {
  readonly value: bigint;
  readonly second: bigint;
}

function power(k: number): bigint {
  return 1n << BigInt(k);
}

/** Parts (random, second operand's complement to the value, second operand). */
function shareOf<W extends RingWidth>(
  ctx: Context,
  width: W,
  splits: readonly Split[],
  random: readonly bigint[],
): ArithmeticShare<W> {
  const whole = ctx.backend.scheme.parts.length === 1;
  const partsOf = ({ value, second }: Split, i: number): bigint[] =>
    whole ? [value] : [random[i] ?? 0n, value - second - (random[i] ?? 0n), second];
  const parts = ctx.backend.held.map((part) =>
    RingVector.fromBigInts(
      width,
      splits.map((split, i) => BigInt.asUintN(width, partsOf(split, i)[part] ?? 0n)),
    ),
  );
  const bounds = { min: 0n, max: power(width) - 1n };
  return new ArithmeticShare({
    width,
    length: splits.length,
    bounds,
    held: ctx.backend.held,
    parts,
    clock: 0,
  });
}

/** Where a wrong check would first go wrong, as residues. */
function borders(width: number, range: bigint): bigint[] {
  const b = range.toString(2).length;
  const around = [
    -power(b + 1),
    -power(b),
    0n,
    range,
    power(b - 1),
    power(b),
    power(b + 1),
    power(width - 1),
  ];
  const steps = around.flatMap((x) => [x - 2n, x - 1n, x, x + 1n]);
  const wide = new TestRandom(`range-${width}-${range}`).values(20, -power(width - 1), power(width - 1));
  const close = new TestRandom(`close-${width}-${range}`).values(20, -power(b), power(b + 1));
  return [...steps, ...wide, ...close].map((x) => BigInt.asUintN(width, x));
}

/** Second operands for which carries and high parts differ: around 0, around the value, around powers, and random. */
function splitsOf(width: number, b: number, value: bigint, random: TestRandom): Split[] {
  const near = [0n, value, power(b), -power(b), value + power(b), value - power(b), power(width - 1)];
  const seconds = [
    ...near.flatMap((x) => [x - 1n, x, x + 1n]),
    ...[0, 1, 2, 3].map(() => random.bits(width)),
  ];
  return seconds.map((second) => ({ value, second }));
}

/** What both backends find, and what they should: some rows that pass and some that do not. */
async function checked(
  width: RingWidth,
  range: bigint,
  splits: readonly Split[],
  validity?: readonly number[],
): Promise<{ found: number[][][]; expected: number[][][] }> {
  const source = new TestRandom(`parts-${width}-${range}`);
  const random = splits.map(() => source.bits(width));
  const run: Program<BinaryShare> = (ctx, deal) => {
    const present =
      validity === undefined ? undefined : deal.bits('validity', 1, splits.length, () => [validity]);
    return rowsInRange(ctx, shareOf(ctx, width, splits, random), present, range);
  };
  const expected = splits.map(({ value }, i) =>
    value <= range && (validity?.[i] !== 0 || value === 0n) ? 1 : 0,
  );
  expect(expected).toContain(1);
  expect(expected).toContain(0);
  const { results, cost } = await runRep3(run);
  expect(await runDry(run)).toEqual(cost);
  return {
    found: [revealBits([await runPlain(run)]), revealBits(results)],
    expected: [[expected], [expected]],
  };
}

const RANGES: readonly (readonly [RingWidth, bigint])[] = ([32, 64, 128] as const).flatMap((width) =>
  [0n, 1n, 2n, 3n, 4n, 100n, 127n, 128n, 1000n, 65_535n, 65_536n, power(29) + 5n]
    .concat(power(width - 4), power(width - 3) - 1n, power(width - 3), power(width - 2) - 1n)
    .map((range) => [width, range] as const),
);

describe('rowsInRange', () => {
  it.each(RANGES)('of %i bits is exact at every border for the range %i', async (width, range) => {
    const random = new TestRandom(`splits-${width}-${range}`);
    const b = range.toString(2).length;
    const splits = borders(width, range).flatMap((value) => splitsOf(width, b, value, random));
    const { found, expected } = await checked(width, range, splits);
    expect(found).toEqual(expected);
  });

  it.each([
    [32, 0n],
    [32, 1n],
    [64, 100n],
    [64, 127n],
    [128, power(126) - 1n],
  ] as const)('of %i bits forces missing slots to 0 for the range %i', async (width, range) => {
    const random = new TestRandom(`missing-${width}-${range}`);
    const values = [0n, 0n, 0n, ...borders(width, range)];
    const splits = values.map((value) => ({ value, second: random.bits(width) }));
    const validity = [...splits.map(() => 0), ...splits.map(() => 1)];
    const { found, expected } = await checked(width, range, [...splits, ...splits], validity);
    expect(found).toEqual(expected);
  });

  it('is exact for all high parts of both operands, with and without a carry', async () => {
    const b = 28;
    const edge = [0n, 1n, power(b - 1), power(b) - 1n];
    const nibbles = Array.from({ length: 16 }, (_, i) => BigInt(i) * power(b));
    const operands = nibbles.flatMap((high) => edge.map((low) => high + low));
    const splits = operands.flatMap((first) =>
      operands.map((second) => ({ value: BigInt.asUintN(32, first + second), second })),
    );
    for (const range of [power(b) - 1n, power(b - 1)]) {
      const { found, expected } = await checked(32, range, splits);
      expect(found).toEqual(expected);
    }
  });
});

describe('columnInRange', () => {
  it.each([1, 63, 64, 65, CHUNK + 1])('finds one bad value in any place of %i', async (length) => {
    const places = [0, length - 1, Math.min(length - 1, 62), Math.min(length - 1, CHUNK)];
    for (const place of [undefined, ...new Set(places)]) {
      const values = Array.from({ length }, (_, i) => (i === place ? 1001n : BigInt(i % 1001)));
      const run: Program<BinaryShare> = (ctx, deal) =>
        columnInRange(
          ctx,
          deal.ring('x', 64, length, { min: 0n, max: 1000n }, () => values),
          undefined,
          1000n,
        );
      expect(revealBits((await runRep3(run)).results)).toEqual([[place === undefined ? 1 : 0]]);
    }
  });

  it('refuses a range that the ring has no room for', async () => {
    const run =
      (range: bigint): Program<BinaryShare> =>
      (ctx, deal) =>
        columnInRange(
          ctx,
          deal.ring('x', 32, 1, { min: 0n, max: 1n }, () => [0n]),
          undefined,
          range,
        );
    await expect(runPlain(run(power(30)))).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
    await expect(runPlain(run(-1n))).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
    expect(revealBits([await runPlain(run(power(30) - 1n))])).toEqual([[1]]);
  });
});
