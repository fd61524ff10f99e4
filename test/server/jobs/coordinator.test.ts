import { afterEach, describe, expect, test, vi } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { errorToWire, wireError } from '../../../src/server/jobs/control-message.js';
import { JobWorld, jobId, NODES, type Observed, run, wish } from './job-world.js';
import { voteAndWait } from './test-votes.js';

const done = async (): Promise<string> => 'done';

function states(observed: readonly Observed<unknown>[]): string[] {
  return observed.map(({ state, error }) => (state === 'failed' ? (error?.code ?? '') : state));
}

function expectIdle(world: JobWorld): void {
  for (const { alive, coordinator } of world.nodes) {
    if (alive) expect([coordinator.running, coordinator.waiting]).toEqual([0, 0]);
  }
}

/** The world still serves: a job that all nodes run to its end. */
async function expectServing(world: JobWorld): Promise<void> {
  const after = NODES.map((node) => run(world, node, jobId(0xffff), done));
  await world.settle();
  expect(states(after)).toEqual(['done', 'done', 'done']);
  expectIdle(world);
}

describe('agreement', () => {
  test('jobs that come to the nodes in different orders all run, at most so many at once', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new JobWorld(`orders ${seed}`, { maxRunning: 2 });
      const started: number[][] = [[], [], []];
      const running = [0, 0, 0];
      const observed: Observed<number>[] = [];
      const todo = NODES.flatMap((node) => Array.from({ length: 8 }, (_, job) => ({ node, job })));
      while (todo.length > 0) {
        const [{ node, job }] = todo.splice(Number(world.random.between(0n, BigInt(todo.length - 1))), 1) as [
          { node: NodeIndex; job: number },
        ];
        const minCount = 5 + ((job + node) % 3);
        observed.push(
          run(
            world,
            node,
            jobId(job),
            async (started_) => {
              started[node]?.push(job);
              running[node] = (running[node] ?? 0) + 1;
              expect(running[0]).toBeLessThanOrEqual(2);
              await voteAndWait(started_, node, 3);
              await world.turn(world.node(node));
              running[node] = (running[node] ?? 0) - 1;
              return started_.minCount;
            },
            { wish: wish({ minCount }) },
          ),
        );
        if (world.random.bits(1) === 1n) await world.step();
      }
      await world.settle();
      expect(states(observed)).toEqual(Array.from({ length: 24 }, () => 'done'));
      expect(observed.map(({ value }) => value)).toEqual(Array.from({ length: 24 }, () => 7));
      for (const order of started) expect(new Set(order)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
      expectIdle(world);
    }
  });

  test('a fact that differs at one node ends the job at all, with the same code', async () => {
    for (const who of NODES) {
      const world = new JobWorld(`differs ${who}`);
      const observed = NODES.map((node) =>
        run(world, node, jobId(1), done, {
          wish: wish({ agreed: { table: 't', slices: node === who ? 'b' : 'a' } }),
        }),
      );
      await world.settle();
      expect(states(observed)).toEqual(['STATE_DIFFERS', 'STATE_DIFFERS', 'STATE_DIFFERS']);
      await expectServing(world);
    }
  });

  test('a job that no node has room for is refused by name, at all', async () => {
    const world = new JobWorld('room', { memory: 2 ** 20 });
    const observed = NODES.map((node) =>
      run(world, node, jobId(1), done, { wish: wish({ memory: 3 * 2 ** 20 }) }),
    );
    await world.settle();
    expect(states(observed)).toEqual(['NODE_BUSY', 'NODE_BUSY', 'NODE_BUSY']);
    expect(observed[0]?.error?.message).toContain('3 MiB');
    await expectServing(world);
  });
});

describe('refusals', () => {
  test('one node refuses: the others get its code and its name, in whatever order things come', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const world = new JobWorld(`refusal ${seed}`);
      const who = (seed % 3) as NodeIndex;
      const refusal = new WarifuError('NOT_GRANTED', 'the table is not granted', { table: 't' });
      const observed: Observed<unknown>[] = [];
      const todo = [...NODES];
      while (todo.length > 0) {
        const [node] = todo.splice(Number(world.random.between(0n, BigInt(todo.length - 1))), 1);
        if (node === who) world.node(who).coordinator.refuse(jobId(1), refusal);
        else observed.push(run(world, node ?? 0, jobId(1), done));
        while (world.waiting > 0 && world.random.bits(1) === 1n) await world.step();
      }
      await world.settle();
      expect(states(observed)).toEqual(['NOT_GRANTED', 'NOT_GRANTED']);
      for (const { error } of observed) {
        expect(error?.message).toContain(['alpha', 'beta', 'gamma'][who]);
        expect(error?.details).toMatchObject({ table: 't', node: ['alpha', 'beta', 'gamma'][who] });
      }
      await expectServing(world);
    }
  });

  test('an error of any length arrives in bounds, and never breaks the link', () => {
    const error = new WarifuError('SQL_SYNTAX', 'x'.repeat(20_000), {
      text: 'y'.repeat(5_000),
      [`name${'z'.repeat(100)}`]: 1,
      many: Array.from({ length: 500 }, () => 'w'.repeat(600)),
      odd: Number.NaN,
    });
    expect(wireError.safeParse(JSON.parse(JSON.stringify(errorToWire(error)))).success).toBe(true);
  });

  test('an unknown code of a peer becomes INTERNAL, not a crash', async () => {
    const world = new JobWorld('unknown code');
    const observed = run(world, 1, jobId(1), done);
    world.node(1).coordinator.handle(2, {
      type: 'refuse',
      job: jobId(1),
      error: { code: 'toString', message: 'x', details: {} },
    });
    await world.settle();
    expect(states([observed])).toEqual(['INTERNAL']);
  });
});

describe('a peer that floods', () => {
  test('offers of jobs that nobody asked for do not keep the others from running theirs', async () => {
    const world = new JobWorld('flood');
    for (let i = 0; i < 2_000; i++)
      world.node(0).coordinator.handle(2, { type: 'vote', job: jobId(100 + i), vote: '0'.repeat(128) });
    const observed = NODES.map((node) => run(world, node, jobId(1), done));
    await world.settle();
    expect(states(observed)).toEqual(['done', 'done', 'done']);
  });
});

describe('a request that does not reach all nodes', () => {
  afterEach(() => vi.useRealTimers());

  test.each([0, 1, 2])('is given up within the meeting time, naming node %i', async (missing) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const name = ['alpha', 'beta', 'gamma'][missing];
    for (const ticking of [true, false]) {
      const world = new JobWorld('missing');
      const observed = NODES.filter((node) => node !== missing).map((node) =>
        run(world, node, jobId(1), done),
      );
      await world.settle();
      for (let second = 0; second < 10; second++) {
        await vi.advanceTimersByTimeAsync(1000);
        if (ticking) for (const { coordinator } of world.nodes) coordinator.tick();
        await world.settle();
      }
      expect(states(observed)).toEqual(['NODE_UNREACHABLE', 'NODE_UNREACHABLE']);
      for (const { error } of observed) {
        expect(error?.message).toContain(name);
        expect(error?.message).not.toContain(['beta', 'gamma', 'alpha'][missing]);
      }
      if (!ticking) continue;
      const late = run(world, missing, jobId(1), done);
      await world.settle();
      expect(states([late])).toEqual(['NODE_UNREACHABLE']);
      await expectServing(world);
    }
  });

  test('offers of requests that never come are bounded, and do not block what does come', async () => {
    const world = new JobWorld('foreign');
    const { coordinator } = world.node(1);
    const proposal = { ...wish(), epoch: 1, room: 10 };
    const refused: string[] = [];
    const spy = vi.spyOn(world.node(1).mesh, 'sendControl').mockImplementation((_to, message) => {
      refused.push((message as { type: string; error: { code: string } }).error.code);
    });
    for (let n = 0; n < 300; n++) coordinator.handle(2, { type: 'offer', job: jobId(1000 + n), proposal });
    spy.mockRestore();
    expect(refused).toEqual(Array.from({ length: 300 - 256 }, () => 'NODE_BUSY'));
    expect(coordinator.waiting).toBe(0);
    const known = NODES.map((node) => run(world, node, jobId(1), done));
    await world.settle();
    // Its own request came first here, so its peers' offers find it.
    expect(states(known)).toEqual(['done', 'done', 'done']);
  });
});

type Stage = 'before the others' | 'waiting for its turn' | 'computing' | 'voting';
const STAGES: readonly Stage[] = ['before the others', 'waiting for its turn', 'computing', 'voting'];

/** Brings a job to a stage at all nodes; `computing` and `voting` wait for ever unless the job ends. */
async function atStage(
  world: JobWorld,
  stage: Stage,
  signals: readonly AbortSignal[],
): Promise<Observed<unknown>[]> {
  if (stage === 'waiting for its turn') {
    for (const node of NODES) run(world, node, jobId(7), (job) => neverUnless(job.signal));
    await world.settle();
  }
  const nodes = stage === 'before the others' ? NODES.slice(0, 2) : NODES;
  const observed = nodes.map((node) =>
    run(
      world,
      node,
      jobId(1),
      async (job) => {
        if (stage === 'computing') {
          await job.compute('program', () => neverUnless(job.signal));
        } else if (node !== 0) await voteAndWait(job, node, 3);
        else await neverUnless(job.signal);
      },
      { signal: signals[node] as AbortSignal },
    ),
  );
  await world.settle();
  return observed;
}

function neverUnless(signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}

describe.each(STAGES)('%s', (stage) => {
  const limits = { maxRunning: stage === 'waiting for its turn' ? 1 : 4 };

  test.each(NODES)('the client of node %i goes away: cancelled at all nodes', async (who) => {
    if (stage === 'before the others' && who === 2) return;
    const world = new JobWorld(`gone ${stage} ${who}`, limits);
    const controllers = NODES.map(() => new AbortController());
    const observed = await atStage(
      world,
      stage,
      controllers.map(({ signal }) => signal),
    );
    expect(states(observed)).toEqual(observed.map(() => 'pending'));
    controllers[who]?.abort();
    await world.settle();
    expect(states(observed)).toEqual(observed.map(() => 'CANCELLED'));
    if (stage !== 'waiting for its turn') await expectServing(world);
  });

  test.each(NODES)('node %i is lost: the others say so, and serve again when it is back', async (who) => {
    const world = new JobWorld(`lost ${stage} ${who}`, limits);
    const observed = await atStage(
      world,
      stage,
      NODES.map(() => new AbortController().signal),
    );
    world.crash(who);
    await world.settle();
    const rest = observed.filter((_, node) => node !== who);
    expect(states(rest)).toEqual(rest.map(() => 'NODE_LOST'));
    for (const { error } of rest) expect(error?.message).toContain(['alpha', 'beta', 'gamma'][who]);
    expectIdle(world);
    const meanwhile = run(world, who === 0 ? 1 : 0, jobId(2), done);
    await world.settle();
    expect(states([meanwhile])).toEqual(['NODE_UNREACHABLE']);
    world.start(who);
    for (const peer of NODES) if (peer !== who) world.mend(who, peer);
    await expectServing(world);
  });

  test('a link that ends since its node broke the rules is no lost node', async () => {
    const world = new JobWorld(`rules ${stage}`, limits);
    const observed = await atStage(
      world,
      stage,
      NODES.map(() => new AbortController().signal),
    );
    const broken = new WarifuError('FRAME_INVALID', 'node 1: frame has 1 bytes too many', { node: 1 });
    world.node(0).coordinator.peerDown(1, broken);
    await world.settle();
    expect(states(observed)).toEqual(observed.map(() => 'FRAME_INVALID'));
  });

  test('a node stops in good order: the others may try again', async () => {
    const world = new JobWorld(`stop ${stage}`, limits);
    const observed = await atStage(
      world,
      stage,
      NODES.map(() => new AbortController().signal),
    );
    world.node(1).coordinator.stop();
    await world.settle();
    expect(states(observed)).toEqual(observed.map(() => 'NODE_LOST'));
    expect(states([run(world, 1, jobId(3), done)])).toEqual(['pending']);
    const late = run(world, 1, jobId(4), done);
    await world.settle();
    expect(states([late])).toEqual(['NODE_LOST']);
  });
});

describe('the queue', () => {
  test('is bounded: what is too much is refused at once, everywhere', async () => {
    const world = new JobWorld('bounds', { maxRunning: 1, maxWaiting: 2 });
    let free: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      free = resolve;
    });
    const jobs: Observed<unknown>[][] = [];
    for (let job = 0; job < 5; job++) {
      jobs.push(NODES.map((node) => run(world, node, jobId(job), () => gate)));
      await world.settle();
    }
    expect(jobs.map((observed) => states(observed)[0])).toEqual([
      'pending',
      'pending',
      'pending',
      'NODE_BUSY',
      'NODE_BUSY',
    ]);
    for (const observed of jobs) expect(new Set(states(observed)).size).toBe(1);
    free();
    await world.settle();
    expect(jobs.slice(0, 3).flatMap(states)).toEqual(Array.from({ length: 9 }, () => 'done'));
    await expectServing(world);
  });

  /** Runs jobs one after the other into the queue; ends them one at a time; says which ran at each moment. */
  async function timeline(world: JobWorld, wishes: readonly ReturnType<typeof wish>[]): Promise<string[]> {
    const running = new Map<number, () => void>();
    const moments: string[] = [];
    for (const [job, wanted] of wishes.entries()) {
      for (const node of NODES) {
        run(
          world,
          node,
          jobId(job),
          () =>
            new Promise<void>((resolve) => {
              const before = running.get(job);
              running.set(job, () => {
                before?.();
                resolve();
              });
            }),
          { wish: wanted },
        );
      }
      await world.settle();
    }
    while (running.size > 0) {
      const now = [...running.keys()].sort((a, b) => a - b);
      moments.push(now.join(' '));
      running.get(now[0] as number)?.();
      running.delete(now[0] as number);
      await world.settle();
    }
    expectIdle(world);
    return moments;
  }

  test('memory: jobs run together as far as it reaches; a large one is not overtaken', async () => {
    const world = new JobWorld('memory', { memory: 100 });
    const wishes = [60, 60, 40, 100, 10].map((memory) => wish({ memory }));
    expect(await timeline(world, wishes)).toEqual(['0', '1 2', '2', '3', '4']);
  });

  test('one change of a table at a time; other tables and queries go on', async () => {
    const world = new JobWorld('exclusive');
    const change = (kind: 'upload' | 'drop', table: string) => wish({ kind, agreed: { table } });
    const wishes = [
      change('upload', 'Patients'),
      change('drop', 'PATIENTS'),
      change('upload', 'others'),
      wish({ agreed: { table: 'patients' } }),
    ];
    expect(await timeline(world, wishes)).toEqual(['0 2 3', '1 2 3', '2 3', '3']);
  });
});

describe('what comes late', () => {
  test('a request is served once; what failed is answered with its reason', async () => {
    const world = new JobWorld('late');
    for (const node of NODES) run(world, node, jobId(1), done);
    await world.settle();
    const again = run(world, 0, jobId(1), done);
    world.node(1).coordinator.refuse(jobId(2), new WarifuError('NOT_ALLOWED', 'no'));
    await world.settle();
    const refused = run(world, 0, jobId(2), done);
    await world.settle();
    expect(states([again, refused])).toEqual(['REQUEST_REPLAYED', 'NOT_ALLOWED']);
    expectIdle(world);
  });

  test('messages of ended jobs change nothing and start no conversation', async () => {
    const world = new JobWorld('messages');
    for (const node of NODES) run(world, node, jobId(1), done);
    world.node(1).coordinator.refuse(jobId(2), new WarifuError('NOT_ALLOWED', 'no'));
    await world.settle();
    const { coordinator } = world.node(1);
    const proposal = { ...wish(), epoch: 1, room: 10 };
    const offer = { public_key: 'a'.repeat(64), nonce: 'b'.repeat(64) };
    const error = { code: 'CANCELLED', message: 'x', details: {} };
    for (const job of [jobId(1), jobId(2)]) {
      coordinator.handle(0, { type: 'vote', job, vote: '0'.repeat(128) });
      coordinator.handle(0, { type: 'start', job, record: 'c'.repeat(64) });
      coordinator.handle(0, { type: 'keys', job, offer });
      coordinator.handle(0, { type: 'refuse', job, error });
    }
    expect(world.waiting).toBe(0);
    coordinator.handle(0, { type: 'offer', job: jobId(2), proposal });
    expect(world.waiting).toBe(1);
    await world.settle();
    expectIdle(world);
  });

  test('the same request twice at once: one runs', async () => {
    const world = new JobWorld('twice');
    const first = NODES.map((node) => run(world, node, jobId(1), done));
    const second = run(world, 0, jobId(1), done);
    await world.settle();
    expect(states([...first, second])).toEqual(['done', 'done', 'done', 'REQUEST_REPLAYED']);
  });

  test('only node 0 starts jobs, and only as all agreed', async () => {
    const world = new JobWorld('start', { maxRunning: 1 });
    const gate = new AbortController();
    for (const node of NODES) run(world, node, jobId(9), () => neverUnless(gate.signal));
    await world.settle();
    const observed = NODES.map((node) => run(world, node, jobId(1), done));
    await world.settle();
    world.node(1).coordinator.handle(2, { type: 'start', job: jobId(1), record: 'c'.repeat(64) });
    await world.settle();
    expect(states(observed)).toEqual(['pending', 'pending', 'pending']);
    world.node(1).coordinator.handle(0, { type: 'start', job: jobId(1), record: 'c'.repeat(64) });
    await world.settle();
    expect(states(observed)).toEqual(['POLICY_DIFFERS', 'POLICY_DIFFERS', 'POLICY_DIFFERS']);
  });

  test('a failure after all nodes have prepared does not undo the outcome', async () => {
    const world = new JobWorld('settled');
    const controllers = NODES.map(() => new AbortController());
    const observed = NODES.map((node) =>
      run(
        world,
        node,
        jobId(1),
        async (job) => {
          await voteAndWait(job, node, 3);
          await world.turn(world.node(node));
          controllers[node]?.abort();
          return 'committed';
        },
        { signal: controllers[node]?.signal as AbortSignal },
      ),
    );
    await world.settle();
    expect(states(observed)).toEqual(['done', 'done', 'done']);
  });
});
