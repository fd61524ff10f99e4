/** A bench of one protocol: inputs, the program that all nodes run, and its result in plain arithmetic. */
import type { Cost } from '../../src/core/cost.js';
import type { Scheme } from '../../src/core/scheme.js';
import type { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { RingVector } from '../../src/kernels/ring-vector.js';
import { Context } from '../../src/protocols/context.js';
import { DryBackend } from '../../src/protocols/dry/backend.js';
import type { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';
import { type Dealer, DRY_DEALER } from './dealer.js';

export type SharedResult = ArithmeticShare<64> | BinaryShare;
export type PlainResult = RingVector | BitMatrix | Approximate | Rearranged;

/** The numbers from 0 to length-1 in some order. */
export interface Rearranged {
  readonly kind: 'rearranged';
  readonly length: number;
}

/** Binary fractions that a protocol gives up to a stated error. */
export interface Approximate {
  readonly kind: 'approximate';
  readonly length: number;
  /** A word stands for its signed value times 2^-fraction. */
  readonly fraction: number;
  readonly valueAt: (i: number) => number;
  /** What the largest error is measured by, and what it may be. */
  readonly error: 'absolute' | 'relative';
  readonly allowed: number;
}

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

/** What one run costs by the dry run: `repeat` operations. Equal unless the cost depends on coins. */
export interface DryCosts {
  readonly expected: Cost;
  readonly bound: Cost;
}

export async function dryCosts(bench: ProtocolBench, n: number, scheme: Scheme): Promise<DryCosts> {
  const backend = new DryBackend(scheme);
  await bench.prepare(DRY_DEALER, n)(Context.root(backend, 'bench'));
  return { expected: backend.cost, bound: backend.bound };
}

/** Why a measured cost is not one that the dry run allows; undefined where it is. */
export function costFault(name: string, cost: Cost, { expected, bound }: DryCosts): string | undefined {
  const text = JSON.stringify(cost);
  if (isEstimated({ expected, bound })) {
    const within =
      cost.rounds <= bound.rounds && cost.bytes.every((bytes, node) => bytes <= (bound.bytes[node] ?? 0));
    return within ? undefined : `${name} cost ${text}, above the bound ${JSON.stringify(bound)}`;
  }
  const derived = JSON.stringify(expected);
  return text === derived ? undefined : `${name} cost ${text}, and the dry run derives ${derived}`;
}

/** Whether the cost depends on coins. */
export function isEstimated({ expected, bound }: DryCosts): boolean {
  return JSON.stringify(expected) !== JSON.stringify(bound);
}
