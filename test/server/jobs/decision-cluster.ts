/** The nodes' decisions in one process, each with its own catalogue and a scheduler that chooses what happens when. */
import { type NodeIndex, peersOf, REP3, type Scheme } from '../../../src/core/scheme.js';
import { decidedEvent } from '../../../src/server/jobs/decided-event.js';
import { Decisions } from '../../../src/server/jobs/decisions.js';
import { LostVote } from '../../../src/server/recover/lost-vote.js';
import type { Catalogue } from '../../../src/server/store/catalogue.js';
import { IN_MEMORY, SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { SCHEMA } from '../support/hospital.js';
import { JobWorld, NAMES, observe, type WorldNode, wish } from './job-world.js';
import { testVotes } from './test-votes.js';

export const VERSION = '1'.repeat(32);
export const ATTEMPT = '2'.repeat(32);
export const UPLOAD = {
  table: 't',
  slice: 's',
  contributor: 'hana',
  schema: SCHEMA,
  rows: 64,
  chunkRows: 64,
};
export const MANIFEST = new Uint8Array(8);

/** Every call takes effect at a moment that the scheduler chooses, and answers at a later one; never after death. */
function scheduled(world: JobWorld, node: WorldNode, catalogue: Catalogue): Catalogue {
  return new Proxy(catalogue, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        await world.turn(node);
        const result = method.apply(target, args);
        result.catch(() => undefined);
        await world.turn(node);
        return result;
      };
    },
  });
}

export class Cluster {
  readonly world: JobWorld;
  readonly catalogues: SqliteCatalogue[];
  readonly decided: string[] = [];
  /** Failed checks, by the nodes that noticed them. */
  readonly failedChecks: string[] = [];
  #decisions: Decisions[] = [];

  constructor(label: string, scheme: Scheme = REP3) {
    this.world = new JobWorld(label, { scheme });
    this.catalogues = scheme.nodes.map(() => new SqliteCatalogue(IN_MEMORY));
  }

  async open(): Promise<void> {
    for (const catalogue of this.catalogues)
      await catalogue.stage({ ...UPLOAD, version: VERSION, replace: false });
    for (const node of this.world.nodes) this.#serve(node);
  }

  restart(index: NodeIndex): void {
    this.#serve(this.world.start(index));
  }

  async ask(index: number): Promise<void> {
    void this.#decisions[index]?.askAboutPending().catch(() => undefined);
  }

  decide(
    index: number,
    job: string,
    attempt: string,
    prepare: (catalogue: Catalogue) => Promise<void>,
    signal: AbortSignal,
  ) {
    const node = this.world.node(index);
    const decisions = this.#decisions[index] as Decisions;
    const catalogue = scheduled(this.world, node, this.#catalogue(index));
    return observe(
      node.coordinator.run(
        job,
        wish({ kind: 'upload', agreed: { table: `t${job}` } }),
        signal,
        async (running) => {
          await this.world.turn(node);
          await decisions.decide(running, attempt, () => prepare(catalogue));
        },
      ),
    );
  }

  /** The upload, at every node. */
  upload(job: string, attempt = ATTEMPT) {
    return this.world.scheme.nodes.map((node) =>
      this.decide(
        node,
        job,
        attempt,
        (catalogue) => catalogue.prepareUpload(attempt, VERSION, MANIFEST),
        new AbortController().signal,
      ),
    );
  }

  async outcomes(attempt = ATTEMPT): Promise<string[]> {
    return Promise.all(this.catalogues.map((catalogue) => catalogue.outcome(attempt)));
  }

  async visible(): Promise<string[][]> {
    return Promise.all(
      this.catalogues.map(async (one) => (await one.visibleSlices('t')).map(({ version }) => version)),
    );
  }

  /** All links and nodes are back, and nodes ask until nothing is left to ask. */
  async recover(): Promise<void> {
    const { nodes } = this.world.scheme;
    for (const node of nodes) {
      for (const peer of this.peersOf(node)) this.world.mend(node, peer);
      if (!this.world.node(node).alive) this.restart(node);
    }
    for (let round = 0; round < 4; round++) {
      for (const node of nodes) await this.ask(node);
      await this.world.settle();
    }
  }

  /** Another machine takes a node's place, with an empty disk: it recovers. */
  async replace(index: NodeIndex): Promise<void> {
    this.world.bend = (_from, _to, message) => message;
    this.catalogues[index]?.close();
    this.catalogues[index] = new SqliteCatalogue(IN_MEMORY);
    const node = this.world.start(index);
    const lost = { mesh: node.mesh, self: index, peers: this.peersOf(index), votes: testVotes(index) };
    const lostVote = new LostVote(lost);
    node.onDecision = (from, message) => lostVote.handle(from, message);
    await this.recover();
  }

  /** A node that was replaced runs. */
  async run(index: NodeIndex): Promise<void> {
    this.#serve(this.world.node(index));
    await this.recover();
  }

  peersOf(node: NodeIndex): readonly NodeIndex[] {
    return peersOf(this.world.scheme, node);
  }

  close(): void {
    for (const catalogue of this.catalogues) catalogue.close();
  }

  #catalogue(index: number): Catalogue {
    return this.catalogues[index] as Catalogue;
  }

  #serve(node: WorldNode): void {
    const catalogue = scheduled(this.world, node, this.#catalogue(node.index));
    const decisions = new Decisions({
      catalogue,
      mesh: node.mesh,
      self: node.index,
      peers: this.peersOf(node.index),
      nameOf: (other) => NAMES[other],
      votes: testVotes(node.index),
      onDecided: async (pending, outcome) => {
        const event = await decidedEvent(this.#catalogue(node.index), pending, outcome);
        this.decided.push(`${node.index} ${event?.kind}`);
      },
      onFailedCheck: async (_attempt, error) => {
        this.failedChecks.push(`${node.index} ${error.code}: ${error.message}`);
      },
    });
    this.#decisions[node.index] = decisions;
    node.onDecision = (from, message) => void decisions.handle(from, message).catch(() => undefined);
  }
}
