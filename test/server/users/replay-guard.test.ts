import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryNonces, ReplayGuard } from '../../../src/server/users/replay-guard.js';

const NOW = Date.UTC(2026, 10, 22);
const WINDOW = 300_000;
const stamp = { user: 'ann', nonce: 'ab'.repeat(16), time: NOW };

const outcome = (admitted: Promise<void>): Promise<string> =>
  admitted.then(
    () => 'admitted',
    (thrown: unknown) => (thrown as { code: string }).code,
  );

describe('replay guard', () => {
  it('lets a request pass once; another nonce, or another user, is another request', async () => {
    const guard = new ReplayGuard({ store: new MemoryNonces() });
    expect(await outcome(guard.admit(stamp, NOW))).toBe('admitted');
    expect(await outcome(guard.admit(stamp, NOW))).toBe('REQUEST_REPLAYED');
    expect(await outcome(guard.admit(stamp, NOW + WINDOW))).toBe('REQUEST_REPLAYED');
    expect(await outcome(guard.admit({ ...stamp, nonce: 'cd'.repeat(16) }, NOW))).toBe('admitted');
    expect(await outcome(guard.admit({ ...stamp, user: 'bob' }, NOW))).toBe('admitted');
  });

  it('lets one of many simultaneous copies pass', async () => {
    const guard = new ReplayGuard({ store: new MemoryNonces() });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(guard.admit(stamp, NOW))));
    expect(outcomes.filter((one) => one === 'admitted')).toHaveLength(1);
  });

  it('never admits one request twice, whatever the times and however the clock jumps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            nonce: fc.nat(3),
            offset: fc.integer({ min: -2, max: 2 }),
            jump: fc.integer({ min: -3, max: 4 }),
          }),
          { maxLength: 30 },
        ),
        async (events) => {
          const guard = new ReplayGuard({ store: new MemoryNonces() });
          const admitted = new Map<string, number>();
          let clock = NOW;
          for (const { nonce, offset, jump } of events) {
            clock += (jump * WINDOW) / 2;
            const request = { user: 'ann', nonce: `${nonce}`, time: NOW + offset * WINDOW };
            const name = `${nonce} at ${request.time}`;
            const result = await outcome(guard.admit(request, clock));
            if (result === 'admitted') admitted.set(name, (admitted.get(name) ?? 0) + 1);
          }
          expect(Math.max(1, ...admitted.values())).toBe(1);
        },
      ),
    );
  });

  it('refuses what lies outside of the window', async () => {
    const guard = new ReplayGuard({ store: new MemoryNonces() });
    expect(await outcome(guard.admit(stamp, NOW + WINDOW + 1))).toBe('REQUEST_EXPIRED');
    expect(await outcome(guard.admit(stamp, NOW - WINDOW - 1))).toBe('REQUEST_EXPIRED');
  });

  it('after a restart without memory, refuses what may have been served before, and says for how long', async () => {
    const guard = new ReplayGuard({ store: new MemoryNonces(), knownSince: NOW });
    // A client whose clock is 5 minutes ahead could have been served just before the restart.
    const ahead = { ...stamp, time: NOW + WINDOW - 1 };
    expect(await outcome(guard.admit(ahead, NOW + 10))).toBe('REQUEST_EXPIRED');
    await expect(guard.admit({ ...stamp, time: NOW + 1000 }, NOW + 1000)).rejects.toThrow(
      /ask again in 299 seconds/,
    );
    expect(await outcome(guard.admit({ ...stamp, time: NOW + WINDOW }, NOW + WINDOW))).toBe('admitted');
  });

  it('keeps its promise over a restart when the store survives', async () => {
    const store = new MemoryNonces();
    await new ReplayGuard({ store }).admit(stamp, NOW);
    expect(await outcome(new ReplayGuard({ store }).admit(stamp, NOW + 1000))).toBe('REQUEST_REPLAYED');
  });

  it('forgets what has expired, so that memory is bounded, and never forgets sooner to make room', async () => {
    const guard = new ReplayGuard({ store: new MemoryNonces(3) });
    const later = (i: number, now: number): Promise<string> =>
      outcome(guard.admit({ user: 'ann', nonce: `${i}`, time: now }, now));
    expect([await later(0, NOW), await later(1, NOW), await later(2, NOW)]).toEqual(
      Array(3).fill('admitted'),
    );
    expect(await later(3, NOW)).toBe('NODE_BUSY');
    expect(await later(0, NOW)).toBe('REQUEST_REPLAYED');
    expect(await outcome(guard.admit({ user: 'bob', nonce: '3', time: NOW }, NOW))).toBe('admitted');
    expect(await later(3, NOW + WINDOW + 1)).toBe('admitted');
  });
});
