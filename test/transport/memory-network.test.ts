import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import { childStep, rootStep } from '../../src/core/step.js';
import type { Channel } from '../../src/transport/channel.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';

const STEP = rootStep('test');
const KEY = { step: STEP, tag: 'x' };
const bytes = (...values: number[]) => Uint8Array.from(values);
const next = (node: NodeIndex) => ((node + 1) % 3) as NodeIndex;
const prev = (node: NodeIndex) => ((node + 2) % 3) as NodeIndex;

async function failure(promise: Promise<unknown>): Promise<WarifuError> {
  const thrown: unknown = await promise.then(
    () => expect.unreachable('should have failed'),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(WarifuError);
  return thrown as WarifuError;
}

/** A ring of dependent messages: each node sends to the next what it got from the previous one. */
async function ring(channel: Channel, rounds: number): Promise<void> {
  let message: Uint8Array = bytes(channel.self);
  for (let round = 1; round <= rounds; round++) {
    const key = { step: childStep(STEP, `r${round}`), tag: 'x' };
    await channel.send(next(channel.self), key, message, round);
    message = await channel.receive(prev(channel.self), key, 1);
  }
}

describe('MemoryNetwork', () => {
  test('delivers before and after the receive, and counts payload and rounds', async () => {
    const network = new MemoryNetwork(3);
    const [a, b] = [network.channel(0), network.channel(1)];
    await a.send(1, KEY, bytes(1, 2, 3), 1);
    expect(await b.receive(0, KEY, 3)).toEqual(bytes(1, 2, 3));
    const waiting = a.receive(1, KEY, 2);
    await b.send(0, KEY, bytes(4, 5), 2);
    expect(await waiting).toEqual(bytes(4, 5));
    expect([a.meter.bytesSent, b.meter.bytesSent]).toEqual([3, 2]);
    // What another node says of its clock does not count.
    expect([a.meter.rounds, b.meter.rounds]).toEqual([1, 2]);
    expect(b.meter.steps.get(STEP)).toEqual({ messages: 1, bytes: 2 });
    network.close();
  });

  test('keeps sessions, steps, tags and senders apart', async () => {
    const network = new MemoryNetwork(3);
    await network.channel(0, 'p').send(2, KEY, bytes(1), 1);
    await network.channel(0, 'q').send(2, KEY, bytes(2), 1);
    await network.channel(1, 'p').send(2, KEY, bytes(3), 1);
    await network.channel(0, 'p').send(2, { step: STEP, tag: 'y' }, bytes(4), 1);
    const p = network.channel(2, 'p');
    expect(await p.receive(0, { step: STEP, tag: 'y' }, 1)).toEqual(bytes(4));
    expect(await p.receive(1, KEY, 1)).toEqual(bytes(3));
    expect(await p.receive(0, KEY, 1)).toEqual(bytes(1));
    expect(await network.channel(2, 'q').receive(0, KEY, 1)).toEqual(bytes(2));
  });

  test('gives the receiver bytes of its own, aligned to 8', async () => {
    const network = new MemoryNetwork(2);
    const sent = new Uint8Array(new ArrayBuffer(19), 3, 16).fill(7);
    await network.channel(0).send(1, KEY, sent, 1);
    const got = await network.channel(1).receive(0, KEY, 16);
    expect(got.byteOffset % 8).toBe(0);
    got.fill(0);
    expect(sent[0]).toBe(7);
  });

  test('a wrong length names the step, the sender and both lengths', async () => {
    const network = new MemoryNetwork(2);
    await network.channel(0).send(1, KEY, bytes(1, 2), 1);
    const error = await failure(network.channel(1).receive(0, KEY, 3));
    expect(error.code).toBe('MESSAGE_LENGTH');
    expect(error.details).toMatchObject({ step: 'test', from: 0, expected: 3, got: 2 });
  });

  test('a key used twice is refused at the sender and at the receiver', async () => {
    const network = new MemoryNetwork(2);
    const [a, b] = [network.channel(0), network.channel(1)];
    await a.send(1, KEY, bytes(1), 1);
    expect((await failure(a.send(1, KEY, bytes(1), 1))).code).toBe('STEP_REUSED');
    await b.receive(0, KEY, 1);
    expect((await failure(b.receive(0, KEY, 1))).code).toBe('STEP_REUSED');
  });

  test('a message that arrives twice ends the session of its receiver', async () => {
    const network = new MemoryNetwork(2);
    network.intercept((message) => [message.bytes, message.bytes]);
    const waiting = failure(network.channel(1).receive(0, { step: STEP, tag: 'other' }, 1));
    await network.channel(0).send(1, KEY, bytes(1), 1);
    expect((await waiting).code).toBe('FRAME_INVALID');
    expect((await failure(network.channel(1).receive(0, KEY, 1))).code).toBe('FRAME_INVALID');
  });

  test('an interceptor alters, leaves and, when taken away, stops', async () => {
    const network = new MemoryNetwork(2);
    const stop = network.intercept(({ from, step, tag, clock, bytes: sent }) => {
      expect([from, step, tag, clock]).toEqual([0, STEP, tag, 1]);
      return tag === 'x' ? bytes((sent[0] ?? 0) ^ 1) : undefined;
    });
    await network.channel(0).send(1, KEY, bytes(6), 1);
    await network.channel(0).send(1, { step: STEP, tag: 'y' }, bytes(6), 1);
    stop();
    await network.channel(0).send(1, { step: rootStep('u'), tag: 'x' }, bytes(6), 9);
    const b = network.channel(1);
    expect(await b.receive(0, KEY, 1)).toEqual(bytes(7));
    expect(await b.receive(0, { step: STEP, tag: 'y' }, 1)).toEqual(bytes(6));
    expect(await b.receive(0, { step: rootStep('u'), tag: 'x' }, 1)).toEqual(bytes(6));
  });

  test.each([false, true])(
    'a dropped message ends in NO_PROGRESS that names it (waves: %s)',
    async (waves) => {
      const network = new MemoryNetwork(3, { stallMs: 40, waves });
      network.intercept((message) => (message.step === 'test/r2' && message.from === 1 ? [] : undefined));
      const errors = await Promise.all(
        ([0, 1, 2] as const).map((node) => failure(ring(network.channel(node), 4))),
      );
      expect(errors.map((error) => error.code)).toEqual(['NO_PROGRESS', 'NO_PROGRESS', 'NO_PROGRESS']);
      expect(errors[2]?.details).toMatchObject({ step: 'test/r2', tag: 'x', from: 1 });
    },
  );

  test('waves equal the rounds of the clocks, however many messages a round has', async () => {
    const network = new MemoryNetwork(3, { waves: true });
    const channels = ([0, 1, 2] as const).map((node) => network.channel(node));
    await Promise.all(channels.map((channel) => ring(channel, 5)));
    expect(network.waves).toBe(5);
    expect(channels.map((channel) => channel.meter.rounds)).toEqual([5, 5, 5]);
  });

  test('records what each node received, apart from what the receiver does with it', async () => {
    const network = new MemoryNetwork(3, { record: true });
    const channels = ([0, 1, 2] as const).map((node) => network.channel(node));
    await Promise.all(channels.map((channel) => ring(channel, 2)));
    expect(
      network.transcript(1).map(({ from, step, tag, bytes: got }) => [from, step, tag, [...got]]),
    ).toEqual([
      [0, 'test/r1', 'x', [0]],
      [0, 'test/r2', 'x', [2]],
    ]);
  });

  test('close and abort fail what waits and what comes later', async () => {
    const network = new MemoryNetwork(2);
    const first = failure(network.channel(0, 's').receive(1, KEY, 1));
    network.abort('s', new WarifuError('COPIES_DIFFER', 'test'));
    expect((await first).code).toBe('COPIES_DIFFER');
    const second = failure(network.channel(0, 't').receive(1, KEY, 1));
    network.close();
    expect((await second).code).toBe('CANCELLED');
    expect((await failure(network.channel(1, 't').send(0, KEY, bytes(1), 1))).code).toBe('CANCELLED');
    expect((await failure(network.channel(1, 'new').receive(0, KEY, 1))).code).toBe('CANCELLED');
  });

  test('refuses nodes that do not exist and messages to oneself', async () => {
    expect(() => new MemoryNetwork(5)).toThrow(RangeError);
    const network = new MemoryNetwork(2);
    expect(() => network.channel(2)).toThrow(RangeError);
    await expect(network.channel(0).send(0, KEY, bytes(1), 1)).rejects.toThrow(RangeError);
    await expect(network.channel(0).receive(3, KEY, 1)).rejects.toThrow(RangeError);
  });
});
