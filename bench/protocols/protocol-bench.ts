/** A bench of one protocol: inputs, the program that all nodes run, and its result in plain arithmetic. */
import type { Cost } from '../../src/core/cost.js';
import type { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { RingVector } from '../../src/kernels/ring-vector.js';
import { Context } from '../../src/protocols/context.js';
import { DryBackend } from '../../src/protocols/dry/backend.js';
import type { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';
import { type Dealer, DRY_DEALER } from './dealer.js';

export type SharedResult = ArithmeticShare<64> | BinaryShare;
export type PlainResult = RingVector | BitMatrix;

export interface ProtocolBench {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** Items unless the person says otherwise. */
  readonly items: number;
  /** Operations in a row in one run, each after the one before. */
  readonly repeat: number;
  /** Deals the inputs; what comes back runs the protocol on them, as often as it is called. */
  readonly prepare: (deal: Dealer, n: number) => (ctx: Context) => Promise<SharedResult>;
  readonly expected: (n: number) => PlainResult;
}

/** What one run costs by the dry run: `repeat` operations. */
export async function dryCost(bench: ProtocolBench, n: number): Promise<Cost> {
  const backend = new DryBackend();
  await bench.prepare(DRY_DEALER, n)(Context.root(backend, 'bench'));
  return backend.cost;
}
