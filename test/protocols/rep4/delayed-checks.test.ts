/**
 * The attack of Eurocrypt 2026 (eprint 2026/234) on protocols among four nodes that check messages late: node 2 adds 1 to
 * its message in c = a*b. What node 0 then sends it in e = c*d is off by the part of d that node 2 lacks, and node 3's
 * tag of it is not: so node 2 can try whether d's part is what it guesses, before anybody checks anything.
 */
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { REP4 } from '../../../src/core/scheme.js';
import { kernels } from '../../../src/kernels/kernels.js';
import { equalTags, messageTag } from '../../../src/kernels/message-tag.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import { Context } from '../../../src/protocols/context.js';
import { KeyedRandomness } from '../../../src/protocols/randomness.js';
import { partOf } from '../../../src/protocols/rep4/parts.js';
import { type JointKey, Rep4Party, type Route } from '../../../src/protocols/rep4/party.js';
import { multiply } from '../../../src/protocols/rep4/products.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Envelope, MemoryNetwork } from '../../../src/transport/memory-network.js';
import { TEST_SEED } from '../../support/random.js';
import { type Dealer, dealerOf, type NodeRun, runEach, testKeys, testTagKeys } from '../../support/world.js';

const LIAR = 2;
/** Sends what hides the part of d that the liar lacks; gets the lie, as node 2's term goes there. */
const VICTIM = 0;
/** Knows what the victim should send. */
const WITNESS = 3;

const BOUNDS = { min: 0n, max: 999n };
const PRODUCT = { min: 0n, max: (1n << 62n) - 1n };

interface Factors {
  readonly a: ArithmeticShare<64>;
  readonly b: ArithmeticShare<64>;
  readonly d: ArithmeticShare<64>;
}

function deal(dealer: Dealer): Factors {
  const one = (name: string, value: bigint) => dealer.ring(name, 64, 1, BOUNDS, () => [value]);
  return { a: one('a', 12n), b: one('b', 34n), d: one('d', 56n) };
}

/** Adds 1 to what the liar sends the victim in the first product. */
function addOne(message: Envelope): Uint8Array | undefined {
  const isLie = message.from === LIAR && message.to === VICTIM && message.step.endsWith('c');
  if (!isLie || message.tag.endsWith('-check')) return undefined;
  return kernels.addConstant(RingVector.fromBytes(64, new Uint8Array(message.bytes)), 1n).bytes();
}

/** Takes messages as they come and checks them when all is done, as the attacked protocols do. */
class LateParty extends Rep4Party {
  readonly #late: (() => Promise<unknown>)[] = [];

  override async hear(route: Route, key: JointKey, length: number): Promise<Uint8Array> {
    const message = await this.channel.receive(route.sender, key, length);
    // The check itself is that of the protocol: it gets the message that was taken.
    const receive: Rep4Party['channel']['receive'] = async (from, own, bytes) =>
      from === route.sender && own.tag === key.tag ? message : await this.channel.receive(from, own, bytes);
    const checked = new Rep4Party(
      { ...this.channel, receive },
      this.randomness,
      testTagKeys(this.self, TEST_SEED),
    );
    this.#late.push(() => checked.hear(route, key, length));
    return message;
  }

  async check(): Promise<void> {
    for (const check of this.#late) await check();
  }
}

interface Late {
  /** By node 2. */
  readonly received: readonly Envelope[];
  readonly outcomes: readonly PromiseSettledResult<void>[];
  /** Of d: the part that node 2 lacks. */
  readonly hidden: bigint;
}

/** Runs both products at four nodes that check late, while node 2 lies. */
async function runLate(): Promise<Late> {
  const network = new MemoryNetwork(4, { stallMs: 16 });
  const received: Envelope[] = [];
  network.intercept((message) => {
    if (message.to === LIAR) received.push(message);
    return addOne(message);
  });
  let hidden = 0n;
  const outcomes = await Promise.allSettled(
    REP4.nodes.map(async (node) => {
      const randomness = new KeyedRandomness(testKeys(node, TEST_SEED, REP4));
      const party = new LateParty(network.channel(node), randomness, testTagKeys(node, TEST_SEED));
      const ctx = Context.root({ held: party.held } as Context['backend'], 'test');
      const { a, b, d } = deal(dealerOf(REP4, node));
      if (node === VICTIM) hidden = only(partOf(d, LIAR));
      const c = await multiply(party, ctx.step('c'), a, b, PRODUCT);
      await multiply(party, ctx.step('e'), c, d, PRODUCT);
      await party.check();
    }),
  );
  network.close();
  return { received, outcomes, hidden };
}

function only(vector: RingVector): bigint {
  return vector.toBigInts()[0] ?? 0n;
}

/**
 * What node 2 does with the victim's message and the witness's tag of the right one: true if d's part is the guess. The
 * victim's part 1 of c is 1 too large, and it sends c1*d2 + c2*d1 less a mask.
 */
function isConfirmed({ received }: Late, guess: bigint): boolean {
  const message = received.find(
    ({ step, from, tag }) => step.endsWith('e') && from === VICTIM && tag === 'product-21',
  );
  const proof = received.find(
    ({ step, from, tag }) => step.endsWith('e') && from === WITNESS && tag === 'product-21-check',
  );
  if (message === undefined || proof === undefined) throw new Error('node 2 did not receive what it needs');
  const right = kernels.addConstant(RingVector.fromBytes(64, new Uint8Array(message.bytes)), -guess);
  const key = testTagKeys(LIAR, TEST_SEED).fromPeer(WITNESS, message.step, message.tag);
  return equalTags(messageTag(key, right.bytes()), proof.bytes);
}

describe('the attack on late checks', () => {
  it('learns whether a hidden part is what the liar guesses, where checks are late', async () => {
    const late = await runLate();
    const { hidden, outcomes } = late;
    expect(isConfirmed(late, hidden)).toBe(true);
    for (const wrong of [hidden + 1n, hidden - 1n, 0n]) expect(isConfirmed(late, wrong)).toBe(false);
    // The lie is noticed after that.
    expect(codeOf(outcomes[VICTIM])).toBe('COPIES_DIFFER');
  });

  it('gets no byte of the second product here', async () => {
    const runs = await runEach(
      REP4,
      async (ctx, dealer) => {
        const { a, b, d } = deal(dealer);
        const c = await ctx.backend.multiply(ctx.step('c'), a, b, PRODUCT);
        return await ctx.backend.multiply(ctx.step('e'), c, d, PRODUCT);
      },
      addOne,
    );
    const victim = runs[VICTIM] as NodeRun<unknown>;
    expect(codeOf(victim.outcome)).toBe('COPIES_DIFFER');
    expect(errorOf(victim.outcome)?.details).toEqual({ step: 'test/c', nodes: ['2', '3'] });
    expect(victim.sent.filter(({ step }) => step === 'test/e')).toEqual([]);
  });
});

function errorOf(outcome: PromiseSettledResult<unknown> | undefined): WarifuError | undefined {
  return outcome?.status === 'rejected' && outcome.reason instanceof WarifuError ? outcome.reason : undefined;
}

function codeOf(outcome: PromiseSettledResult<unknown> | undefined): string | undefined {
  return errorOf(outcome)?.code;
}
