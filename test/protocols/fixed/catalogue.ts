/** Every function of binary fractions in the rings and domains that docs/fixed-point.md lists. */

import type { Context } from '../../../src/protocols/context.js';
import { exponential } from '../../../src/protocols/fixed/exponential.js';
import type { FunctionWidth } from '../../../src/protocols/fixed/forms.js';
import { logarithm } from '../../../src/protocols/fixed/logarithm.js';
import { quickSigmoid } from '../../../src/protocols/fixed/quick-sigmoid.js';
import { reciprocal } from '../../../src/protocols/fixed/reciprocal.js';
import { sigmoid, tanh } from '../../../src/protocols/fixed/sigmoid.js';
import { inverseSquareRoot, squareRoot } from '../../../src/protocols/fixed/square-root.js';
import type { Fixed } from '../../../src/share/fixed.js';

export type AnyWidthFunction = <W extends FunctionWidth>(ctx: Context, x: Fixed<W>) => Promise<Fixed<W>>;

/** A function on a domain of real numbers, and how its error is counted. */
export interface Entry {
  readonly name: string;
  readonly run: AnyWidthFunction;
  /** What it is to give, beyond the ends where it saturates too. */
  readonly of: (x: number, fraction: number) => number;
  readonly domain: readonly [number, number];
  /** Mixed: relative above 0, absolute below. */
  readonly error: 'relative' | 'absolute' | 'mixed';
  /** The error allowed; that of the ring where absent. */
  readonly goal?: number;
}

/** Both rings, with the error that the functions may have (or 2 units in the last place). */
export const RINGS = [
  { width: 64, fraction: 20, goal: 2 ** -16 },
  { width: 128, fraction: 40, goal: 2 ** -32 },
] as const;

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));
const smallest = (fraction: number): number => 2 ** -Math.ceil(fraction / 2);
const LOW = 2 ** -10;
const HIGH = 2 ** 20;

function reciprocalOf(x: number, fraction: number): number {
  return (x < 0 ? -1 : 1) / Math.max(Math.abs(x), smallest(fraction));
}

function inverseRootOf(x: number, fraction: number): number {
  return 1 / Math.sqrt(Math.max(x, smallest(fraction)));
}

function logarithmOf(x: number, fraction: number): number {
  return Math.log(Math.max(x, 2 ** -fraction));
}

export const FUNCTIONS: readonly Entry[] = [
  { name: 'reciprocal', run: reciprocal, of: reciprocalOf, domain: [LOW, HIGH], error: 'relative' },
  { name: 'reciprocal', run: reciprocal, of: reciprocalOf, domain: [-HIGH, HIGH], error: 'relative' },
  { name: 'squareRoot', run: squareRoot, of: Math.sqrt, domain: [0, HIGH], error: 'relative' },
  {
    name: 'squareRoot',
    run: squareRoot,
    of: (x) => Math.sqrt(Math.max(x, 0)),
    domain: [-HIGH, HIGH],
    error: 'relative',
  },
  {
    name: 'inverseSquareRoot',
    run: inverseSquareRoot,
    of: inverseRootOf,
    domain: [LOW, HIGH],
    error: 'relative',
  },
  {
    name: 'inverseSquareRoot',
    run: inverseSquareRoot,
    of: inverseRootOf,
    domain: [-HIGH, HIGH],
    error: 'relative',
  },
  { name: 'logarithm', run: logarithm, of: logarithmOf, domain: [LOW, HIGH], error: 'absolute' },
  { name: 'logarithm', run: logarithm, of: logarithmOf, domain: [-HIGH, HIGH], error: 'absolute' },
  { name: 'exponential', run: exponential, of: Math.exp, domain: [-20, 14], error: 'mixed' },
  { name: 'exponential', run: exponential, of: Math.exp, domain: [-20, 0], error: 'mixed' },
  {
    name: 'exponential',
    run: exponential,
    of: (x, fraction) => Math.exp(Math.min(x, (fraction === 20 ? 21 : 22) * Math.LN2)),
    domain: [-HIGH, HIGH],
    error: 'mixed',
  },
  { name: 'sigmoid', run: sigmoid, of: sigmoidOf, domain: [-15, 15], error: 'absolute' },
  { name: 'sigmoid', run: sigmoid, of: sigmoidOf, domain: [-HIGH, HIGH], error: 'absolute' },
  { name: 'tanh', run: tanh, of: Math.tanh, domain: [-7, 7], error: 'absolute' },
  { name: 'tanh', run: tanh, of: Math.tanh, domain: [-HIGH, HIGH], error: 'absolute' },
  {
    name: 'quickSigmoid',
    run: quickSigmoid,
    of: sigmoidOf,
    domain: [-15, 15],
    error: 'absolute',
    goal: 2 ** -14,
  },
  {
    name: 'quickSigmoid',
    run: quickSigmoid,
    of: sigmoidOf,
    domain: [-100, 100],
    error: 'absolute',
    goal: 2 ** -14,
  },
  {
    name: 'quickSigmoid',
    run: quickSigmoid,
    of: sigmoidOf,
    domain: [-HIGH, HIGH],
    error: 'absolute',
    goal: 2 ** -14,
  },
];
