/** What a case is, and the ways to make one. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import type { Context } from '../../../src/protocols/context.js';
import type { ArithmeticShare, BinaryShare, Column } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import type { Dealer } from '../../support/world.js';

export type AnyShare = Column | BinaryShare;

export interface Case {
  readonly name: string;
  /** Secret inputs of a given length; `variant` picks different secrets of the same shape. */
  readonly program: (ctx: Context, deal: Dealer, n: number, variant: number) => Promise<AnyShare>;
  /** The values or bit rows that the result must stand for. */
  readonly expected: (n: number, variant: number) => bigint[] | number[][];
  /** The same protocol in a shape that sends about n words, where `program` sends a few whatever n is. */
  readonly wide?: Case['program'];
  /** False for local operations, which send nothing. */
  readonly sends: boolean;
  /** By how much a value may differ from the expected one, in units of the last place; 0 where absent. */
  readonly within?: bigint;
  /**
   * True for a protocol with hundreds of messages all of whose steps are those of other cases: its transcript is compared
   * for two secrets, and a sample of its messages attacked, instead of all.
   */
  readonly composite?: boolean;
  /**
   * True where the path depends on bits opened from shuffled rows: the messages of two runs differ, and their cost lies
   * within the bound of the dry run.
   */
  readonly coins?: boolean;
  /**
   * True where a primitive in which node 0 waits for nobody follows another one: node 0 is ahead of the clock, which is
   * the same at all nodes, and the messages travel in fewer waves than it counts rounds.
   */
  readonly ahead?: boolean;
}

const made = new Map<string, bigint[]>();

/** Values that are made; longer lists repeat them. A prime, so that chunks of a long vector differ. */
const DISTINCT = 4099;

/** The same list for the same arguments, made once: attacks run a case hundreds of times on it. */
export function values(label: string, n: number, variant: number, min: bigint, max: bigint): bigint[] {
  const key = `${label} ${n} ${variant} ${min} ${max}`;
  const list = made.get(key) ?? repeated(new TestRandom(`${label}-${variant}`), n, min, max);
  made.set(key, list);
  return list;
}

function repeated(random: TestRandom, n: number, min: bigint, max: bigint): bigint[] {
  const distinct = random.values(Math.min(n, DISTINCT), min, max);
  return Array.from({ length: n }, (_, i) => distinct[i % DISTINCT] ?? 0n);
}

export function bitRow(label: string, n: number, variant: number): (0 | 1)[] {
  return new TestRandom(`${label}-${variant}`).row(n);
}

export function ringCase<W extends RingWidth>(
  name: string,
  width: W,
  min: bigint,
  max: bigint,
  run: (ctx: Context, x: ArithmeticShare<W>, y: ArithmeticShare<W>) => Promise<AnyShare> | AnyShare,
  expected: (x: bigint[], y: bigint[]) => bigint[] | number[][],
  sends = true,
  altered: (x: bigint[]) => bigint[] = (x) => x,
): Case {
  const inputs = (n: number, variant: number): [bigint[], bigint[]] => [
    altered(values(`${name}-x`, n, variant, min, max)),
    values(`${name}-y`, n, variant, min, max).toReversed(),
  ];
  return {
    name,
    sends,
    program: async (ctx, deal, n, variant) =>
      await run(
        ctx,
        deal.ring('x', width, n, { min, max }, () => inputs(n, variant)[0]),
        deal.ring('y', width, n, { min, max }, () => inputs(n, variant)[1]),
      ),
    expected: (n, variant) => expected(...inputs(n, variant)),
  };
}

export function bitCase(
  name: string,
  run: (ctx: Context, x: BinaryShare, y: BinaryShare) => Promise<AnyShare> | AnyShare,
  expected: (x: number[], y: number[]) => bigint[] | number[][],
  sends = true,
): Case {
  return {
    name,
    sends,
    program: async (ctx, deal, n, variant) =>
      await run(
        ctx,
        deal.bits('x', 1, n, () => [bitRow(`${name}-x`, n, variant)]),
        deal.bits('y', 1, n, () => [bitRow(`${name}-y`, n, variant)]),
      ),
    expected: (n, variant) => expected(bitRow(`${name}-x`, n, variant), bitRow(`${name}-y`, n, variant)),
  };
}

export const flag = (condition: boolean): number => (condition ? 1 : 0);

/** Row j holds bit j of each number. */
export function bitsOf(list: readonly bigint[], rows: number): number[][] {
  return Array.from({ length: rows }, (_, j) => list.map((value) => Number((value >> BigInt(j)) & 1n)));
}
