/**
 * What a program would cost, run dry beside the computation: for choosing between protocols and for estimates.
 */
import { REP3, type Scheme } from '../../core/scheme.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Estimate } from '../backend.js';
import { Context } from '../context.js';
import { DryBackend } from './backend.js';

/** Expectation and bound; equal for a program without estimated steps. Where nothing is sent, as for three nodes. */
export async function costOf(scheme: Scheme, program: (ctx: Context) => Promise<unknown>): Promise<Estimate> {
  const backend = new DryBackend(scheme.parts.length === 1 ? REP3 : scheme);
  await program(Context.root(backend, 'cost'));
  return { expected: backend.cost, bound: backend.bound };
}

/** A vector without data. */
export function dryVector<W extends RingWidth>(width: W, length: number, bounds: Bounds): ArithmeticShare<W> {
  return new ArithmeticShare({ width, length, bounds, held: [], parts: [], clock: 0 });
}

/** Bits without data. */
export function dryBits(rows: number, length: number): BinaryShare {
  return new BinaryShare({ rows, length, held: [], parts: [], clock: 0 });
}
