/**
 * Is the result of a bench right? Each node gives of each part that it holds a digest, the sum (XOR for bits) of all
 * words, and a fixed sample of words; the parent puts them together and compares with plain arithmetic.
 */
import { createHash } from 'node:crypto';
import { WarifuError } from '../../src/core/errors.js';
import type { PartIndex } from '../../src/core/scheme.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { RingVector } from '../../src/kernels/ring-vector.js';
import { ArithmeticShare } from '../../src/share/shares.js';
import type { Approximate, PlainResult, SharedResult } from './protocol-bench.js';

/** Words that are compared one by one; all of them where there are fewer. */
const SAMPLE = 16_384;

/** What a node tells of one part of its result. */
export interface PartSummary {
  readonly part: PartIndex;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly total: bigint;
  readonly sample: BigUint64Array;
}

type Join = (a: bigint, b: bigint) => bigint;
const add: Join = (a, b) => BigInt.asUintN(64, a + b);
const xor: Join = (a, b) => a ^ b;

export function summarise(result: SharedResult): PartSummary[] {
  const join = result instanceof ArithmeticShare ? add : xor;
  return result.held.map((part, i) => {
    const words = wordsOf(result.parts[i]!);
    const digest = createHash('sha256')
      .update(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
      .digest('hex');
    return { part, digest, total: words.reduce(join, 0n), sample: sampleOf(words) };
  });
}

/**
 * @param parts of all nodes.
 * @returns the largest error of results that are approximate, else undefined.
 * @throws WarifuError COPIES_DIFFER, or INTERNAL naming the first word that is wrong.
 */
export function verify(parts: readonly PartSummary[], expected: PlainResult): number | undefined {
  const all = distinctParts(parts);
  if (!('kind' in expected)) verifyExactly(all, expected);
  else if (expected.kind === 'approximate') return largestError(all, expected);
  else verifyRearranged(all, expected.length);
  return undefined;
}

function distinctParts(parts: readonly PartSummary[]): PartSummary[] {
  const byPart = new Map<PartIndex, PartSummary>();
  for (const summary of parts) {
    const other = byPart.get(summary.part);
    if (other !== undefined && other.digest !== summary.digest) {
      throw new WarifuError('COPIES_DIFFER', `the two copies of part ${summary.part} of the result differ`);
    }
    byPart.set(summary.part, summary);
  }
  return [...byPart.values()];
}

/** Over the sampled words. */
function largestError(all: readonly PartSummary[], expected: Approximate): number {
  const sample = all[0]?.sample ?? new BigUint64Array();
  return sample.reduce((largest, _, i) => {
    const word = all.map((part) => part.sample[i] ?? 0n).reduce(add, 0n);
    const found = Number(BigInt.asIntN(64, word)) / 2 ** expected.fraction;
    const value = expected.valueAt(positionOf(i, expected.length));
    const error = Math.abs(found - value) / (expected.error === 'relative' ? Math.abs(value) : 1);
    if (!(error <= expected.allowed)) {
      throw wrong(`word ${positionOf(i, expected.length)} is ${found}, expected ${value}, which`);
    }
    return Math.max(largest, error);
  }, 0);
}

/** The sum of all, and of the sample that each is one of them and none is there twice. */
function verifyRearranged(all: readonly PartSummary[], length: number): void {
  const sample = (all[0]?.sample ?? new BigUint64Array()).map((_, i) =>
    all.map((part) => part.sample[i] ?? 0n).reduce(add, 0n),
  );
  if (sample.some((word) => word >= BigInt(length))) throw wrong('a word that is none of the input');
  if (new Set(sample).size !== sample.length) throw wrong('a word that is there twice');
  const n = BigInt(length);
  if (all.map(({ total }) => total).reduce(add, 0n) !== (n * (n - 1n)) / 2n)
    throw wrong('the sum of all words');
}

function verifyExactly(all: readonly PartSummary[], expected: RingVector | BitMatrix): void {
  const join = expected instanceof BitMatrix ? xor : add;
  const words = wordsOf(expected);
  sampleOf(words).forEach((word, i) => {
    const found = all.map(({ sample }) => sample[i] ?? 0n).reduce(join, 0n);
    if (found !== word) throw wrong(`word ${positionOf(i, words.length)} of ${words.length}`);
  });
  if (all.map(({ total }) => total).reduce(join, 0n) !== words.reduce(join, 0n)) {
    throw wrong(`the sum of ${words.length} words`);
  }
}

function wrong(what: string): WarifuError {
  return new WarifuError('INTERNAL', `the result is wrong: ${what} differs from plain arithmetic`);
}

function wordsOf(vector: RingVector | BitMatrix): BigUint64Array {
  if (vector instanceof BitMatrix) return vector.words;
  if (vector.data instanceof BigUint64Array) return vector.data;
  throw new RangeError('results of benches have 64-bit words');
}

function sampleOf(words: BigUint64Array): BigUint64Array {
  return new BigUint64Array(Math.min(SAMPLE, words.length)).map(
    (_, i) => words[positionOf(i, words.length)]!,
  );
}

/** Spread evenly, the first at 0. */
function positionOf(i: number, length: number): number {
  return Math.floor((i * length) / Math.min(SAMPLE, length));
}
