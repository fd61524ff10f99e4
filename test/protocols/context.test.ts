import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import type { PartIndex, Scheme } from '../../src/core/scheme.js';
import { rootStep, type StepPath } from '../../src/core/step.js';
import type { Backend } from '../../src/protocols/backend.js';
import { Context } from '../../src/protocols/context.js';
import { multiply } from '../../src/protocols/multiply.js';
import { openToNodes, release } from '../../src/protocols/open.js';
import { PlainBackend } from '../../src/protocols/plain/backend.js';
import { KeyedRandomness, type MaskStream } from '../../src/protocols/randomness.js';
import type { ArithmeticShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { isCheck } from '../support/view.js';
import { type Program, runNodes, SCHEMES, testKeys } from '../support/world.js';
import { CASES } from './cases.js';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WarifuError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

const root = (): Context => Context.root(new PlainBackend() as Backend, 'test');

describe('steps', () => {
  it('are named once in their parent', () => {
    const ctx = root();
    expect(ctx.step('a').path).toBe('test/a');
    expect(ctx.step('b').step('a').path).toBe('test/b/a');
    expect(codeOf(() => ctx.step('a'))).toBe('STEP_REUSED');
  });

  it('serve one primitive, or further steps', () => {
    const claimed = root();
    claimed.claim();
    expect(codeOf(() => claimed.claim())).toBe('STEP_REUSED');
    expect(codeOf(() => claimed.step('child'))).toBe('STEP_REUSED');
    const parent = root();
    parent.step('child');
    expect(codeOf(() => parent.claim())).toBe('STEP_REUSED');
  });

  it.each(SCHEMES)('stop a protocol that runs twice in one step: $name', async (scheme) => {
    const twice: Program<unknown> = async (ctx, deal) => {
      const x = deal.ring('x', 64, 3, { min: 0n, max: 9n }, () => [1n, 2n, 3n]);
      await multiply(ctx, x, x);
      return await multiply(ctx, x, x);
    };
    await expect(runNodes(scheme, twice)).rejects.toMatchObject({ code: 'STEP_REUSED' });
  });

  it.each(['', 'A', 'a/b', 'ä', 'a b'])('refuse the name %j', (name) => {
    expect(codeOf(() => root().step(name))).toBe('INTERNAL');
  });

  it('have a longest path', () => {
    let ctx = root();
    expect(
      codeOf(() => {
        for (;;) ctx = ctx.step('deeper');
      }),
    ).toBe('INTERNAL');
  });
});

/** The stream of part 1 under the keys of seed 1, by node:crypto alone. */
function expectedStream(step: string, label: string, length: number): Buffer {
  const key = testKeys(0, 1).get(1) as Uint8Array;
  const message = Buffer.concat([
    key,
    Buffer.alloc(32),
    Buffer.from(`warifu stream v2\0${1}\0${step}\0${label}`),
  ]);
  const streamKey = createHash('sha256').update(message).digest();
  const cipher = createCipheriv('aes-128-ctr', streamKey.subarray(0, 16), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

describe('keyed randomness', () => {
  const step = rootStep('step');
  const keys = (seed: number): KeyedRandomness => new KeyedRandomness(testKeys(0, seed));
  const hex = (r: KeyedRandomness, part: PartIndex, at: StepPath, label: string): string =>
    Buffer.from(r.ring(part, at, label, 64, 4).bytes()).toString('hex');

  it('gives a stream once, whatever its shape', () => {
    const randomness = keys(1);
    randomness.ring(0, step, 'mask', 64, 4);
    expect(codeOf(() => randomness.ring(0, step, 'mask', 64, 4))).toBe('RANDOMNESS_REUSED');
    expect(codeOf(() => randomness.ring(0, step, 'mask', 32, 1))).toBe('RANDOMNESS_REUSED');
    expect(codeOf(() => randomness.bits(0, step, 'mask', 1, 1))).toBe('RANDOMNESS_REUSED');
  });

  it('differs by key, part, step and label', () => {
    const randomness = keys(1);
    const streams = [
      hex(randomness, 0, step, 'mask'),
      hex(randomness, 1, step, 'mask'),
      hex(randomness, 0, rootStep('step-2'), 'mask'),
      hex(randomness, 0, step, 'mask-2'),
      // A border between step and label that moved would give the same stream.
      hex(randomness, 0, rootStep('ste'), 'pmask'),
      hex(keys(2), 0, step, 'mask'),
    ];
    expect(new Set(streams).size).toBe(streams.length);
  });

  it.each([32, 64, 128] as const)(
    'is AES-128-CTR under HMAC-SHA256 of step and label, over %i bits',
    (width) => {
      const bytes = keys(1).ring(1, step, 'mask', width, 5).bytes();
      expect(Buffer.from(bytes)).toEqual(expectedStream('step', 'mask', (width / 8) * 5));
    },
  );

  it('gives bits of the same stream, cleared after the end of each row', () => {
    const expected = expectedStream('step', 'mask', 32);
    expected.fill(0, 9, 16).fill(0, 25, 32);
    expected[8] = (expected[8] ?? 0) & 1;
    expected[24] = (expected[24] ?? 0) & 1;
    expect(Buffer.from(keys(1).bits(1, step, 'mask', 2, 65).bytes())).toEqual(expected);
  });

  it('gives the same stream piece by piece, once and up to its end', () => {
    const pieces = (stream: MaskStream, ...lengths: number[]): Buffer =>
      Buffer.concat(lengths.map((length) => stream.next(length)));
    const randomness = keys(1);
    const ring = randomness.ringStream(1, step, 'mask', 64, 5);
    expect(pieces(ring, 8, 0, 16, 16)).toEqual(expectedStream('step', 'mask', 40));
    expect(() => ring.next(8)).toThrow(RangeError);
    expect(codeOf(() => randomness.ring(1, step, 'mask', 64, 5))).toBe('RANDOMNESS_REUSED');
    expect(codeOf(() => randomness.bitStream(1, step, 'mask', 1, 5))).toBe('RANDOMNESS_REUSED');
    const bits = keys(1).bitStream(1, step, 'mask', 2, 65);
    expect(pieces(bits, 24, 8)).toEqual(expectedStream('step', 'mask', 32));
    expect(() => bits.next(1)).toThrow(RangeError);
  });

  it('is the same at both holders of a part', () => {
    const node2 = new KeyedRandomness(testKeys(2, 1));
    expect(hex(keys(1), 0, step, 'mask')).toBe(hex(node2, 0, step, 'mask'));
  });

  it('has no stream of a part that the node lacks', () => {
    expect(codeOf(() => keys(1).ring(2, step, 'mask', 64, 1))).toBe('INTERNAL');
  });

  it.each([0, 16, 31, 33])('refuses a key of %i bytes', (length) => {
    expect(() => new KeyedRandomness(new Map([[0, new Uint8Array(length)]]))).toThrow(RangeError);
  });
});

/** Every 16 bytes that cross the network, at every multiple of 8; of a message to two nodes (an input of four) once. */
async function blocksOf(scheme: Scheme, program: Program<unknown>, keySeed: number): Promise<string[]> {
  const network = new MemoryNetwork(scheme.nodes.length, { record: true });
  await runNodes(scheme, program, { keySeed, dealSeed: 7, network });
  network.close();
  const messages = scheme.nodes.flatMap((node) => network.transcript(node));
  const named = messages.map(({ from, step, tag, bytes }) => {
    const text = Buffer.from(bytes).toString('hex');
    return [`${from} ${step} ${tag} ${text}`, text] as const;
  });
  const blocks = [...new Map(named).values()].flatMap((text) =>
    Array.from({ length: Math.max(0, Math.floor(text.length / 16) - 1) }, (_, i) =>
      text.slice(16 * i, 16 * i + 32),
    ),
  );
  // Which message arrives first may depend on turns of the event loop.
  return blocks.toSorted();
}

describe('fresh keys', () => {
  // Three words a row; shorter messages hold no 16 random bytes.
  const n = 192;
  const folded = ['column-in-range', 'missing-slots-are-zero', 'all-bits'];
  const cases = CASES.filter(
    ({ name, sends, composite }) => sends && composite !== true && !folded.includes(name),
  );

  describe.each(SCHEMES)('$name', (scheme) => {
    it.each(cases)('share no 16 bytes with another run on the same inputs: $name', async ({ program }) => {
      const run: Program<unknown> = (ctx, deal) => program(ctx, deal, n, 0);
      const blocks = (keySeed: number): Promise<string[]> => blocksOf(scheme, run, keySeed);
      const [one, same, other] = [await blocks(1), await blocks(1), await blocks(2)];
      expect(same).toEqual(one);
      const seen = new Set(one);
      expect(other.filter((block) => seen.has(block))).toEqual([]);
      // Nor twice within a run.
      expect(seen.size).toBe(one.length);
    });
  });
});

describe('openings and releases', () => {
  const values = [5n, 5n, 5n, 5n];
  const x = (deal: Parameters<Program<unknown>>[1]) =>
    deal.ring('x', 64, values.length, { min: 0n, max: 9n }, () => values);

  it.each(SCHEMES)(
    'an opening shows what the shares and the value determine, whatever the keys are: $name',
    async (scheme) => {
      const transcripts = await Promise.all(
        [1, 2].map(async (keySeed) => {
          const network = new MemoryNetwork(scheme.nodes.length, { record: true });
          const program: Program<bigint[]> = (ctx, deal) => openToNodes(ctx, x(deal));
          const { results } = await runNodes(scheme, program, { keySeed, dealSeed: 7, network });
          expect(results).toEqual(scheme.nodes.map(() => values));
          // Tags are of what the same node receives, under keys that it has.
          return scheme.nodes.map((node) => network.transcript(node).filter((message) => !isCheck(message)));
        }),
      );
      expect(transcripts[1]).toEqual(transcripts[0]);
    },
  );

  it.each(SCHEMES)(
    'equal released values have parts that differ from each other and from run to run: $name',
    async (scheme) => {
      const runs = await Promise.all(
        [1, 2].map(async (keySeed) => {
          const program: Program<ArithmeticShare<64>> = (ctx, deal) => release(ctx, x(deal));
          const { results } = await runNodes(scheme, program, { keySeed, dealSeed: 7 });
          const copies = results.flatMap(({ held, parts }) =>
            held.map((part, i) => [part, parts[i]] as const),
          );
          return [...new Map(copies).values()].flatMap((part) => part?.toBigInts() ?? []);
        }),
      );
      expect(new Set(runs.flat()).size).toBe(2 * scheme.parts.length * values.length);
    },
  );
});
