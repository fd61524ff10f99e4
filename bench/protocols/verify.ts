/**
 * Is the result of a bench right? Each node gives of each part that it holds a digest, the sum (XOR for bits) of all
 * words, and a fixed sample of words; the parent puts them together and compares with plain arithmetic.
 */
import { createHash } from 'node:crypto';
import { WarifuError } from '../../src/core/errors.js';
import type { PartIndex } from '../../src/core/scheme.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { ArithmeticShare } from '../../src/share/shares.js';
import type { PlainResult, SharedResult } from './protocol-bench.js';

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
 * @throws WarifuError COPIES_DIFFER, or INTERNAL naming the first word that is wrong.
 */
export function verify(parts: readonly PartSummary[], expected: PlainResult): void {
  const byPart = new Map<PartIndex, PartSummary>();
  for (const summary of parts) {
    const other = byPart.get(summary.part);
    if (other !== undefined && other.digest !== summary.digest) {
      throw new WarifuError('COPIES_DIFFER', `the two copies of part ${summary.part} of the result differ`);
    }
    byPart.set(summary.part, summary);
  }
  const all = [...byPart.values()];
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

function wordsOf(vector: PlainResult): BigUint64Array {
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
