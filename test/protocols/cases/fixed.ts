/** Functions of binary fractions. */
import { exponential } from '../../../src/protocols/fixed/exponential.js';
import { logarithm } from '../../../src/protocols/fixed/logarithm.js';
import { quickSigmoid } from '../../../src/protocols/fixed/quick-sigmoid.js';
import { divide, reciprocal } from '../../../src/protocols/fixed/reciprocal.js';
import { sigmoid, tanh } from '../../../src/protocols/fixed/sigmoid.js';
import { softmax } from '../../../src/protocols/fixed/softmax.js';
import { inverseSquareRoot, squareRoot } from '../../../src/protocols/fixed/square-root.js';
import type { Bounds } from '../../../src/share/bounds.js';
import { decode, encode, type Fixed } from '../../../src/share/fixed.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type AnyShare, type Case, ringCase, values } from './case.js';

const FRACTION = { 64: 20, 128: 40 } as const;

type Width = keyof typeof FRACTION;

/** A function of one number, within so many units in the last place on these bounds. */
function functionCase<W extends Width>(
  name: string,
  width: W,
  bounds: Bounds,
  run: (ctx: Parameters<Case['program']>[0], x: Fixed<W>) => Promise<Fixed<W>>,
  of: (x: number) => number,
  within: bigint,
): Case {
  const fraction = FRACTION[width];
  const single = ringCase(
    `${name}-${width}`,
    width,
    bounds.min,
    bounds.max,
    async (ctx, x) => (await run(ctx, { value: x, fraction })).value as unknown as AnyShare,
    (x) => x.map((value) => encode(of(decode(value, fraction)), fraction)),
  );
  return { ...single, within, composite: true, ahead: true };
}

/** From 2^low to 2^high. */
function powers(width: Width, low: number, high: number): Bounds {
  return { min: 1n << BigInt(FRACTION[width] + low), max: 1n << BigInt(FRACTION[width] + high) };
}

function around(width: Width, size: number): Bounds {
  return { min: encode(-size, FRACTION[width]), max: encode(size, FRACTION[width]) };
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

const COLUMNS = 3;
const LOGITS = { min: -(4n << 20n), max: 4n << 20n };

/** Rows of three: the columns one after the other are a vector of n each. */
function softmaxCase(): Case {
  const columns = (n: number, variant: number): bigint[][] =>
    ['a', 'b', 'c'].map((name) => values(`softmax-${name}`, n, variant, LOGITS.min, LOGITS.max));
  const rows = (n: number, variant: number): bigint[] => {
    const all = columns(n, variant);
    return Array.from({ length: n }, (_, i) => all.map((column) => column[i] ?? 0n)).flat();
  };
  return {
    name: 'softmax-64',
    sends: true,
    composite: true,
    ahead: true,
    within: 32n,
    program: async (ctx, deal, n, variant) => {
      const value: ArithmeticShare<64> = deal.ring('x', 64, COLUMNS * n, LOGITS, () => rows(n, variant));
      return (await softmax(ctx, { value, fraction: 20 }, n, COLUMNS)).value;
    },
    expected: (n, variant) => {
      const exps = rows(n, variant).map((value) => Math.exp(decode(value, 20)));
      return exps.map((value, at) => {
        const start = at - (at % COLUMNS);
        const sum = exps.slice(start, start + COLUMNS).reduce((total, own) => total + own, 0);
        return encode(value / sum, 20);
      });
    },
  };
}

/** Of numbers of both signs, above 1/4 in size; results within 2^-16 of up to 4 * 2^10. */
function divideCase(): Case {
  const bounds = around(64, 1024);
  const away = (y: bigint): bigint => (y < 0n ? y - (1n << 18n) : y + (1n << 18n));
  const wide = { min: away(bounds.min), max: away(bounds.max) };
  return {
    name: 'divide-64',
    sends: true,
    composite: true,
    ahead: true,
    within: 1n << 16n,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', 64, n, bounds, () => values('divide-x', n, variant, bounds.min, bounds.max));
      const y = deal.ring('y', 64, n, wide, () =>
        values('divide-y', n, variant, bounds.min, bounds.max).map(away),
      );
      return (await divide(ctx, { value: x, fraction: 20 }, { value: y, fraction: 20 })).value;
    },
    expected: (n, variant) => {
      const y = values('divide-y', n, variant, bounds.min, bounds.max).map(away);
      return values('divide-x', n, variant, bounds.min, bounds.max).map((v, i) => (v << 20n) / (y[i] ?? 1n));
    },
  };
}

export const FIXED_CASES: readonly Case[] = [
  functionCase('reciprocal', 64, powers(64, -2, 10), reciprocal, (x) => 1 / x, 64n),
  functionCase('reciprocal', 128, powers(128, -2, 10), reciprocal, (x) => 1 / x, 1n << 10n),
  functionCase('reciprocal-signed', 64, around(64, 1024), reciprocal, signedReciprocal, 1n << 14n),
  divideCase(),
  functionCase('square-root', 64, around(64, 1024), squareRoot, (x) => Math.sqrt(Math.max(0, x)), 512n),
  functionCase('inverse-square-root', 128, powers(128, -2, 10), inverseSquareRoot, (x) => x ** -0.5, 512n),
  functionCase('logarithm', 64, powers(64, -10, 20), logarithm, Math.log, 16n),
  functionCase('exponential', 64, around(64, 4), exponential, Math.exp, 1024n),
  functionCase('sigmoid', 64, around(64, 30), sigmoid, sigmoidOf, 16n),
  functionCase('tanh', 128, around(128, 5), tanh, Math.tanh, 256n),
  functionCase('quick-sigmoid', 64, around(64, 30), quickSigmoid, sigmoidOf, 64n),
  softmaxCase(),
];

/** Saturated at the smallest divisor. */
function signedReciprocal(x: number): number {
  return (x < 0 ? -1 : 1) / Math.max(Math.abs(x), 2 ** -10);
}
