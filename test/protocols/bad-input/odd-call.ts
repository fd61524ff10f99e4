/** A call on five rows that makes no sense, or only just does. */
import type { Context } from '../../../src/protocols/context.js';
import type { Inputs } from './inputs.js';

type Expected = 'works' | 'RangeError' | 'TypeError' | 'BOUND_NOT_PROVED';

export interface OddCall {
  readonly title: string;
  readonly expected: Expected;
  readonly run: (ctx: Context, inp: Inputs) => Promise<unknown>;
}

export function odd(title: string, expected: Expected, run: OddCall['run']): OddCall {
  return { title, expected, run };
}
