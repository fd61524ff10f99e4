/**
 * Sigmoid and hyperbolic tangent of binary fractions.
 *
 * Functionality: 1/(1 + exp(-x)) and tanh(x), with the fraction of x, for every x: beyond +-16 (+-8 for tanh; twice that
 *   in the wide ring) they are those of the end, 1.1e-7 from their limits (1.3e-14).
 * Protocol: polynomials of degree 4 (12 in the wide ring) on 32 stretches (piecewise.ts). Both signs have stretches of
 *   their own: one bit more of lookup is cheaper than taking |x| and giving the sign back.
 * Cost (rep3, 64 bits, fraction of 20, x from -15 to 15): 17 rounds, 156.6 bytes; 9 and 42 more where x is to be clamped.
 * Error: docs/fixed-point.md. Reveals: nothing. Fails: BOUND_NOT_PROVED where x is too wide to be clamped.
 */
import type { Fixed } from '../../share/fixed.js';
import type { Context } from '../context.js';
import type { FunctionWidth } from './forms.js';
import { type Pieces, piecesOf, piecewise } from './piecewise.js';

const SHAPE = { 64: { half: 16, bits: 5, degree: 4 }, 128: { half: 32, bits: 5, degree: 12 } } as const;

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

const SIGMOID: Readonly<Record<FunctionWidth, Pieces>> = {
  64: piecesOf(sigmoidOf, SHAPE[64], { min: 0, max: 1 }),
  128: piecesOf(sigmoidOf, SHAPE[128], { min: 0, max: 1 }),
};

/** tanh(x) = 2 sigmoid(2x) - 1. */
const TANH: Readonly<Record<FunctionWidth, Pieces>> = {
  64: piecesOf(Math.tanh, { ...SHAPE[64], half: 8 }, { min: -1, max: 1 }),
  128: piecesOf(Math.tanh, { ...SHAPE[128], half: 16 }, { min: -1, max: 1 }),
};

/** 1/(1 + exp(-x)). */
export async function sigmoid<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  return await piecewise(ctx, x, SIGMOID[x.value.width]);
}

/** tanh(x). */
export async function tanh<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  return await piecewise(ctx, x, TANH[x.value.width]);
}
