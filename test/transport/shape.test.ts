import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DelayLine } from '../../src/transport/shape.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function line(latencyMs: number, bitsPerSecond?: number) {
  const delays = new DelayLine({ latencyMs, bitsPerSecond });
  const arrived: [string, number][] = [];
  const start = performance.now();
  const push = (name: string, bytes: number) =>
    delays.push(bytes, () => arrived.push([name, Math.round(performance.now() - start)]));
  return { delays, arrived, push };
}

describe('a shaped link', () => {
  test('takes half of the round trip each way', () => {
    const { arrived, push } = line(40);
    push('a', 1_000_000);
    vi.advanceTimersByTime(19);
    expect(arrived).toEqual([]);
    push('b', 1);
    vi.advanceTimersByTime(100);
    expect(arrived).toEqual([
      ['a', 20],
      ['b', 39],
    ]);
  });

  test('puts one parcel after the other on the wire', () => {
    const { delays, arrived, push } = line(10, 8_000_000);
    push('a', 20_000);
    push('b', 5_000);
    expect(delays.bookedMs).toBe(25);
    vi.advanceTimersByTime(100);
    expect(arrived).toEqual([
      ['a', 25],
      ['b', 30],
    ]);
    expect(delays.bookedMs).toBe(0);
    push('c', 1_000);
    vi.advanceTimersByTime(100);
    expect(arrived.at(-1)).toEqual(['c', 106]);
  });

  test('counts what is under way', () => {
    const { delays, push } = line(10);
    push('a', 1000);
    push('b', 24);
    expect(delays.underWay).toBe(1024);
    vi.advanceTimersByTime(5);
    expect(delays.underWay).toBe(0);
  });

  test('forgets what is under way when it is cleared', () => {
    const { delays, arrived, push } = line(10);
    push('a', 1);
    delays.clear();
    vi.advanceTimersByTime(100);
    expect(arrived).toEqual([]);
  });
});
