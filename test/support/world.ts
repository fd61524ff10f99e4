/**
 * The test world: all nodes of a computation in one process, on the in-memory network, from one printed seed.
 */
import type { Cost } from '../../src/core/cost.js';
import {
  type NodeIndex,
  type PartIndex,
  PLAIN,
  partsHeldBy,
  peersOf,
  REP3,
  REP4,
  type Scheme,
} from '../../src/core/scheme.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import type { Backend, Estimate } from '../../src/protocols/backend.js';
import { Context } from '../../src/protocols/context.js';
import { DryBackend } from '../../src/protocols/dry/backend.js';
import { PlainBackend } from '../../src/protocols/plain/backend.js';
import { KeyedRandomness } from '../../src/protocols/randomness.js';
import { Rep3Backend } from '../../src/protocols/rep3/backend.js';
import { Rep3Party } from '../../src/protocols/rep3/party.js';
import { Rep4Backend } from '../../src/protocols/rep4/backend.js';
import { Rep4Party } from '../../src/protocols/rep4/party.js';
import { TagKeys } from '../../src/protocols/rep4/tag-keys.js';
import type { Bounds } from '../../src/share/bounds.js';
import { dealBits, dealRing, expandBits, expandRing } from '../../src/share/deal.js';
import { reconstruct } from '../../src/share/reconstruct.js';
import { ArithmeticShare, BinaryShare, type WordShare } from '../../src/share/shares.js';
import type { Channel } from '../../src/transport/channel.js';
import { type Envelope, type Interceptor, MemoryNetwork } from '../../src/transport/memory-network.js';
import { TEST_SEED, TestRandom } from './random.js';

/** Secrets of a test, dealt to whoever runs the program. Values are made only where they are looked at. */
export interface Dealer {
  ring<W extends RingWidth>(
    name: string,
    width: W,
    n: number,
    bounds: Bounds,
    values: () => readonly bigint[],
  ): ArithmeticShare<W>;
  bits(name: string, rows: number, n: number, values: () => readonly (readonly number[])[]): BinaryShare;
}

export type Program<T> = (ctx: Context, deal: Dealer) => Promise<T>;

class SchemeDealer implements Dealer {
  readonly #scheme: Scheme;
  readonly #held: readonly PartIndex[];
  readonly #seed: number;

  constructor(scheme: Scheme, node: NodeIndex | undefined, seed: number) {
    this.#scheme = scheme;
    this.#held = node === undefined ? [] : partsHeldBy(scheme, node);
    this.#seed = seed;
  }

  #seedOf(name: string): (part: PartIndex) => Uint8Array {
    return (part) => new TestRandom(`${name}/${part}`, this.#seed).bytes(16);
  }

  ring<W extends RingWidth>(
    name: string,
    width: W,
    n: number,
    bounds: Bounds,
    values: () => readonly bigint[],
  ): ArithmeticShare<W> {
    const seedOf = this.#seedOf(name);
    const explicit = this.#scheme.parts.length === 1 ? 0 : 2;
    const parts = this.#held.map((part) =>
      part === explicit
        ? dealRing(RingVector.fromBigInts(width, values()), this.#scheme, explicit, seedOf)
        : expandRing(seedOf(part), width, n),
    );
    return new ArithmeticShare({ width, length: n, bounds, held: this.#held, parts, clock: 0 });
  }

  bits(name: string, rows: number, n: number, values: () => readonly (readonly number[])[]): BinaryShare {
    const explicit = this.#scheme.parts.length === 1 ? 0 : 2;
    const secret = this.#held.includes(explicit) ? values() : [];
    const parts = this.#held.map((part) =>
      BitMatrix.stack(
        Array.from({ length: rows }, (_, i) => {
          const seedOf = this.#seedOf(`${name}/${i}`);
          return part === explicit
            ? dealBits(BitMatrix.fromBits([[...(secret[i] ?? [])]]), this.#scheme, explicit, seedOf)
            : expandBits(seedOf(part), n);
        }),
      ),
    );
    return new BinaryShare({ rows, length: n, held: this.#held, parts, clock: 0 });
  }
}

/** What is dealt to one node of a scheme; to none in a dry run. */
export function dealerOf(scheme: Scheme, node: NodeIndex | undefined, seed = TEST_SEED): Dealer {
  return new SchemeDealer(scheme, node, seed);
}

/** Schemes with messages: the suites run on each. */
export const SCHEMES: readonly Scheme[] = [REP3, REP4];

/** Keys of the parts at one node, from a seed. */
export function testKeys(node: NodeIndex, seed: number, scheme: Scheme = REP3): Map<PartIndex, Uint8Array> {
  return new Map(
    partsHeldBy(scheme, node).map(
      (part) => [part, new TestRandom(`part-key-${part}`, seed).bytes(32)] as const,
    ),
  );
}

/** Keys of one of four nodes for tags, from a seed: one for each pair. */
export function testTagKeys(node: NodeIndex, seed: number): TagKeys {
  const keyOf = (peer: NodeIndex): Uint8Array => {
    const pair = [node, peer].toSorted((a, b) => a - b);
    return new TestRandom(`tag-key-${pair.join('-')}`, seed).bytes(32);
  };
  return new TagKeys(node, new Map(peersOf(REP4, node).map((peer) => [peer, keyOf(peer)] as const)));
}

/** The backend of a node. */
export function nodeBackend(
  scheme: Scheme,
  channel: Channel,
  randomness: KeyedRandomness,
  seed: number,
): Backend {
  if (scheme.name === 'rep3') return new Rep3Backend(new Rep3Party(channel, randomness));
  return new Rep4Backend(new Rep4Party(channel, randomness, testTagKeys(channel.self, seed)));
}

export interface NodesRun<T, R extends readonly T[] = readonly T[]> {
  /** What the program gave at each node. */
  readonly results: R;
  readonly cost: Cost;
  readonly network: MemoryNetwork;
}

export interface RunOptions {
  /** Seed of the keys, hence of all masks. */
  readonly keySeed?: number;
  /** Seed of the dealt parts; node 0 and one part stay the same under `dealSeed`. */
  readonly dealSeed?: number;
  readonly network?: MemoryNetwork;
  readonly makeRandomness?: (node: NodeIndex) => KeyedRandomness;
}

/** Runs a program at all nodes of a scheme; a failure of any is thrown with the seed, the others are ended. */
export async function runNodes<T>(
  scheme: Scheme,
  program: Program<T>,
  options: RunOptions = {},
): Promise<NodesRun<T>> {
  const network = options.network ?? new MemoryNetwork(scheme.nodes.length);
  const seed = options.keySeed ?? TEST_SEED;
  const runs = scheme.nodes.map(async (node) => {
    const randomness = options.makeRandomness?.(node) ?? new KeyedRandomness(testKeys(node, seed, scheme));
    const backend = nodeBackend(scheme, network.channel(node), randomness, seed);
    const dealer = dealerOf(scheme, node, options.dealSeed ?? seed);
    return await program(Context.root(backend, 'test'), dealer);
  });
  try {
    const results = await Promise.all(runs);
    const meters = scheme.nodes.map((node) => network.channel(node).meter);
    return {
      results,
      network,
      cost: { rounds: Math.max(...meters.map((m) => m.rounds)), bytes: meters.map((m) => m.bytesSent) },
    };
  } catch (error) {
    network.close();
    await Promise.allSettled(runs);
    if (error instanceof Error) error.message += ` (WARIFU_TEST_SEED=${seed})`;
    throw error;
  }
}

/** Runs a program at three nodes. */
export async function runRep3<T>(
  program: Program<T>,
  options?: RunOptions,
): Promise<NodesRun<T, readonly [T, T, T]>> {
  return (await runNodes(REP3, program, options)) as NodesRun<T, readonly [T, T, T]>;
}

/** Runs a program at four nodes. */
export async function runRep4<T>(
  program: Program<T>,
  options?: RunOptions,
): Promise<NodesRun<T, readonly [T, T, T, T]>> {
  return (await runNodes(REP4, program, options)) as NodesRun<T, readonly [T, T, T, T]>;
}

/** Runs a program on the plain backend. */
export async function runPlain<T>(program: Program<T>): Promise<T> {
  const backend: Backend = new PlainBackend();
  return await program(Context.root(backend, 'test'), dealerOf(PLAIN, 0));
}

/** Runs a program dry and returns its cost. */
export async function runDry(program: Program<unknown>, scheme: Scheme = REP3): Promise<Cost> {
  return (await estimateDry(program, scheme)).expected;
}

/** Runs a program dry and returns what it costs on average and what it may cost: the same without estimated steps. */
export async function estimateDry(program: Program<unknown>, scheme: Scheme = REP3): Promise<Estimate> {
  const backend = new DryBackend(scheme);
  await program(Context.root(backend, 'test'), dealerOf(scheme, undefined));
  return { expected: backend.cost, bound: backend.bound };
}

/** The integers that the nodes' shares stand for, copies compared. */
export function revealRing<W extends RingWidth>(shares: readonly ArithmeticShare<W>[]): bigint[] {
  const [first] = shares;
  if (first === undefined) throw new Error('no share');
  const scheme = [PLAIN, ...SCHEMES].find(({ nodes }) => nodes.length === shares.length) ?? PLAIN;
  const copies = shares.flatMap((share, node) =>
    share.parts.map((vector, i) => ({
      node: node as NodeIndex,
      part: share.held[i] as PartIndex,
      vector,
    })),
  );
  const residues = reconstruct(scheme, copies).toBigInts();
  return residues.map((r) => first.bounds.min + BigInt.asUintN(first.width, r - first.bounds.min));
}

/** The bits that shares stand for: rows of 0 and 1. Copies are compared. */
export function revealBits(shares: readonly BinaryShare[]): number[][] {
  const parts = new Map<number, BitMatrix>();
  for (const share of shares) {
    share.parts.forEach((matrix, i) => {
      const index = share.held[i] as number;
      const known = parts.get(index);
      if (known !== undefined && Buffer.compare(known.bytes(), matrix.bytes()) !== 0) {
        throw new Error(`copies of part ${index} differ`);
      }
      parts.set(index, matrix);
    });
  }
  const [first] = shares;
  if (first === undefined) throw new Error('no share');
  return Array.from({ length: first.rows }, (_, row) =>
    Array.from({ length: first.length }, (_, i) =>
      [...parts.values()].reduce((bit, matrix) => bit ^ matrix.get(row, i), 0),
    ),
  );
}

/** The words that shares stand for. Copies are compared. */
export function revealWords<W extends RingWidth>(shares: readonly WordShare<W>[]): bigint[] {
  const parts = new Map<number, RingVector>();
  for (const share of shares) {
    share.parts.forEach((vector, i) => {
      const index = share.held[i] as number;
      const known = parts.get(index);
      if (known !== undefined && Buffer.compare(known.bytes(), vector.bytes()) !== 0) {
        throw new Error(`copies of part ${index} differ`);
      }
      parts.set(index, vector);
    });
  }
  return [...parts.values()]
    .map((vector) => vector.toBigInts())
    .reduce((all, own) => all.map((word, i) => word ^ (own[i] ?? 0n)));
}

/** Nothing here waits for a clock or a disk, at most for turns: a network at rest for so long is at rest for good. */
const STALL_MS = 40;

/** How a program ended at one node, and what the node sent, in order. */
export interface NodeRun<T> {
  readonly outcome: PromiseSettledResult<T>;
  readonly sent: readonly Envelope[];
}

/**
 * Runs a program at all nodes of a scheme, each to its own end: a node that fails stops, the others notice by themselves.
 *
 * @param alter changes messages on their way; what is recorded is what the sender sent, as it was then.
 * @param keysOf the keys of the parts at each node.
 */
export async function runEach<T>(
  scheme: Scheme,
  program: Program<T>,
  alter: Interceptor = () => undefined,
  keysOf = (node: NodeIndex): ReadonlyMap<PartIndex, Uint8Array> => testKeys(node, TEST_SEED, scheme),
): Promise<NodeRun<T>[]> {
  const network = new MemoryNetwork(scheme.nodes.length, { stallMs: STALL_MS });
  const sent: Envelope[][] = scheme.nodes.map(() => []);
  network.intercept((message) => {
    sent[message.from]?.push({ ...message, bytes: new Uint8Array(message.bytes) });
    return alter(message);
  });
  const runs = scheme.nodes.map(async (node) => {
    const backend = nodeBackend(scheme, network.channel(node), new KeyedRandomness(keysOf(node)), TEST_SEED);
    return await program(Context.root(backend, 'test'), dealerOf(scheme, node));
  });
  const outcomes = await Promise.allSettled(runs);
  network.close();
  return outcomes.map((outcome, node) => ({ outcome, sent: sent[node] ?? [] }));
}
