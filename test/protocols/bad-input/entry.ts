/** A protocol on inputs of any shape, and what it does with each. */
import type { Context } from '../../../src/protocols/context.js';
import { type Inputs, SHAPES, type Shape } from './inputs.js';

export interface Entry {
  /** 'works', or the name of the error. */
  readonly expected: Readonly<Record<Shape, string>>;
  /** Units by which results on shares may differ from those of the plain backend; of random ones only sizes are compared. */
  readonly within: bigint | 'random';
  readonly run: Run;
}

/** By the name of the protocol. */
export type Entries = Readonly<Record<string, Entry>>;

type Run = (ctx: Context, inp: Inputs) => Promise<unknown>;

const OUTCOMES: Readonly<Record<string, string>> = { w: 'works', r: 'RangeError', b: 'BOUND_NOT_PROVED' };

/** @param letters one for each shape, in their order (inputs.ts): it works, or fails by r or b. */
export function entry(letters: string, run: Run, within: bigint | 'random' = 0n): Entry {
  const shapes = Object.keys(SHAPES) as Shape[];
  const expected = Object.fromEntries(shapes.map((shape, i) => [shape, OUTCOMES[letters[i] ?? ''] ?? '']));
  return { expected: expected as Record<Shape, string>, within, run };
}
