import { describe, expect, it } from 'vitest';
import { ControlLimit } from '../../src/server/control-limit.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';

const NAMES = ['kita', 'naka', 'minami', 'nishi'];
const limit = (): ControlLimit => new ControlLimit((node) => NAMES[node] ?? '');

/** How many messages of that size are counted before the link ends. */
function passed(bytes: number): number {
  const one = limit();
  for (let i = 0; i < 20_000; i++) {
    try {
      one.count(3, bytes);
    } catch (thrown) {
      expect(thrown).toMatchObject({
        code: 'FRAME_INVALID',
        message: 'node nishi sends more control messages than its jobs can need',
      });
      // What one sends is not counted as another's.
      one.count(1, bytes);
      return i;
    }
  }
  throw new Error('no limit');
}

describe('control messages of a peer', () => {
  it('are limited in number', () => {
    expect(passed(100)).toBeGreaterThanOrEqual(10_000);
  });

  it('are limited in bytes: the longest ones to a few dozen', () => {
    const most = passed(DEFAULT_LIMITS.controlBytes);
    expect(most).toBeGreaterThanOrEqual(64);
    expect(most).toBeLessThan(100);
  });
});
