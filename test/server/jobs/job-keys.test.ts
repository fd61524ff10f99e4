/** Keys of a job among four nodes, by control messages: equal where they must be, and no liar gets as far as computing. */
import { afterEach, expect, test, vi } from 'vitest';
import { type NodeIndex, partsHeldBy, peersOf, REP4 } from '../../../src/core/scheme.js';
import { openBitsToNodes } from '../../../src/protocols/open.js';
import type { ControlMessage } from '../../../src/server/jobs/control-message.js';
import { JobWorld, jobId, NAMES, type Observed, run } from './job-world.js';

const KINDS = ['keys', 'key-commit', 'key-open', 'key-echo'] as const;
type KeyMessage = Extract<ControlMessage, { type: (typeof KINDS)[number] }>;

let sent = 0;
afterEach(() => vi.useRealTimers());

function isKeyMessage(message: ControlMessage): message is KeyMessage {
  return (KINDS as readonly string[]).includes(message.type);
}

/** All four nodes compute: random bits of which nobody knows any, opened. `sent` counts messages of the computation. */
async function computed(world: JobWorld): Promise<Observed<string>[]> {
  sent = 0;
  world.network.intercept(() => {
    sent++;
  });
  const observed = REP4.nodes.map((node) =>
    run(world, node, jobId(1), async (job) => {
      const { result } = await job.compute('program', async (ctx) => {
        const bits = ctx.backend.randomBits(ctx.step('draw'), 1, 128);
        return await openBitsToNodes(ctx.step('open'), bits);
      });
      return Buffer.from(result.bytes()).toString('hex');
    }),
  );
  await world.settle();
  return observed;
}

test('give all four nodes the same streams', async () => {
  const world = new JobWorld('keys of four', { scheme: REP4 });
  const observed = await computed(world);
  await vi.waitFor(() => expect(observed.map(({ state }) => state)).toEqual(Array(4).fill('done')));
  expect(new Set(observed.map(({ value }) => value)).size).toBe(1);
  expect(observed[0]?.value).not.toBe('00'.repeat(16));
  expect(sent).toBeGreaterThan(0);
  const again = new JobWorld('keys of four', { scheme: REP4 });
  const other = await computed(again);
  await vi.waitFor(() => expect(other[0]?.state).toBe('done'));
  expect(other[0]?.value).not.toBe(observed[0]?.value);
});

test('say nothing of a part to the node that lacks it', async () => {
  const world = new JobWorld('fourth', { scheme: REP4 });
  const lists: { to: NodeIndex; parts: number[] }[] = [];
  world.bend = (_from, to, message) => {
    if (message.type === 'key-commit' || message.type === 'key-open' || message.type === 'key-echo') {
      lists.push({ to, parts: message.list.map(({ part }) => part) });
    }
    return message;
  };
  await computed(world);
  expect(lists).toHaveLength(3 * 12);
  for (const { to, parts } of lists) {
    expect(parts).toHaveLength(2);
    for (const part of parts) expect(partsHeldBy(REP4, to)).toContain(part);
  }
});

const flip = (hex: string): string => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`;

/** The message with one field of one entry changed. */
function bent(message: KeyMessage): KeyMessage {
  switch (message.type) {
    case 'keys':
      return { ...message, offer: { ...message.offer, public_key: '00'.repeat(32) } };
    case 'key-commit':
      return {
        ...message,
        list: message.list.map((one) => ({ ...one, commitment: flip(one.commitment) })),
      };
    case 'key-open':
      return {
        ...message,
        list: message.list.map((one) => ({ ...one, contribution: flip(one.contribution) })),
      };
    case 'key-echo':
      return { ...message, list: message.list.map((one) => ({ ...one, seen: one.seen.map(flip) })) };
  }
}

const LIES = REP4.nodes.flatMap((liar) =>
  peersOf(REP4, liar).flatMap((victim) => KINDS.map((kind) => ({ liar, victim, kind }))),
);

test.each(LIES)('node $liar bends $kind to node $victim: ended before anything is computed', async (lie) => {
  const told: string[] = [];
  const world = new JobWorld(`lie ${lie.liar} ${lie.victim} ${lie.kind}`, {
    scheme: REP4,
    onFailed: async (_id, { code }) => {
      told.push(code);
    },
  });
  world.bend = (from, to, message) =>
    from === lie.liar && to === lie.victim && message.type === lie.kind && isKeyMessage(message)
      ? bent(message)
      : message;
  const observed = await computed(world);
  await vi.waitFor(() => {
    // whoever heard of it ends with the error of the one who noticed
    expect(observed[lie.victim]?.state).toBe('failed');
  });
  const error = observed[lie.victim]?.error;
  expect(error?.code).toBe('PEER_MISBEHAVED');
  expect(error?.message).toMatch(new RegExp(`^node ${lie.liar} `));
  // an echo that is bent for one victim leaves keys that are equal everywhere: the others may have begun
  if (lie.kind !== 'key-echo') expect(sent).toBe(0);
  await world.settle();
  await vi.waitFor(() => expect(observed.map(({ state }) => state)).toEqual(Array(4).fill('failed')));
  for (const { error: one } of observed) expect(one?.code).toBe('PEER_MISBEHAVED');
  // each node keeps it for its operator, and does not go on with three after it
  expect(told).toEqual(Array(4).fill('PEER_MISBEHAVED'));
});

test.each(KINDS)(
  'a node that does not send its %s is named by all who wait for it, in ten seconds',
  async (kind) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const world = new JobWorld(`silent ${kind}`, { scheme: REP4 });
    world.bend = (from, to, message) =>
      from === 2 && to === 0 && message.type === kind ? undefined : message;
    const observed = await computed(world);
    vi.advanceTimersByTime(11_000);
    await world.settle();
    expect(observed[0]?.error).toMatchObject({ code: 'NO_PROGRESS' });
    expect(observed[0]?.error?.message).toContain(`of node ${NAMES[2]}`);
    expect(sent === 0 || kind === 'key-echo').toBe(true);
  },
);
