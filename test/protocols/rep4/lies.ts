/**
 * One of four nodes lies: each of its messages about a primitive in turn, in each way that there is.
 *
 * The primitive runs, and then its result is opened, which needs everything before it. Where a lie is a replay, the primitive
 * also runs before, so that there are messages to replay; where it is a swap, beside, so that there are some to swap.
 */
import { createHash } from 'node:crypto';
import { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, REP4 } from '../../../src/core/scheme.js';
import { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import type { Envelope } from '../../../src/transport/memory-network.js';
import { isCheck } from '../../support/view.js';
import { type NodeRun, type Program, runEach } from '../../support/world.js';
import { bytesOf, type Made, type Primitive } from './primitives.js';

/** A digest of what the program gave at a node. */
export type Digest = string;

export const ATTACKED = 'test/attacked/a/';
const BESIDE = 'test/attacked/b/';
const BEFORE = 'test/before/';
const AFTER = 'test/after/';

/** What runs besides the primitive that is lied about. */
export type Company = 'before' | 'beside' | 'nothing';

/** The primitive, what comes before or beside it, and what comes after it. */
export function programOf({ run }: Primitive, company: Company = 'nothing'): Program<Digest> {
  return async (ctx, deal) => {
    const [before, attacked, after] = [ctx.step('before'), ctx.step('attacked'), ctx.step('after')];
    const first = company === 'before' ? await run(before.step('run'), deal, 'before') : [];
    const [own, beside] = await Promise.all([
      run(attacked.step('a').step('run'), deal, 'a'),
      company === 'beside' ? run(attacked.step('b').step('run'), deal, 'b') : [],
    ]);
    const opened = await Promise.all(
      own.map(async (made, i): Promise<Made[]> => {
        const step = after.step(`open-${i}`);
        if (made instanceof ArithmeticShare)
          return [await step.backend.open(step, made as ArithmeticShare<64>)];
        return made instanceof BinaryShare ? [await step.backend.openBits(step, made)] : [];
      }),
    );
    return digestOf([...first, ...own, ...beside, ...opened.flat()]);
  };
}

export function digestOf(all: readonly Made[]): Digest {
  const hash = createHash('sha256');
  for (const bytes of all.flatMap(bytesOf)) hash.update(`${bytes.length} `).update(bytes);
  return hash.digest('hex');
}

export type Lie = 'flip' | 'add 1' | 'replay' | 'swap' | 'length' | 'silence' | 'twice';

/** Lies that change what a message says, not whether it comes. */
export const ALTERING: readonly Lie[] = ['flip', 'add 1', 'replay', 'swap'];
export const LIES: readonly Lie[] = [...ALTERING, 'length', 'silence', 'twice'];

/** What a lie takes its messages from. */
export function companyOf(lie: Lie): Company {
  if (lie === 'replay') return 'before';
  return lie === 'swap' ? 'beside' : 'nothing';
}

/** What arrives instead of some messages. */
type Replacement = readonly { readonly of: Envelope; readonly by: Uint8Array | readonly Uint8Array[] }[];

/** All ways to tell a lie in place of a message. */
function replacements(lie: Lie, target: Envelope, honest: readonly Envelope[]): Replacement[] {
  const { bytes } = target;
  const instead = (by: Uint8Array | readonly Uint8Array[]): Replacement => [{ of: target, by }];
  switch (lie) {
    case 'flip':
      return [instead(flipped(bytes, bytes.length - 1, 7))];
    case 'add 1':
      return [instead(plusOne(bytes))];
    case 'replay': {
      const earlier = sameElsewhere(target, honest, BEFORE);
      return earlier === undefined ? [] : [instead(earlier.bytes)];
    }
    case 'swap': {
      const other = sameElsewhere(target, honest, BESIDE);
      return other === undefined ? [] : [[...instead(other.bytes), { of: other, by: bytes }]];
    }
    case 'length':
      return [bytes.length + 8, 0].map((length) => instead(new Uint8Array(length)));
    case 'silence':
      return [instead([])];
    case 'twice':
      return [instead([bytes, bytes])];
  }
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
}

/** As a number of 64 bits, the lowest byte first. */
function plusOne(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let i = 0; i < 8; i++) {
    out[i] = (out[i] ?? 0) + 1;
    if (out[i] !== 0) break;
  }
  return out;
}

/** The message of the same place in another run of the primitive. */
function sameElsewhere(target: Envelope, honest: readonly Envelope[], prefix: string): Envelope | undefined {
  const step = target.step.replace(ATTACKED, prefix);
  return honest.find(
    (message) => message.step === step && message.tag === target.tag && sameWay(message, target),
  );
}

function sameWay(a: Envelope, b: Envelope): boolean {
  return a.from === b.from && a.to === b.to;
}

function isSame(a: Envelope, b: Envelope): boolean {
  return a.step === b.step && a.tag === b.tag && sameWay(a, b);
}

/** A lie, and how the computation ended for each node. */
export interface Told {
  readonly lie: Lie;
  readonly target: Envelope;
  readonly runs: readonly NodeRun<Digest>[];
}

/** Runs at once: most of the time of a lie is that in which a network is found at rest. */
const AT_ONCE = 16;

/** What each of some things gives, a few at once. */
export async function eachOf<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(start, start + AT_ONCE).map(run))));
  }
  return results;
}

/** Tells a lie about each of the targets in turn. */
export async function tell(
  program: Program<Digest>,
  honest: readonly NodeRun<Digest>[],
  targets: readonly Envelope[],
  lie: Lie,
): Promise<Told[]> {
  const all = honest.flatMap(({ sent }) => sent);
  const due = targets.flatMap((target) =>
    replacements(lie, target, all).map((replaced) => ({ target, replaced })),
  );
  return await eachOf(due, async ({ target, replaced }): Promise<Told> => {
    const instead = (message: Envelope) => replaced.find(({ of }) => isSame(of, message))?.by;
    return { lie, target, runs: await runEach(REP4, program, instead) };
  });
}

/** The run of honest nodes; each must end well. */
export async function honestly(program: Program<Digest>): Promise<NodeRun<Digest>[]> {
  const runs = await runEach(REP4, program);
  for (const { outcome } of runs) if (outcome.status === 'rejected') throw outcome.reason;
  return runs;
}

/** Errors must be typed and foreseen. */
export function errorOf({ outcome }: NodeRun<unknown>): WarifuError | undefined {
  if (outcome.status === 'fulfilled') return undefined;
  const error: unknown = outcome.reason;
  if (!(error instanceof WarifuError) || error.code === 'INTERNAL') throw error;
  return error;
}

/**
 * What a lie did at honest nodes that it must not do; nothing where all is well: a result other than the right one, or a
 * message that no honest run has, byte for byte. The tag by which a receiver of an input tells the other what it got is
 * the check itself: the dealer, who chose the bytes, does not receive it.
 */
export function harm(
  { from, runs, target }: { from: NodeIndex; runs: readonly NodeRun<Digest>[]; target?: Envelope },
  honest: readonly NodeRun<Digest>[],
): string[] {
  return runs.flatMap((run, node) => {
    const right = honest[node];
    if (node === from || right === undefined) return [];
    const known = new Map(right.sent.map((message) => [nameOf(message), message.bytes]));
    const altered = run.sent
      .filter((message) => target === undefined || !isAnswer(message, target))
      .filter(
        (message) => Buffer.compare(message.bytes, known.get(nameOf(message)) ?? new Uint8Array()) !== 0,
      )
      .map((message) => `node ${node} sent other bytes: ${nameOf(message)}`);
    const wrong = run.outcome.status === 'fulfilled' && run.outcome.value !== valueOf(right);
    return [...altered, ...(wrong ? [`node ${node} has a wrong result`] : [])];
  });
}

function isAnswer({ from, to, tag }: Envelope, input: Envelope): boolean {
  return input.tag === 'input' && tag === 'input-check' && from === input.to && to !== input.from;
}

/** Messages after the primitive that a node sent. */
export function later({ sent }: NodeRun<unknown>): string[] {
  return sent.filter(({ step }) => step.startsWith(AFTER)).map(nameOf);
}

function valueOf({ outcome }: NodeRun<Digest>): Digest | undefined {
  return outcome.status === 'fulfilled' ? outcome.value : undefined;
}

function nameOf({ to, step, tag }: Envelope): string {
  return `${step} '${tag}' to node ${to}`;
}

/** Those who know a joint message: its sender, then those who sent tags of it to the same node. */
export function tellersOf({ step, tag, to }: Envelope, honest: readonly NodeRun<unknown>[]): NodeIndex[] {
  const name = tag.replace(/-check$/, '');
  const joint = honest
    .flatMap(({ sent }) => sent)
    .filter(
      (message) => message.step === step && message.to === to && message.tag.replace(/-check$/, '') === name,
    );
  return [...joint.filter((message) => !isCheck(message)), ...joint.filter(isCheck)].map(({ from }) => from);
}
