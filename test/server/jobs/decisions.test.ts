/** The two phases against crashes and lost links at every point: all nodes end alike, or the protocol is wrong. */
import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import type { SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { ATTEMPT, Cluster, MANIFEST, UPLOAD, VERSION } from './decision-cluster.js';
import { jobId, NODES, peersOf } from './job-world.js';

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
    const observed = cluster.upload(jobId(1));
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
