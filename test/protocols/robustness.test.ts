/**
 * A node that sends something else than the protocol says: for every message of every case. Three semi-honest
 * nodes do not promise to notice a wrong value; they promise never to crash, to hang or to send anything else than
 * before, and always to notice unequal copies.
 */
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { type NodeIndex, REP3 } from '../../src/core/scheme.js';
import type { StepPath } from '../../src/core/step.js';
import { openBitsToNodes, openToNodes } from '../../src/protocols/open.js';
import type { Envelope, Interceptor } from '../../src/transport/memory-network.js';
import { receivedBy } from '../support/view.js';
import { type NodeRun, type Program, runEach } from '../support/world.js';
import { CASES } from './cases.js';

/** One word and a bit: packed rows have a tail. */
const N = 65;

interface Message {
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly step: StepPath;
  readonly tag: string;
  readonly bytes: Uint8Array;
}

function is(message: Envelope, target: Message): boolean {
  return message.from === target.from && message.to === target.to && sameKey(message, target);
}

function sameKey(a: Message, b: Message): boolean {
  return a.step === b.step && a.tag === b.tag;
}

/** Runs a program while one message is replaced. */
function runWith<T>(
  program: Program<T>,
  target: Message,
  replace: (bytes: Uint8Array) => ReturnType<Interceptor>,
): Promise<NodeRun<T>[]> {
  return runEach(REP3, program, (message) => (is(message, target) ? replace(message.bytes) : undefined));
}

/** The errors of all nodes; every one must be typed and foreseen. */
function errorsOf(runs: readonly NodeRun<unknown>[]): (WarifuError | undefined)[] {
  return runs.map(({ outcome }) => {
    if (outcome.status === 'fulfilled') return undefined;
    const error: unknown = outcome.reason;
    if (!(error instanceof WarifuError) || error.code === 'INTERNAL') throw error;
    return error;
  });
}

function codesOf(runs: readonly NodeRun<unknown>[]): (string | undefined)[] {
  return errorsOf(runs).map((error) => error?.code);
}

/** Sorted: nodes of one process share its turns, so one that fails lets the steps of another go on earlier. */
function outline(messages: readonly Message[]): string[] {
  return messages.map((m) => `${m.to} ${m.step} ${m.tag} ${m.bytes.length}`).sort();
}

/** A node that ends well sent all its messages; one that stopped sent none that it would not have sent. */
function expectSameSending(run: NodeRun<unknown>, honest: NodeRun<unknown>): void {
  const [sent, whole] = [outline(run.sent), outline(honest.sent)];
  if (run.outcome.status === 'fulfilled') expect(sent).toEqual(whole);
  else expect(whole).toEqual(expect.arrayContaining(sent));
}

async function honestRun(program: Program<unknown>): Promise<NodeRun<unknown>[]> {
  const runs = await runEach(REP3, program);
  expect(codesOf(runs)).toEqual([undefined, undefined, undefined]);
  return runs;
}

/**
 * For every message of a run, or for a sample of them, all at once: most of the time is spent waiting for networks to be
 * found at rest.
 */
async function eachMessage(
  honest: readonly NodeRun<unknown>[],
  check: (target: Message) => Promise<void>,
  most: number,
): Promise<void> {
  const messages = honest.flatMap(({ sent }) => sent);
  const count = Math.min(most, messages.length);
  const sample = Array.from({ length: count }, (_, i) => messages[Math.floor((i * messages.length) / count)]);
  await Promise.all(sample.map((message) => check(message as Message)));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

const OPENINGS: { name: string; program: Program<unknown>; packed: boolean }[] = [
  { name: 'open-short', program: openingOf(3), packed: false },
  { name: 'open-long', program: openingOf(N), packed: false },
  { name: 'open-bits-short', program: bitOpeningOf(N), packed: true },
  { name: 'open-bits-long', program: bitOpeningOf(400), packed: true },
];

function openingOf(n: number): Program<bigint[]> {
  const values = Array.from({ length: n }, (_, i) => BigInt(i));
  return (ctx, deal) =>
    openToNodes(
      ctx,
      deal.ring('x', 64, n, { min: 0n, max: BigInt(n) }, () => values),
    );
}

function bitOpeningOf(n: number): Program<unknown> {
  const bits = [Array.from({ length: n }, (_, i) => i % 2)];
  return (ctx, deal) =>
    openBitsToNodes(
      ctx,
      deal.bits('x', 1, n, () => bits),
    );
}

/** Messages of a composite protocol that are attacked: a prime, so that they come from all senders and places. */
const SAMPLED = 11;

interface Attacked {
  readonly name: string;
  readonly program: Program<unknown>;
  readonly composite?: boolean | undefined;
  readonly coins?: boolean | undefined;
}

const PROGRAMS: Attacked[] = [
  ...CASES.filter(({ sends }) => sends).map(({ name, program, composite, coins }) => ({
    name,
    composite,
    coins,
    program: ((ctx, deal) => program(ctx, deal, N, 1)) as Program<unknown>,
  })),
  ...OPENINGS,
];

/** What a node may end with where another sent wrong numbers: unequal copies, an order that is none, and what follows. */
function codesAllowed(
  honest: readonly NodeRun<unknown>[],
  target: Message,
  coins: boolean,
): (string | undefined)[] {
  const sent = honest.flatMap((run) => run.sent);
  const opens = sent.some(({ tag }) => tag === 'part');
  const shows = sent.some(({ tag }) => tag === 'order-last');
  const copies = target.tag === 'part' || target.tag === 'copy';
  return [
    undefined,
    ...(copies || (opens && (shows || coins)) ? ['COPIES_DIFFER'] : []),
    ...(shows || coins ? ['PEER_MISBEHAVED', 'NO_PROGRESS'] : []),
    // Nodes that opened different bits go different ways.
    ...(coins ? ['MESSAGE_LENGTH', 'MESSAGE_FORM'] : []),
  ];
}

describe.each(PROGRAMS)('$name', ({ program, composite = false, coins = false }) => {
  const most = composite ? SAMPLED : Number.POSITIVE_INFINITY;
  /** Where the path depends on opened bits, a wrong one leads elsewhere. */
  const expectSending = coins ? () => undefined : expectSameSending;

  it('refuses every message of a wrong length, by step and sender', async () => {
    const honest = await honestRun(program);
    await eachMessage(
      honest,
      async (target) => {
        const { length } = target.bytes;
        for (const wrong of [length - 8, length + 8, 0].filter((size) => size >= 0 && size !== length)) {
          const runs = await runWith(program, target, () => new Uint8Array(wrong));
          const error = errorsOf(runs)[target.to];
          expect(error?.code).toBe('MESSAGE_LENGTH');
          expect(error?.details).toMatchObject({ step: target.step, from: target.from, got: wrong });
          runs.forEach((run, node) => expectSending(run, honest[node] as NodeRun<unknown>));
        }
      },
      most,
    );
  });

  it('names whom it waits for when a message is lost', async () => {
    const honest = await honestRun(program);
    await eachMessage(
      honest,
      async (target) => {
        const runs = await runWith(program, target, () => []);
        const error = errorsOf(runs)[target.to];
        expect(error?.code).toBe('NO_PROGRESS');
        expect(error?.details).toMatchObject({ from: target.from, step: target.step });
        expect(error?.message).toContain(`node ${target.from}`);
      },
      most,
    );
  });

  it('ends at a message that comes twice, unless it is the last of all', async () => {
    const honest = await honestRun(program);
    await eachMessage(
      honest,
      async (target) => {
        const runs = await runWith(program, target, (bytes) => [bytes, bytes]);
        // A receiver that has everything it waits for does not look at its channel again: the copy is ignored.
        expect(['FRAME_INVALID', undefined]).toContain(codesOf(runs)[target.to]);
        runs.forEach((run, node) => expectSending(run, honest[node] as NodeRun<unknown>));
      },
      most,
    );
  });

  it('goes on or ends by a typed error when a message is well-formed but wrong', async () => {
    const honest = await honestRun(program);
    // A view leaves rows where they are, which no sort by comparisons takes for a shuffle.
    const shapes = coins ? undefined : (await receivedShapes(program)).shapes;
    await eachMessage(
      honest,
      async (target) => {
        const columns =
          shapes?.get(target.step)?.kind === 'bits' ? shapes?.get(target.step)?.columns : undefined;
        const wrong = coins ? [] : [allOnes(target.bytes, columns)];
        for (const bytes of [flipped(target.bytes, 0), ...wrong]) {
          const runs = await runWith(program, target, () => bytes);
          const allowed = codesAllowed(honest, target, coins);
          for (const code of codesOf(runs)) expect(allowed).toContain(code);
          runs.forEach((run, node) => expectSending(run, honest[node] as NodeRun<unknown>));
        }
      },
      most,
    );
  });

  // Where the path depends on opened bits, the messages of another run have other shapes.
  it.skipIf(coins)('refuses bits after the end of a packed row', async () => {
    const honest = await honestRun(program);
    const { shapes } = await receivedShapes(program);
    await eachMessage(
      honest,
      async (target) => {
        const shape = shapes.get(target.step);
        if (shape?.kind !== 'bits' || shape.columns % 64 === 0) return;
        const last = 8 * Math.ceil(shape.columns / 64) - 1;
        const bytes = target.bytes.map((byte, i) => (i === last ? byte | 0x80 : byte));
        const runs = await runWith(program, target, () => bytes);
        expect(codesOf(runs)[target.to]).toBe('MESSAGE_FORM');
        runs.forEach((run, node) => expectSending(run, honest[node] as NodeRun<unknown>));
      },
      most,
    );
  });
});

function receivedShapes(program: Program<unknown>): ReturnType<typeof receivedBy> {
  return receivedBy(program, { scheme: REP3, viewer: 0, secret: 'smallest', repetition: 0, known: 'zeros' });
}

/** All bits that a message may have set. */
function allOnes(bytes: Uint8Array, columns: number | undefined): Uint8Array {
  const ones = new Uint8Array(bytes.length).fill(255);
  if (columns === undefined || columns % 64 === 0) return ones;
  const rowBytes = 8 * Math.ceil(columns / 64);
  return ones.map((_, at) => {
    const left = columns - 8 * (at % rowBytes);
    return left >= 8 ? 255 : left <= 0 ? 0 : (1 << left) - 1;
  });
}

describe.each(OPENINGS)('unequal copies: $name', ({ program, packed }) => {
  it('are noticed at the node that lacks the part, whichever copy and byte was altered', async () => {
    const messages = (await honestRun(program)).flatMap(({ sent }) => sent);
    expect(messages).toHaveLength(6);
    for (const target of messages) {
      const step = Math.max(1, Math.floor(target.bytes.length / 40));
      for (let at = 0; at < target.bytes.length; at += step) {
        // Only the first byte of a word holds bits of the row, whatever its length: others could break its form.
        if (packed && target.tag === 'part' && at % 8 !== 0) continue;
        const runs = await runWith(program, target, (bytes) => flipped(bytes, at));
        const error = errorsOf(runs)[target.to];
        expect(error?.code).toBe('COPIES_DIFFER');
        expect(error?.details.step).toBe(target.step);
      }
    }
  });
});

describe('a node that fails', () => {
  it('ends the others, which name it', async () => {
    const runs = await runEach(REP3, async (ctx, deal) => {
      if (ctx.backend.self === 1) throw new WarifuError('STORE_FULL', 'the disk of node 1 is full');
      return await openingOf(3)(ctx, deal);
    });
    expect(codesOf(runs)).toEqual(['NO_PROGRESS', 'STORE_FULL', 'NO_PROGRESS']);
    for (const node of [0, 2]) expect(errorsOf(runs)[node]?.details).toMatchObject({ from: 1, step: 'test' });
  });
});
