/** The two phases against crashes and lost links at every point: all nodes end alike, or the protocol is wrong. */
import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { decidedEvent } from '../../../src/server/jobs/decided-event.js';
import { Decisions } from '../../../src/server/jobs/decisions.js';
import type { Catalogue } from '../../../src/server/store/catalogue.js';
import { IN_MEMORY, SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { SCHEMA } from '../support/hospital.js';
import { JobWorld, jobId, NODES, observe, peersOf, type WorldNode, wish } from './job-world.js';

const VERSION = '1'.repeat(32);
const ATTEMPT = '2'.repeat(32);
const UPLOAD = { table: 't', slice: 's', contributor: 'hana', schema: SCHEMA, rows: 64, chunkRows: 64 };
const MANIFEST = new Uint8Array(8);

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

class Cluster {
  readonly world: JobWorld;
  readonly catalogues: SqliteCatalogue[];
  readonly decided: string[] = [];
  #decisions: Decisions[] = [];

  constructor(label: string) {
    this.world = new JobWorld(label);
    this.catalogues = NODES.map(() => new SqliteCatalogue(IN_MEMORY));
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
    for (const node of NODES) {
      for (const peer of peersOf(node)) this.world.mend(node, peer);
      if (!this.world.node(node).alive) this.restart(node);
    }
    for (let round = 0; round < 4; round++) {
      for (const node of NODES) await this.ask(node);
      await this.world.settle();
    }
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
      peers: peersOf(node.index),
      onDecided: async (pending, outcome) => {
        const event = await decidedEvent(this.#catalogue(node.index), pending, outcome);
        this.decided.push(`${node.index} ${event?.kind}`);
      },
    });
    this.#decisions[node.index] = decisions;
    node.onDecision = (from, message) => void decisions.handle(from, message).catch(() => undefined);
  }
}

interface Chaos {
  readonly steps: number;
  /** One in so many steps is an accident. */
  readonly accidents: bigint;
}

/** Runs the jobs while nodes crash, links break, nodes ask, and the client goes. */
async function storm(cluster: Cluster, client: AbortController, { steps, accidents }: Chaos): Promise<void> {
  const { world } = cluster;
  const pick = (): NodeIndex => Number(world.random.between(0n, 2n)) as NodeIndex;
  for (let step = 0; step < steps; step++) {
    await world.step();
    if (world.random.between(1n, accidents) !== 1n) continue;
    const [node, kind] = [pick(), Number(world.random.between(0n, 9n))];
    const peer = peersOf(node)[0] as NodeIndex;
    if (kind < 3) {
      if (world.node(node).alive) world.crash(node);
    } else if (kind < 5) world.cut(node, peer);
    else if (kind < 6) client.abort();
    else if (kind < 8) {
      if (!world.node(node).alive) cluster.restart(node);
      for (const other of peersOf(node)) if (world.node(other).alive) world.mend(node, other);
    } else await cluster.ask(node);
  }
}

describe('two durable phases', () => {
  test('whatever crashes, and whenever: all nodes commit, or all roll back', async () => {
    const seen = { committed: 0, undone: 0 };
    for (let seed = 0; seed < 400; seed++) {
      const cluster = new Cluster(`storm ${seed}`);
      await cluster.open();
      const client = new AbortController();
      const fails = seed % 4 === 0 ? seed % 3 : -1;
      const observed = NODES.map((node) =>
        cluster.decide(
          node,
          jobId(1),
          ATTEMPT,
          async (catalogue) => {
            if (node === fails && seed % 8 === 0) throw new WarifuError('STORE_FULL', 'no space');
            await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
            if (node === fails) throw new WarifuError('STORE_FULL', 'no space for the log');
          },
          client.signal,
        ),
      );
      await storm(cluster, client, { steps: 60, accidents: BigInt(3 + (seed % 15)) });
      await cluster.recover();
      const outcomes = await cluster.outcomes();
      const committed = outcomes.filter((outcome) => outcome === 'committed').length;
      expect([0, 3], `seed ${seed}: ${outcomes.join()}`).toContain(committed);
      expect(outcomes, `seed ${seed}`).not.toContain('prepared');
      const expected = committed === 3 ? [[VERSION], [VERSION], [VERSION]] : [[], [], []];
      expect(await cluster.visible(), `seed ${seed}`).toEqual(expected);
      if (observed.some(({ state }) => state === 'done')) expect(committed, `seed ${seed}`).toBe(3);
      seen[committed === 3 ? 'committed' : 'undone']++;
      cluster.close();
    }
    expect(seen.committed).toBeGreaterThan(40);
    expect(seen.undone).toBeGreaterThan(40);
  });

  test('two uploads of the same slice at once: each all or nothing, and never both', async () => {
    const other = { ...UPLOAD, version: '3'.repeat(32), replace: false };
    const attempts = ['a'.repeat(32), 'b'.repeat(32)];
    const seen = new Set<string>();
    // At least 150 storms, and more until every end was seen, which chance decides.
    for (let seed = 0; seed < 150 || (seen.size < 3 && seed < 1_500); seed++) {
      const cluster = new Cluster(`same slice ${seed}`);
      await cluster.open();
      for (const catalogue of cluster.catalogues) await catalogue.stage(other);
      const client = new AbortController();
      for (const [job, version] of [VERSION, other.version].entries()) {
        const attempt = attempts[job] as string;
        for (const node of NODES) {
          cluster.decide(
            node,
            jobId(job),
            attempt,
            (catalogue) => catalogue.prepareUpload(attempt, version, MANIFEST),
            client.signal,
          );
        }
      }
      await storm(cluster, client, { steps: 80, accidents: BigInt(5 + (seed % 60)) });
      await cluster.recover();
      const visible = await cluster.visible();
      expect(visible[1], `seed ${seed}`).toEqual(visible[0]);
      expect(visible[2], `seed ${seed}`).toEqual(visible[0]);
      expect(visible[0]?.length, `seed ${seed}`).toBeLessThanOrEqual(1);
      for (const attempt of attempts) expect(await cluster.outcomes(attempt)).not.toContain('prepared');
      seen.add(visible[0]?.[0] ?? 'none');
      cluster.close();
    }
    expect(seen.size).toBe(3);
  });

  test('an attempt used again for something else neither undoes nor carries the first one', async () => {
    const cluster = new Cluster('used again');
    await cluster.open();
    const other = { ...UPLOAD, table: 'u', version: '3'.repeat(32), replace: false };
    for (const catalogue of cluster.catalogues) {
      await catalogue.stage(other);
      await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
    }
    await cluster.catalogues[0]?.commit(ATTEMPT);
    const observed = NODES.map((node) =>
      cluster.decide(
        node,
        jobId(2),
        ATTEMPT,
        (catalogue) => catalogue.prepareUpload(ATTEMPT, other.version, MANIFEST),
        new AbortController().signal,
      ),
    );
    await cluster.world.settle();
    expect(observed.map(({ error }) => error?.code)).toEqual(['SLICE_STATE', 'SLICE_STATE', 'SLICE_STATE']);
    expect(await cluster.outcomes()).toEqual(['committed', 'prepared', 'prepared']);
    await cluster.recover();
    expect(await cluster.visible()).toEqual([[VERSION], [VERSION], [VERSION]]);
    expect(await cluster.catalogues[0]?.visibleSlices('u')).toEqual([]);
    cluster.close();
  });

  test('without accidents it commits at once, and nobody asks', async () => {
    const cluster = new Cluster('calm');
    await cluster.open();
    const observed = NODES.map((node) =>
      cluster.decide(
        node,
        jobId(1),
        ATTEMPT,
        (catalogue) => catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST),
        new AbortController().signal,
      ),
    );
    await cluster.world.settle();
    expect(observed.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(await cluster.visible()).toEqual([[VERSION], [VERSION], [VERSION]]);
    expect(cluster.decided).toEqual([]);
    cluster.close();
  });

  test('a node that died between the phases commits when it is back, and says so in its log', async () => {
    const cluster = new Cluster('left behind');
    await cluster.open();
    const [first, second, third] = cluster.catalogues as [SqliteCatalogue, SqliteCatalogue, SqliteCatalogue];
    for (const catalogue of cluster.catalogues) await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
    await first.commit(ATTEMPT);
    await second.commit(ATTEMPT);
    expect(await third.pending()).toHaveLength(1);
    await cluster.recover();
    expect(await cluster.outcomes()).toEqual(['committed', 'committed', 'committed']);
    expect(cluster.decided).toEqual(['2 upload-visible']);
    cluster.close();
  });

  test('a node that never prepared rolls all back; the same version may be tried again under a new attempt', async () => {
    const cluster = new Cluster('never prepared');
    await cluster.open();
    for (const catalogue of cluster.catalogues.slice(0, 2)) {
      await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
    }
    await cluster.recover();
    expect(await cluster.outcomes()).toEqual(['rolled-back', 'rolled-back', 'rolled-back']);
    expect(cluster.decided.toSorted()).toEqual(['0 upload-rolled-back', '1 upload-rolled-back']);
    await expect(cluster.catalogues[2]?.prepareUpload(ATTEMPT, VERSION, MANIFEST)).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
    const again = '4'.repeat(32);
    const observed = NODES.map((node) =>
      cluster.decide(
        node,
        jobId(2),
        again,
        (catalogue) => catalogue.prepareUpload(again, VERSION, MANIFEST),
        new AbortController().signal,
      ),
    );
    await cluster.world.settle();
    expect(observed.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(await cluster.visible()).toEqual([[VERSION], [VERSION], [VERSION]]);
    cluster.close();
  });

  test('two nodes that prepared wait for the third, however often they ask', async () => {
    const cluster = new Cluster('waiting');
    await cluster.open();
    for (const catalogue of cluster.catalogues) await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
    cluster.world.crash(2);
    for (let round = 0; round < 3; round++) {
      for (const node of [0, 1]) await cluster.ask(node);
      await cluster.world.settle();
    }
    expect(await cluster.outcomes()).toEqual(['prepared', 'prepared', 'prepared']);
    await cluster.recover();
    expect(await cluster.outcomes()).toEqual(['committed', 'committed', 'committed']);
    cluster.close();
  });

  test('a drop left undecided is carried out, and logged in the name of whoever may have ordered it', async () => {
    for (const slice of ['s', undefined]) {
      const cluster = new Cluster(`drop ${slice}`);
      await cluster.open();
      for (const catalogue of cluster.catalogues) {
        await catalogue.prepareUpload(ATTEMPT, VERSION, MANIFEST);
        await catalogue.commit(ATTEMPT);
        await catalogue.prepareDrop('5'.repeat(32), 't', slice);
      }
      await cluster.catalogues[0]?.commit('5'.repeat(32));
      await cluster.recover();
      expect(await cluster.outcomes('5'.repeat(32))).toEqual(['committed', 'committed', 'committed']);
      expect(await cluster.visible()).toEqual([[], [], []]);
      const kind = slice === undefined ? 'table-dropped' : 'slice-dropped';
      expect(cluster.decided.toSorted()).toEqual([`1 ${kind}`, `2 ${kind}`]);
      cluster.close();
    }
  });
});
