/**
 * Sort keys as one row of bits, or as few numbers: from several keys with directions and missing values.
 *
 * Protocol: a key becomes its distance from the least value, or from the greatest where it descends; where it is missing,
 *   0 below a bit that says so (bits), or one more than any value can be (numbers).
 * Cost (rep3): bits: those of toBits, and an AND of each where values may be missing. Numbers: nothing for numbers that fit
 *   beside the row number; a lifting, a bit conversion and a product where they do not, or may be missing.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent (numbers).
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { not, rows, stack } from '../../share/bits.js';
import { type Bounds, constantBounds } from '../../share/bounds.js';
import { add, addConstant, scale, tighten } from '../../share/linear.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { fromBits } from '../bits/from-bits.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { truncateTo } from '../fixed/truncate.js';
import { and } from '../logic.js';
import { multiply } from '../multiply.js';
import type { Limb } from './compare-rows.js';
import { numberBits } from './quicksort.js';
import type { SortKey } from './sort.js';

/** Bits of a number in a ring such that differences have a sign. */
const ROOM = { 64: 62, 128: 126 } as const;

/** Rows of bits that become one number: those of longer keys become two. */
const LONGEST = 100;

/** All keys as unsigned numbers, the lowest bit of the last key first. */
export async function keyBits(ctx: Context, keys: readonly SortKey[]): Promise<BinaryShare> {
  const all = await Promise.all(keys.map((key, i) => bitsOfKey(ctx.step(`key-${i}`), key)));
  return stack(all.toReversed());
}

async function bitsOfKey(
  ctx: Context,
  { value, validity, descending = false }: SortKey,
): Promise<BinaryShare> {
  let bits: BinaryShare;
  if (value instanceof BinaryShare) {
    bits = descending ? not(value) : value;
  } else {
    const own = fromLeast(value as ArithmeticShare<RingWidth>, descending);
    bits = await toBits(ctx.step('bits'), own, 0, bitLength(own.bounds.max));
  }
  if (validity === undefined) return bits;
  const missing = not(validity);
  if (bits.rows === 0) return missing;
  const everywhere = stack(Array.from({ length: bits.rows }, () => validity));
  return stack([await and(ctx.step('valid'), bits, everywhere), missing]);
}

/** A key as a number from 0 on, with the bits that it has. */
interface Part {
  readonly bits: number;
  /** In the ring of so many bits. */
  readonly make: (ctx: Context, width: 64 | 128) => Promise<Limb>;
}

/** All keys as one number, or more of them, the highest first, with room for the row number in the last. */
export async function keyNumbers(ctx: Context, keys: readonly SortKey[]): Promise<[Limb, ...Limb[]]> {
  const n = keys[0]?.value.length ?? 0;
  const limbs = await Promise.all(
    groups(keys, n).map(async ({ parts, width }, i) => {
      const step = ctx.step(`number-${i}`);
      const own = await Promise.all(parts.map((part, j) => part.make(step.step(`key-${j}`), width)));
      return joined(own, parts);
    }),
  );
  const [first, ...rest] = limbs;
  if (first === undefined) throw new RangeError('a sort without a key');
  return [first, ...rest];
}

/** True where every key can be lifted to the ring in which it is compared. */
export function fitsNumbers(keys: readonly SortKey[]): boolean {
  const n = keys[0]?.value.length ?? 0;
  return (
    groups(keys, n).every(({ parts, width }) => parts.every(({ bits }) => bits <= ROOM[width])) &&
    keys.every(({ value }) => {
      if (value instanceof BinaryShare) return true;
      const { min, max } = value.bounds;
      return bitLength(max - min) < Math.min(value.width, 126) - 1;
    })
  );
}

interface Group {
  readonly parts: readonly Part[];
  readonly width: 64 | 128;
}

/** As many keys together as a ring has room for, from the last. */
function groups(keys: readonly SortKey[], n: number): Group[] {
  const found: Group[] = [];
  let parts: Part[] = [];
  let used = numberBits(n);
  const end = (): void => {
    if (parts.length > 0) found.unshift({ parts, width: used <= ROOM[64] ? 64 : 128 });
    [parts, used] = [[], 0];
  };
  for (const part of keys.flatMap(partsOfKey).toReversed()) {
    if (used + part.bits > ROOM[128]) end();
    parts.unshift(part);
    used += part.bits;
  }
  end();
  return found;
}

function partsOfKey(key: SortKey): Part[] {
  const { value } = key;
  const flag = key.validity === undefined ? 0 : 1;
  if (!(value instanceof BinaryShare)) {
    const own = fromLeast(value as ArithmeticShare<RingWidth>, key.descending ?? false);
    const bits = bitLength(own.bounds.max);
    return [{ bits: bits + flag, make: (ctx, width) => numberOf(ctx, own, bits, key, width) }];
  }
  const borders = value.rows > LONGEST ? [value.rows, value.rows >> 1, 0] : [value.rows, 0];
  return borders.slice(1).map((start, i) => {
    const own = rows(value, start, borders[i] as number);
    return { bits: own.rows + flag, make: (ctx, width) => numberOf(ctx, own, own.rows, key, width) };
  });
}

/** The number, and 2^bits where it is missing. */
async function numberOf(
  ctx: Context,
  own: ArithmeticShare<RingWidth> | BinaryShare,
  bits: number,
  { validity, descending = false }: SortKey,
  width: 64 | 128,
): Promise<Limb> {
  const lifted = async (): Promise<Limb> => {
    if (own instanceof BinaryShare) {
      const straight = descending ? not(own) : own;
      const within = { min: 0n, max: (1n << BigInt(bits)) - 1n };
      return tighten((await fromBits(ctx.step('number'), straight, width)) as ArithmeticShare<64>, within);
    }
    return (own.width === width ? own : await truncateTo(ctx.step('number'), own, 0, width)) as Limb;
  };
  if (validity === undefined) return await lifted();
  const [number, valid] = (await Promise.all([
    lifted(),
    bitToRing(ctx.step('valid'), validity, width),
  ])) as readonly Limb[] as readonly [ArithmeticShare<64>, ArithmeticShare<64>];
  const missing = 1n << BigInt(bits);
  const below = await multiply(ctx.step('choose'), valid, addConstant(number, -missing));
  // Either the number or 2^bits.
  return tighten(addConstant(below, missing), { min: 0n, max: missing });
}

/** Mixed: each number times what those after it can be. */
function joined(numbers: readonly Limb[], parts: readonly Part[]): Limb {
  let [sum, shift] = [undefined as ArithmeticShare<64> | undefined, 0];
  for (let i = numbers.length - 1; i >= 0; i--) {
    const own = scale(numbers[i] as ArithmeticShare<64>, 1n << BigInt(shift));
    sum = sum === undefined ? own : add(own, sum);
    shift += parts[i]?.bits ?? 0;
  }
  if (sum === undefined) throw new RangeError('a number of no key');
  return sum;
}

/** The distance from the least value, or from the greatest. */
function fromLeast<W extends RingWidth>(x: ArithmeticShare<W>, descending: boolean): ArithmeticShare<W> {
  const { min, max } = x.bounds;
  const bounds: Bounds = { min: 0n, max: max - min };
  const distance = descending ? addConstant(scale(x, -1n), max) : addConstant(x, -min);
  return distance.with({ bounds: min === max ? constantBounds(0n) : bounds });
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
