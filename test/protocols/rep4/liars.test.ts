/** A node that goes on lying: other parts, other streams, every message altered, and a false claim to have been lied to. */
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP4 } from '../../../src/core/scheme.js';
import type { StepPath } from '../../../src/core/step.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { kernels } from '../../../src/kernels/kernels.js';
import { openToNodes } from '../../../src/protocols/open.js';
import { TagKeys } from '../../../src/protocols/rep4/tag-keys.js';
import { TEST_SEED, TestRandom } from '../../support/random.js';
import {
  type Dealer,
  type NodeRun,
  type Program,
  runEach,
  testKeys,
  testTagKeys,
} from '../../support/world.js';
import { CASES } from '../cases.js';
import { type Digest, digestOf, eachOf, errorOf, harm, honestly, programOf } from './lies.js';
import { LENGTH, type Made, PRIMITIVES } from './primitives.js';

/** By how much an altered part is off: not only in bits that a truncation drops, or in those that it keeps. */
const OFF = (1n << 62n) + (1n << 40n) + (1n << 25n) + 1n;

/** Deals another part. */
function otherPart(dealer: Dealer, at: number): Dealer {
  return {
    ring: (name, width, n, bounds, values) => {
      const share = dealer.ring(name, width, n, bounds, values);
      return share.with({
        parts: share.parts.map((part, i) => (i === at ? kernels.addConstant(part, OFF) : part)),
      });
    },
    bits: (name, rows, n, values) => {
      const share = dealer.bits(name, rows, n, values);
      const ones = BitMatrix.fromBits(Array.from({ length: rows }, () => Array.from({ length: n }, () => 1)));
      return share.with({ parts: share.parts.map((part, i) => (i === at ? kernels.xor(part, ones) : part)) });
    },
  };
}

/** Errors of honest nodes that caught a liar: all must name it; the other nodes wait, or have ended before. */
function caught(runs: readonly NodeRun<unknown>[], liar: NodeIndex): WarifuError[] {
  const honest = REP4.nodes.filter((node) => node !== liar);
  const errors = honest.flatMap((node) => errorOf(runs[node] as NodeRun<unknown>) ?? []);
  for (const { code } of errors) expect(['COPIES_DIFFER', 'NO_PROGRESS']).toContain(code);
  const catching = errors.filter(({ code }) => code === 'COPIES_DIFFER');
  for (const { details } of catching) expect(details.nodes).toContain(String(liar));
  if (catching.length === 0) expect(errors).toEqual([]);
  return catching;
}

function expectCaught(runs: readonly NodeRun<unknown>[], liar: NodeIndex): void {
  expect(caught(runs, liar)).not.toEqual([]);
}

const EACH_PART = REP4.nodes.flatMap((liar) =>
  partsHeldBy(REP4, liar).map((part, at) => ({ liar, part, at })),
);

// Inputs of nodes and orders are not dealt.
describe.each(PRIMITIVES.filter(({ name }) => name !== 'input'))('$name', (primitive) => {
  const program = programOf(primitive);

  it('catches a node that computes with another part wherever it matters, and names it', async () => {
    const honest = await honestly(program);
    const everCaught = new Set<NodeIndex>();
    await eachOf(EACH_PART, async ({ liar, at }) => {
      const lying: Program<Digest> = (ctx, deal) =>
        program(ctx, ctx.backend.self === liar ? otherPart(deal, at) : deal);
      const runs = await runEach(REP4, lying);
      // Not all parts are used everywhere, and of the node that the first hop of a shuffle leaves out none is: then it has
      // told no lie.
      if (caught(runs, liar).length > 0) everCaught.add(liar);
      expect(harm({ from: liar, runs }, honest)).toEqual([]);
    });
    expect(everCaught.size).toBeGreaterThanOrEqual(3);
  });

  it('catches a node that alters all its messages, and names it', async () => {
    const honest = await honestly(program);
    await eachOf(REP4.nodes, async (liar) => {
      const runs = await runEach(REP4, program, ({ from, bytes }) =>
        from === liar ? bytes.map((byte) => byte ^ 1) : undefined,
      );
      expectCaught(runs, liar);
      expect(harm({ from: liar, runs }, honest)).toEqual([]);
    });
  });
});

describe('a node with other streams', () => {
  const program = programOf(PRIMITIVES.find(({ name }) => name === 'multiply') ?? (PRIMITIVES[0] as never));

  it.each(EACH_PART)('is caught and named: node $liar, part $part', async ({ liar, part }) => {
    const honest = await honestly(program);
    const other = new TestRandom('another key').bytes(32);
    const keysOf = (node: NodeIndex): ReadonlyMap<PartIndex, Uint8Array> => {
      const keys = testKeys(node, TEST_SEED, REP4);
      return node === liar ? new Map(keys).set(part, other) : keys;
    };
    const runs = await runEach(REP4, program, undefined, keysOf);
    expectCaught(runs, liar);
    expect(harm({ from: liar, runs }, honest)).toEqual([]);
  });
});

describe('a node that says it was lied to', () => {
  it.each(REP4.nodes)('only ends the computation: node %i', async (liar) => {
    const values = [1n, 2n, 3n];
    const program: Program<bigint[]> = async (ctx, deal) => {
      const x = deal.ring('x', 64, 3, { min: 0n, max: 9n }, () => values);
      const y = await ctx.backend.multiply(ctx.step('multiply'), x, x, { min: 0n, max: 81n });
      if (ctx.backend.self === liar) {
        const details = { step: 'test/multiply', nodes: ['0', '1'] };
        throw new WarifuError('COPIES_DIFFER', 'node 0 or node 1 lied', details);
      }
      return await openToNodes(ctx.step('open'), y);
    };
    const runs = await runEach(REP4, program);
    for (const node of REP4.nodes.filter((own) => own !== liar)) {
      const error = errorOf(runs[node] as NodeRun<unknown>);
      expect(error?.code).toBe('NO_PROGRESS');
      expect(error?.details.from).toBe(liar);
    }
  });
});

/** Messages of a protocol that are attacked: a prime, so that they come from all senders and places. */
const SAMPLED = 5;

describe.each(CASES.filter(({ sends }) => sends))('$name', ({ program }) => {
  it('catches lies about a sample of its messages, and names the liar', async () => {
    const digested: Program<Digest> = async (ctx, deal) =>
      digestOf([(await program(ctx, deal, LENGTH, 1)) as Made]);
    const honest = await honestly(digested);
    const messages = honest.flatMap(({ sent }) => sent);
    const targets = Array.from(
      { length: SAMPLED },
      (_, i) => messages[Math.floor(((i + 0.5) * messages.length) / SAMPLED)] as (typeof messages)[number],
    );
    await eachOf(targets, async (target) => {
      const { from, to, step, tag } = target;
      const runs = await runEach(REP4, digested, (message) =>
        message.from === from && message.to === to && message.step === step && message.tag === tag
          ? message.bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
          : undefined,
      );
      expectCaught(runs, from);
      expect(errorOf(runs[to] as NodeRun<unknown>)?.details.step).toBe(step);
      expect(harm({ from, target, runs }, honest)).toEqual([]);
    });
  });
});

describe('keys of tags', () => {
  const step = 'test' as StepPath;

  it('are those of the other node, one for each direction, step and message', () => {
    const [one, other] = [testTagKeys(0, 1), testTagKeys(1, 1)];
    const key = one.toPeer(1, step, 'a');
    expect(other.fromPeer(0, step, 'a')).toEqual(key);
    const others = [
      one.fromPeer(1, step, 'a'),
      one.toPeer(1, step, 'b'),
      one.toPeer(1, 'test/b' as StepPath, 'a'),
      one.toPeer(2, step, 'a'),
      testTagKeys(0, 2).toPeer(1, step, 'a'),
    ];
    expect(new Set([key, ...others].map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(6);
  });

  it('are given once', () => {
    const keys = testTagKeys(0, 1);
    keys.toPeer(1, step, 'a');
    expect(() => keys.toPeer(1, step, 'a')).toThrow(expect.objectContaining({ code: 'RANDOMNESS_REUSED' }));
    keys.fromPeer(1, step, 'a');
    expect(() => keys.fromPeer(1, step, 'a')).toThrow(expect.objectContaining({ code: 'RANDOMNESS_REUSED' }));
  });

  it('are not there for the node itself, nor made of keys of another length', () => {
    expect(() => testTagKeys(0, 1).toPeer(0, step, 'a')).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(() => new TagKeys(0, new Map([[1, new Uint8Array(31)]]))).toThrow(RangeError);
  });
});
