/** Since when a session only waits, on a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeIndex } from '../../src/core/scheme.js';
import { rootStep } from '../../src/core/step.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';
import { Progress } from '../../src/transport/progress.js';

const BEAT_MS = DEFAULT_LIMITS.heartbeatMs;
const session = '00'.repeat(16);
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Node 0 of three, which waits for node 1. */
function waiting(): Progress {
  return new Progress({
    self: 0,
    peers: [1, 2],
    limits: DEFAULT_LIMITS,
    waitsFor: (peer) => peer === 1,
    awaitedFrom: () => ({ step: rootStep('test'), tag: 'x' }),
  });
}

/** So much later by beats, in each of which node 1 says that it has waited for some since the beginning. */
function pass(progress: Progress, ms: number, waitsFor: readonly NodeIndex[]): void {
  for (const end = clock + ms; clock < end; ) {
    clock += BEAT_MS;
    progress.beat();
    progress.peerSays(1, { session, idleMs: waitsFor.length > 0 ? clock : 0, waitsFor });
    progress.peerSays(2, undefined);
  }
}

describe('progress', () => {
  it('ends when nobody has moved for a minute', () => {
    const progress = waiting();
    pass(progress, 59_000, [2]);
    expect(progress.standstill()).toBeUndefined();
    expect(progress.status).toEqual({ idleMs: 59_000, waitsFor: [1] });
    pass(progress, 1_000, [2]);
    const error = progress.standstill();
    expect(error?.details).toEqual({ step: 'test', tag: 'x', from: 1, node: 2 });
    expect(error?.message).toMatch(
      /^nothing has moved for 60 seconds while waiting for message 'x' .* from node 1: /,
    );
  });

  it('ends up to two beats sooner where a peer has found it', () => {
    const progress = waiting();
    pass(progress, 57_000, [2]);
    expect(progress.standstill({ isTold: true })).toBeUndefined();
    pass(progress, 1_000, [2]);
    expect(progress.standstill({ isTold: true })?.details).toMatchObject({ node: 2 });
  });

  it('ends after a quarter of an hour whatever a peer says', () => {
    const progress = waiting();
    pass(progress, 899_000, []);
    expect(progress.standstill()).toBeUndefined();
    pass(progress, 1_000, []);
    expect(progress.standstill()?.details).toMatchObject({ node: 1 });
  });

  it('does not count the time for which this node itself was stopped', () => {
    const progress = waiting();
    pass(progress, 30_000, [2]);
    clock += 3_600_000;
    pass(progress, 29_000, [2]);
    expect(progress.standstill()).toBeUndefined();
    pass(progress, 1_000, [2]);
    expect(progress.standstill()?.details).toMatchObject({ node: 2 });
  });

  it('waits on where something moved', () => {
    const progress = waiting();
    pass(progress, 59_000, [2]);
    progress.moved();
    pass(progress, 59_000, [2]);
    expect(progress.standstill()).toBeUndefined();
  });
});
