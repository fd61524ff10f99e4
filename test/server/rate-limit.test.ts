import { afterEach, expect, it, vi } from 'vitest';
import { RateLimit } from '../../src/server/rate-limit.js';

afterEach(() => vi.restoreAllMocks());

it('lets so many pass at once, and then so many a second', () => {
  let now = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const limit = new RateLimit(5, 2);
  const taken = (): number => Array.from({ length: 20 }, () => limit.take()).filter(Boolean).length;
  expect(taken()).toBe(5);
  now += 400;
  expect(taken()).toBe(0);
  now += 600;
  expect(taken()).toBe(2);
  now += 60_000;
  expect(taken()).toBe(5);
});
