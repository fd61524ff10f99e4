/**
 * One of four nodes tells each of the others whatever it likes about an attempt, at any moment, with every vote that it
 * has ever seen; the honest ones crash and lose links. Two of them never end differently, and once it was replaced they end.
 */
import { describe, expect, test } from 'vitest';
import { type NodeIndex, REP4 } from '../../../src/core/scheme.js';
import type { Votes } from '../../../src/server/identity/attempt-votes.js';
import { type ControlMessage, controlMessage } from '../../../src/server/jobs/control-message.js';
import type { Leaning } from '../../../src/server/store/catalogue.js';
import { ATTEMPT, Cluster, MANIFEST, VERSION } from './decision-cluster.js';
import { jobId, NAMES } from './job-world.js';
import { voteOf } from './test-votes.js';

const LIAR = 3;
const HONEST: readonly NodeIndex[] = [0, 1, 2];

type Tell = Extract<ControlMessage, { type: 'tell' }>;
const OUTCOMES = controlMessage.options.flatMap(({ shape }): Tell['outcome'][] =>
  'outcome' in shape ? shape.outcome.options : [],
);

class Liar {
  readonly #cluster: Cluster;
  /** Votes that it has come by. */
  readonly #seen: (string | null)[] = [null, null, null, voteOf(LIAR, ATTEMPT)];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.world.bend = (from, to, message) => this.#bend(from, to, message);
  }

  /** Says something to somebody without being asked. */
  speak(): void {
    const to = HONEST[this.#draw(HONEST.length)] as NodeIndex;
    this.#cluster.world.node(to).onDecision(LIAR, this.#lie());
  }

  #bend(from: NodeIndex, to: NodeIndex, message: ControlMessage): ControlMessage | undefined {
    if (to === LIAR) this.#learn(from, message);
    if (from !== LIAR) return message;
    if (message.type === 'vote') return this.#draw(3) === 0 ? undefined : message;
    if (message.type !== 'tell') return message;
    return this.#draw(4) === 0 ? undefined : this.#lie();
  }

  #lie(): Tell {
    const outcome = OUTCOMES[this.#draw(OUTCOMES.length)] as Tell['outcome'];
    const votes: Votes = this.#seen.map((vote) => (this.#draw(4) === 0 ? null : vote));
    return { type: 'tell', attempt: ATTEMPT, outcome, votes };
  }

  #learn(from: NodeIndex, message: ControlMessage): void {
    if (message.type === 'vote') this.#seen[from] = message.vote;
    if (message.type !== 'tell') return;
    for (const [node, vote] of message.votes.entries()) this.#seen[node] = vote ?? this.#seen[node] ?? null;
  }

  #draw(n: number): number {
    return Number(this.#cluster.world.random.between(0n, BigInt(n - 1)));
  }
}

/** Jobs, lies and accidents, for so many steps. */
async function storm(cluster: Cluster, liar: Liar, steps: number, accidents: bigint): Promise<void> {
  const { world } = cluster;
  for (let step = 0; step < steps; step++) {
    await world.step();
    if (world.random.between(1n, 6n) === 1n) liar.speak();
    if (world.random.between(1n, accidents) !== 1n) continue;
    const node = Number(world.random.between(0n, 2n)) as NodeIndex;
    const peer = cluster.peersOf(node)[Number(world.random.between(0n, 2n))] as NodeIndex;
    const kind = world.random.between(0n, 5n);
    if (kind < 2n) world.cut(node, peer);
    else if (kind < 3n && world.node(node).alive) world.crash(node);
    else if (kind < 5n) {
      if (!world.node(node).alive) cluster.restart(node);
      for (const other of cluster.peersOf(node)) if (world.node(other).alive) world.mend(node, other);
    } else await cluster.ask(node);
  }
}

describe('a node that tells different nodes different things', () => {
  test('never divides the others, and when it was replaced all is decided', async () => {
    const seen = { committed: 0, 'rolled-back': 0, undecided: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const cluster = new Cluster(`lies ${seed}`, REP4);
      await cluster.open();
      const liar = new Liar(cluster);
      const observed = cluster.upload(jobId(1));
      await storm(cluster, liar, 80, BigInt(4 + (seed % 40)));
      await cluster.recover();
      const outcomes = (await cluster.outcomes()).filter((_, node) => node !== LIAR);
      const ends = new Set(outcomes.filter((one) => one === 'committed' || one === 'rolled-back'));
      expect(ends.size, `seed ${seed}: ${outcomes.join()}`).toBeLessThanOrEqual(1);
      const done = observed.some(({ state }, node) => node !== LIAR && state === 'done');
      if (done) expect(outcomes, `seed ${seed}`).not.toContain('rolled-back');
      const accusations = cluster.failedChecks.filter((one) => !one.startsWith(`${LIAR} `));
      for (const accusation of accusations) expect(accusation, `seed ${seed}`).toContain(NAMES[LIAR]);
      await cluster.replace(LIAR);
      await cluster.run(LIAR);
      // A node that never heard of it shows nothing of it either.
      const gone = (outcome: string): string => (outcome === 'unknown' ? 'rolled-back' : outcome);
      const afterwards = (await cluster.outcomes()).slice(0, LIAR).map(gone);
      for (const outcome of afterwards) {
        expect(['committed', 'rolled-back'], `seed ${seed}: ${afterwards.join()}`).toContain(outcome);
      }
      expect(new Set([...afterwards, ...ends]).size, `seed ${seed}`).toBe(1);
      const [first] = outcomes;
      const alike = outcomes.every((one) => one === first);
      if (alike && (first === 'committed' || first === 'rolled-back')) seen[first]++;
      else seen.undecided++;
      cluster.close();
    }
    expect(seen.committed).toBeGreaterThan(30);
    expect(seen['rolled-back']).toBeGreaterThan(30);
  });

  test('that is silent is named by the next change of the same slice', async () => {
    const cluster = new Cluster('silent', REP4);
    await cluster.open();
    cluster.world.bend = (from, _to, message) =>
      from === LIAR && (message.type === 'tell' || message.type === 'vote') ? undefined : message;
    for (const node of HONEST) await cluster.catalogues[node]?.prepareUpload(ATTEMPT, VERSION, MANIFEST);
    for (const node of HONEST) await cluster.ask(node);
    await cluster.world.settle();
    const observed = cluster.upload(jobId(2), '4'.repeat(32));
    await cluster.world.settle();
    const refused = observed.map(({ error }) => error).filter((error) => error?.code === 'SLICE_BUSY');
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error?.details['nodes']).toEqual([NAMES[LIAR]]);
      expect(error?.message).toContain(`takes effect when node ${NAMES[LIAR]} says so too`);
    }
    cluster.close();
  });

  test.each([
    ['committing', 'committing', 'rolling-back', 'committed'],
    ['committing', 'rolling-back', 'rolling-back', 'rolled-back'],
  ] as const)('that left %s, %s, %s is replaced: all are %s', async (...leanings) => {
    const end = leanings[LIAR];
    const cluster = new Cluster('left behind', REP4);
    await cluster.open();
    const votes = REP4.nodes.map((node) => voteOf(node, ATTEMPT));
    for (const node of HONEST) {
      const leaning = leanings[node] as Leaning;
      await cluster.catalogues[node]?.prepareUpload(ATTEMPT, VERSION, MANIFEST);
      await cluster.catalogues[node]?.lean(ATTEMPT, leaning, leaning === 'committing' ? votes : []);
    }
    cluster.world.crash(LIAR);
    for (const node of HONEST) await cluster.ask(node);
    await cluster.world.settle();
    expect((await cluster.outcomes()).slice(0, LIAR)).toEqual(leanings.slice(0, LIAR));
    await cluster.replace(LIAR);
    expect((await cluster.outcomes()).slice(0, LIAR)).toEqual([end, end, end]);
    cluster.close();
  });
});
