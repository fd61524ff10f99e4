/** Four nodes with real links, which compute together while one of them lies in its frames. */

import { asWarifuError, type WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, peersOf, REP4 } from '../../../src/core/scheme.js';
import { Context } from '../../../src/protocols/context.js';
import { openToNodes } from '../../../src/protocols/open.js';
import { KeyedRandomness } from '../../../src/protocols/randomness.js';
import type { SessionId } from '../../../src/transport/frame.js';
import type { PeerMesh } from '../../../src/transport/peer-mesh.js';
import { Pins } from '../../../src/transport/pins.js';
import { TlsSockets } from '../../../src/transport/sockets.js';
import { TEST_SEED } from '../../support/random.js';
import { dealerOf, nodeBackend, type Program, testKeys } from '../../support/world.js';
import { at, type Cluster, cluster, newId, until } from '../support/meshes.js';
import { type FrameLie, kindOf, LIMITS } from './frame-lies.js';
import { type Leaving, LyingSockets } from './lying-sockets.js';

const SMALL = { min: 0n, max: 1000n };
const SQUARES = { min: 0n, max: 1_000_000n };
const PRODUCTS = 12;
/** After it what was sent before has been read. */
const SETTLED_MS = 2 * LIMITS.heartbeatMs;
/** The same for a last frame, also where the machine is busy: nothing that comes later shows that it was read. */
const LAST_FRAME_MS = 250;
/** How long a lie may take to be told, or a greeting to be refused. */
const TOLD_MS = 3_000;
const REFUSED_MS = 1_500;
/** How often links may have to be waited for. */
const MOST_ATTEMPTS = 50;

/** Long and short messages at once, more than windows hold; then their result is opened. */
const PROGRAM: Program<string> = async (ctx, deal) => {
  const made = await Promise.all(
    Array.from({ length: PRODUCTS }, async (_, i) => {
      const n = i % 2 === 0 ? 24 : 8;
      const x = deal.ring(`x${i}`, 64, n, SMALL, () => Array.from({ length: n }, (__, j) => BigInt(i + j)));
      const product = await ctx.backend.multiply(ctx.step(`product-${i}`), x, x, SQUARES);
      return await openToNodes(ctx.step(`open-${i}`), product);
    }),
  );
  return made.join();
};

const RIGHT = Array.from({ length: PRODUCTS }, (_, i) =>
  Array.from({ length: i % 2 === 0 ? 24 : 8 }, (__, j) => BigInt(i + j) ** 2n).join(),
).join();

/** How it ended for one node: with the right result where there is no error. */
export interface End {
  readonly error: WarifuError | undefined;
  readonly isRight: boolean;
}

export interface Told {
  readonly ends: readonly End[];
  /** Whether the link between the liar and the one it lied to was ended. */
  readonly linkEnded: boolean;
  /** Whether the session of the three others went on. */
  readonly othersWentOn: boolean;
}

export interface Pair {
  readonly liar: NodeIndex;
  readonly victim: NodeIndex;
}

/** A connection that failed, as a node heard of it. */
interface Heard {
  readonly node: NodeIndex;
  readonly about: NodeIndex | undefined;
  readonly error: WarifuError;
  /** Whether it had been a link. */
  readonly wasUp: boolean;
}

export class Lab {
  readonly #cluster: Cluster;
  readonly #sockets: readonly LyingSockets[];
  readonly #heard: readonly Heard[];
  /** What each sent each while nobody lied. */
  readonly #sent: readonly { readonly pair: Pair; readonly frames: Leaving[] }[];
  /** A session that has ended. */
  #ended: SessionId = newId();

  private constructor(made: Cluster, sockets: readonly LyingSockets[], heard: readonly Heard[]) {
    this.#cluster = made;
    this.#sockets = sockets;
    this.#heard = heard;
    this.#sent = REP4.nodes.flatMap((liar) =>
      peersOf(REP4, liar).map((victim) => ({ pair: { liar, victim }, frames: [] })),
    );
  }

  static async start(): Promise<Lab> {
    const made = await cluster({ limits: LIMITS }, REP4.nodes);
    const heard: Heard[] = [];
    const sockets = REP4.nodes.map((node) => {
      const pins = peersOf(REP4, node).map((peer) => ({
        node: peer,
        certificates: [at(made.identities, peer).certificate],
      }));
      return new LyingSockets(node, new TlsSockets(at(made.identities, node), new Pins(pins)));
    });
    for (const node of REP4.nodes) {
      const note =
        (wasUp: boolean) =>
        (about: NodeIndex | undefined, error: WarifuError): void => {
          heard.push({ node, about, error, wasUp });
        };
      made.make(node, {
        sockets: at(sockets, node),
        onPeerDown: note(true),
        onFault: (error, peer) => note(false)(peer, error),
      });
    }
    const lab = new Lab(made, sockets, heard);
    await lab.#computeHonestly();
    return lab;
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  /** Who can tell a lie to whom: there is such a frame. */
  pairsFor({ teller }: FrameLie): Pair[] {
    const around = { others: newId(), ended: newId() };
    return this.#sent
      .filter(({ frames }) => {
        const lie = teller();
        return frames.some((leaving) => lie(leaving, around) !== undefined);
      })
      .map(({ pair }) => pair);
  }

  /** Tells a lie in the middle of a computation. */
  async tell(lie: FrameLie, { liar, victim }: Pair): Promise<Told> {
    const others = peersOf(REP4, liar);
    const aside = newId();
    const sessions = others.map((node) =>
      this.#mesh(node).openSession(aside, { peers: others.filter((one) => one !== node) }),
    );
    let isTold = false;
    let settledMs = SETTLED_MS;
    const teller = lie.teller();
    this.#bend(liar, (leaving) => {
      if (leaving.to !== victim) return undefined;
      const instead = teller(leaving, { others: aside, ended: this.#ended });
      isTold ||= instead !== undefined;
      if (instead !== undefined && kindOf(leaving) === 'finish') settledMs = LAST_FRAME_MS;
      return instead;
    });
    const before = this.#heard.length;
    this.#mesh(liar).sendControl(victim, {});
    // Heartbeats list only sessions that are open.
    const waiting = lie.kind === 'heartbeat' ? [liar, victim] : [victim];
    const ends = await this.#compute(newId(), async (node) => {
      if (!waiting.includes(node)) return;
      await until(() => isTold, 'the lie is told', TOLD_MS);
      await pause(settledMs);
    });
    await pause(SETTLED_MS);
    this.#bend(liar, () => undefined);
    if (!isTold) throw new Error('the lie was never told');
    const isDown = (node: NodeIndex, about: NodeIndex): boolean =>
      this.#heard.slice(before).some((one) => one.wasUp && one.node === node && one.about === about);
    const linkEnded = isDown(victim, liar);
    if (linkEnded) await until(() => isDown(liar, victim), 'the liar hears that its link is gone');
    const othersWentOn = sessions.every(({ failure }) => failure === undefined);
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
    await this.#linked();
    return { ends, linkEnded, othersWentOn };
  }

  /** Tells a lie in the handshake: what the one that it is told to says of it; undefined where there is a link. */
  async greet({ teller }: FrameLie, { liar, victim }: Pair): Promise<WarifuError | undefined> {
    const lie = teller();
    const around = { others: newId(), ended: this.#ended };
    const before = this.#heard.length;
    const said = (): WarifuError | undefined =>
      this.#heard
        .slice(before)
        .find(({ node, about, error }) => node === victim && about === liar && !isLoss(error))?.error;
    const status = () => this.#mesh(victim).status()[peersOf(REP4, victim).indexOf(liar)];
    this.#bend(liar, (leaving) => (leaving.to === victim ? lie(leaving, around) : undefined));
    at(this.#sockets, liar).cut(victim);
    await until(() => said() !== undefined, 'a refusal', REFUSED_MS).catch(() => undefined);
    const { up, error } = status() ?? {};
    this.#bend(liar, () => undefined);
    at(this.#sockets, liar).cut(victim);
    await this.#linked();
    return said() ?? (up === true ? undefined : error);
  }

  async #computeHonestly(): Promise<void> {
    for (const liar of REP4.nodes) {
      this.#bend(liar, (leaving) => {
        const sent = this.#sent.find(({ pair }) => pair.liar === liar && pair.victim === leaving.to);
        sent?.frames.push({ ...leaving, bytes: Buffer.from(leaving.bytes), across: () => undefined });
        return undefined;
      });
    }
    await Promise.all(this.#cluster.meshes.map((mesh) => mesh.start()));
    await this.#linked();
    for (const { pair } of this.#sent) this.#mesh(pair.liar).sendControl(pair.victim, {});
    const ends = await this.#compute(this.#ended, () => pause(SETTLED_MS));
    for (const { error } of ends) if (error !== undefined) throw error;
    for (const node of REP4.nodes) this.#bend(node, () => undefined);
  }

  /** All nodes compute; `last` is what each waits for before it closes its session. */
  #compute(id: SessionId, last: (node: NodeIndex) => Promise<void>): Promise<End[]> {
    return Promise.all(
      REP4.nodes.map(async (node): Promise<End> => {
        const session = this.#mesh(node).openSession(id, { peers: peersOf(REP4, node) });
        try {
          const keys = new KeyedRandomness(testKeys(node, TEST_SEED, REP4));
          const backend = nodeBackend(REP4, session.channel(), keys, TEST_SEED);
          const result = await PROGRAM(Context.root(backend, 'test'), dealerOf(REP4, node));
          await last(node);
          await session.close();
          return { error: undefined, isRight: result === RIGHT };
        } catch (thrown) {
          session.abort(asWarifuError(thrown));
          return { error: session.failure ?? asWarifuError(thrown), isRight: false };
        }
      }),
    );
  }

  /** All links are there, and stay. */
  async #linked(): Promise<void> {
    const isUp = (): boolean => this.#cluster.meshes.every((mesh) => mesh.status().every(({ up }) => up));
    for (let i = 0; i < MOST_ATTEMPTS; i++) {
      await Promise.all(this.#cluster.meshes.map((mesh) => mesh.whenUp(10_000)));
      await pause(SETTLED_MS);
      if (isUp()) return;
    }
    throw new Error('the links do not stay');
  }

  #bend(node: NodeIndex, bend: LyingSockets['bend']): void {
    at(this.#sockets, node).bend = bend;
  }

  #mesh(node: NodeIndex): PeerMesh {
    return at(this.#cluster.meshes, node);
  }
}

function isLoss({ code }: WarifuError): boolean {
  return code === 'NODE_LOST' || code === 'NODE_UNREACHABLE';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
