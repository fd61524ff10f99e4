/** Sweeps of functions of binary fractions: points, runs on both backends, and the largest errors found. */

import type { Cost } from '../../../src/core/cost.js';
import type { Context } from '../../../src/protocols/context.js';
import type { FunctionWidth } from '../../../src/protocols/fixed/forms.js';
import type { Bounds } from '../../../src/share/bounds.js';
import type { Fixed } from '../../../src/share/fixed.js';
import { TestRandom } from '../../support/random.js';
import { type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';

/** Fixed: the largest errors are those of these numbers and masks, which the documents state. */
export const SWEEP_SEED = 20_261_122;

/** Powers of two and their neighbours within bounds, both signs, and the bounds themselves. */
export function edges({ min, max }: Bounds): bigint[] {
  const powers = Array.from({ length: 126 }, (_, i) => 1n << BigInt(i));
  const near = powers.flatMap((power) => [power - 1n, power, power + 1n]);
  return [min, max, 0n, ...near, ...near.map((value) => -value)].filter((v) => v >= min && v <= max);
}

/** Numbers of which each number of bits is as frequent as any other. */
export function logUniform(label: string, count: number, { min, max }: Bounds): bigint[] {
  const widest = (max > -min ? max : -min).toString(2).length;
  const random = new DataView(new TestRandom(label, SWEEP_SEED).bytes(16 * count).buffer);
  return Array.from({ length: count }, (_, i) => {
    const half = 1n << BigInt(random.getUint32(16 * i, true) % widest);
    const size = half + ((half * random.getBigUint64(16 * i + 8, true)) >> 64n);
    const value = min < 0n && random.getUint8(16 * i + 4) % 2 === 1 ? -size : size;
    return value < min ? min : value > max ? max : value;
  });
}

/** Numbers at equal distances. */
export function grid(count: number, { min, max }: Bounds): bigint[] {
  return Array.from({ length: count }, (_, i) => min + ((max - min) * BigInt(i)) / BigInt(count - 1));
}

export type FixedFunction<W extends FunctionWidth> = (ctx: Context, x: Fixed<W>) => Promise<Fixed<W>>;

export interface Sweep<W extends FunctionWidth> {
  readonly width: W;
  readonly fraction: number;
  readonly bounds: Bounds;
  readonly run: FixedFunction<W>;
}

function programOf<W extends FunctionWidth>(
  { width, fraction, bounds, run }: Sweep<W>,
  values: readonly bigint[],
): Program<Fixed<W>> {
  return async (ctx, deal) =>
    await run(ctx, { value: deal.ring('x', width, values.length, bounds, () => values), fraction });
}

/** The results on the plain backend. */
export async function plainResults<W extends FunctionWidth>(
  sweep: Sweep<W>,
  values: readonly bigint[],
): Promise<bigint[]> {
  return inBounds(await runPlain(programOf(sweep, values)));
}

/** The results on rep3, whose cost is that of the dry run. */
export async function rep3Results<W extends FunctionWidth>(
  sweep: Sweep<W>,
  values: readonly bigint[],
): Promise<{ results: bigint[]; cost: Cost; dry: Cost }> {
  const program = programOf(sweep, values);
  const { results, cost } = await runRep3(program, { keySeed: SWEEP_SEED, dealSeed: SWEEP_SEED });
  return { results: inBounds(...results), cost, dry: await runDry(program) };
}

/** The values, which must lie within the bounds that their shares carry. */
function inBounds<W extends FunctionWidth>(...shares: readonly Fixed<W>[]): bigint[] {
  const values = revealRing(shares.map(({ value }) => value));
  const { min, max } = shares[0]?.value.bounds ?? { min: 0n, max: 0n };
  const outside = values.filter((value) => value < min || value > max);
  if (outside.length > 0) throw new Error(`${outside[0]} lies outside its bounds ${min} to ${max}`);
  return values;
}

/** The largest of the errors, and where. */
export function worst(
  values: readonly bigint[],
  results: readonly bigint[],
  error: (value: bigint, result: bigint) => number,
): { error: number; at: bigint } {
  let found = { error: -1, at: 0n };
  values.forEach((at, i) => {
    const own = error(at, results[i] ?? 0n);
    if (!(own <= found.error)) found = { error: own, at };
  });
  return found;
}

/** Rounds, and bytes per node and element on average. */
export function costOf({ rounds, bytes }: Cost, elements: number): { rounds: number; bytes: number } {
  return { rounds, bytes: bytes.reduce((total, own) => total + own, 0) / 3 / elements };
}

/** What a function costs, from the dry run. */
export async function dryCost<W extends FunctionWidth>(sweep: Sweep<W>, elements: number): Promise<Cost> {
  return await runDry(
    programOf(
      sweep,
      Array.from({ length: elements }, () => 0n),
    ),
  );
}
