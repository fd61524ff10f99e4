import { describe, expect, test } from 'vitest';
import type { PartIndex } from '../../../src/core/scheme.js';
import { overlap } from '../../../src/protocols/overlap.js';
import { ReceivedCommitments } from '../../../src/server/work/received-commitments.js';

const place = (chunk: number, part: PartIndex = 0) => ({ part, chunk });
const list = (fill: number, count = 2) => Array.from({ length: count }, () => new Uint8Array(32).fill(fill));

describe('received commitments', () => {
  test('are known by version, part and chunk, once', () => {
    const received = new ReceivedCommitments();
    received.add('a', place(0), list(1));
    received.add('a', place(0, 1), list(2));
    received.add('b', place(0), list(3));
    received.add('a', place(0), list(4));
    const known = received.take('a');
    expect(known(place(0))).toEqual(list(4));
    expect(known(place(0, 1))).toEqual(list(2));
    expect(known(place(1))).toBeUndefined();
    expect(received.take('a')(place(0))).toBeUndefined();
    expect(received.take('b')(place(0))).toEqual(list(3));
  });

  test('of the oldest upload are forgotten when there are too many', () => {
    const received = new ReceivedCommitments(5 * 64);
    for (let chunk = 0; chunk < 3; chunk++) received.add('a', place(chunk), list(chunk));
    for (let chunk = 0; chunk < 3; chunk++) received.add('b', place(chunk), list(chunk));
    expect(received.take('a')(place(0))).toBeUndefined();
    expect(received.take('b')(place(2))).toEqual(list(2));
    // what was taken or forgotten counts no more
    for (let chunk = 0; chunk < 5; chunk++) received.add('c', place(chunk), list(chunk));
    expect(received.take('c')(place(0))).toEqual(list(0));
  });
});

describe('overlapping tasks', () => {
  test('give their results in order, and no more than so many are under way', async () => {
    let running = 0;
    let most = 0;
    const results = await overlap([5, 1, 4, 2, 3], 2, async (task) => {
      running += 1;
      most = Math.max(most, running);
      for (let i = 0; i < task; i++) await Promise.resolve();
      running -= 1;
      return 10 * task;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  test('end with the error of the first that fails, and start no further one', async () => {
    const started: number[] = [];
    const running = overlap([0, 1, 2, 3, 4, 5], 2, async (task) => {
      started.push(task);
      await Promise.resolve();
      if (task > 0) throw new Error(`task ${task}`);
    });
    await expect(running).rejects.toThrow('task 1');
    expect(started.length).toBeLessThan(5);
  });
});
