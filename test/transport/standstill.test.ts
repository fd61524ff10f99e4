/** Who is blamed for a standstill, by what nodes say of themselves: chains, circles, and any one liar among three or four. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeIndex } from '../../src/core/scheme.js';
import { findStandstill, SAID_NOTHING_YET, type Said, saidNow } from '../../src/transport/standstill.js';

const NOW = 100_000;
/** For so long the observer has waited. */
const IDLE_MS = 60_000;
const PATIENCE = { stillMs: 58_000, beatsMs: 2_000, isOver: false };
const OVER = { ...PATIENCE, isOver: true };

const session = '00'.repeat(16);
const COMPUTES: Said = SAID_NOTHING_YET;
const SILENT = saidNow(COMPUTES, undefined, NOW);
const FINISHED: Said = { ...SAID_NOTHING_YET, state: 'finished' };

/** It waits for these, has said so until now, and has not moved for so long. */
function waits(waitsFor: readonly number[], idleMs = IDLE_MS): Said {
  return saidNow(COMPUTES, { session, idleMs, waitsFor: waitsFor as NodeIndex[] }, NOW);
}

/** It computes, but waited for these while the observer did. */
function waited(whom: readonly number[]): Said {
  return saidNow(waits(whom), { session, idleMs: 0, waitsFor: [] }, NOW);
}

/** What node 0 makes of it that waits for some. */
function blames(
  waitsFor: readonly number[],
  said: Record<number, Said>,
  patience: typeof PATIENCE = PATIENCE,
) {
  const all = new Map(Object.entries(said).map(([node, its]) => [Number(node) as NodeIndex, its]));
  const waiting = { self: 0, idleMs: IDLE_MS, said: all, now: NOW } as const;
  return findStandstill({ ...waiting, waitsFor: waitsFor as NodeIndex[] }, patience);
}

describe('who keeps a session waiting', () => {
  it.each([
    ['one that says nothing', [1], { 1: SILENT, 2: waits([1]) }, [1]],
    ['the end of a chain', [1], { 1: waits([2]), 2: SILENT }, [2]],
    ['the end of a longer chain', [1], { 1: waits([2]), 2: waits([3]), 3: SILENT }, [3]],
    ['the one end of two chains', [1, 2], { 1: waits([3]), 2: waits([1]), 3: SILENT }, [3]],
    ['two ends', [1, 2], { 1: SILENT, 2: SILENT }, [1, 2]],
    ['who waits for this node, for which it waits', [1], { 1: waits([0]), 2: waits([1]) }, [1]],
    ['a circle', [1], { 1: waits([2]), 2: waits([1]) }, [1, 2]],
    ['a circle without this node, which is in it', [1], { 1: waits([2]), 2: waits([0]) }, [1, 2]],
    ['a circle, not those on the way', [1], { 1: waits([2]), 2: waits([3]), 3: waits([2]) }, [2, 3]],
    ['an end beside a circle', [1], { 1: waits([2, 3]), 2: waits([1]), 3: SILENT }, [3]],
    ['one that has finished, or says that it waits for it', [1], { 1: waits([2]), 2: FINISHED }, [1, 2]],
  ])('is %s', (_what, waitsFor, said, nodes) => {
    expect(blames(waitsFor, said)?.nodes).toEqual(nodes);
  });

  it.each([
    ['one that computes', [1], { 1: COMPUTES }],
    ['one of two', [1, 2], { 1: waits([2]), 2: COMPUTES }],
    ['the end of a chain', [1], { 1: waits([2]), 2: COMPUTES }],
    ['one that waits, but not for long', [1], { 1: waits([2], 57_000), 2: SILENT }],
  ])('is nobody yet where there moves %s', (_what, waitsFor, said) => {
    expect(blames(waitsFor, said)).toBeUndefined();
  });

  it.each([
    ['one that did nothing but compute', [1], { 1: waits([2]), 2: COMPUTES }, [2]],
    ['one that was waited for now and then', [1], { 1: waited([2]), 2: waits([3]), 3: COMPUTES }, [3]],
    ['whoever is kept moving, and who keeps it', [1], { 1: waits([2]), 2: waited([1]) }, [1, 2]],
    [
      'those who move, and who says that it waits for them',
      [1],
      { 1: waits([2]), 2: waited([3]), 3: waited([2]) },
      [1, 2, 3],
    ],
  ])('is, whatever peers say after the longest wait, %s', (_what, waitsFor, said, nodes) => {
    expect(blames(waitsFor, said, OVER)?.nodes).toEqual(nodes);
  });

  it('is told with what all on the way say, from the one for whom this node waits', () => {
    const chain = blames([1], { 1: waits([2]), 2: SILENT });
    expect(chain).toMatchObject({ awaited: 1 });
    expect(chain?.why).toBe(
      'node 1, for which this node waits, says that it waits for node 2; node 2 says nothing of this computation',
    );
    const circle = blames([3, 2], { 1: FINISHED, 2: waits([0, 1]), 3: waits([2]) });
    expect(circle).toMatchObject({ awaited: 2, nodes: [2, 1] });
    expect(circle?.why).toBe(
      [
        'node 3, for which this node waits, says that it waits for node 2',
        'node 2, for which this node waits, says that it waits for this node and node 1',
        'node 1 says that it has finished',
        'node 2 or node 1 keeps the others waiting, and this node cannot tell which',
      ].join('; '),
    );
    const over = blames([1], { 1: waited([2]), 2: COMPUTES }, OVER);
    expect(over?.why).toBe(
      'node 1, for which this node waits, says that it moves, and waited for node 2; node 2 says that it computes',
    );
  });

  it('forgets what a peer said it waited for before this node did', () => {
    const before = saidNow(waits([2]), { session, idleMs: 0, waitsFor: [] }, NOW);
    const waiting = { self: 0, waitsFor: [1], idleMs: IDLE_MS, now: NOW + 2 * IDLE_MS } as const;
    const said = new Map([[1, before] as const, [2, SILENT] as const]);
    expect(findStandstill({ ...waiting, said }, OVER)?.nodes).toEqual([1]);
  });
});

/** What node 0, which is honest, hears: others are honest but for the liar, for whom all the honest wait, one after another. */
const WORLDS = fc.integer({ min: 3, max: 4 }).chain((nodes) => {
  const others = Array.from({ length: nodes - 1 }, (_, i) => i + 1);
  const whom = (self: number) =>
    fc.subarray(
      [0, ...others].filter((node) => node !== self),
      { minLength: 1 },
    );
  const honest = (self: number) =>
    fc.oneof({ weight: 8, arbitrary: whom(self).map((to) => waits(to)) }, fc.constant(FINISHED));
  const lie = (self: number) =>
    fc.oneof(
      whom(self).map((to) => waits(to)),
      fc.constantFrom(SILENT, FINISHED, COMPUTES),
      whom(self).map(waited),
    );
  return fc.record({
    liar: fc.constantFrom(...others),
    waitsFor: whom(0),
    honest: fc.tuple(...others.map(honest)),
    lies: fc.tuple(...others.map(lie)),
  });
});

describe('a liar', () => {
  it.each([PATIENCE, OVER])('never makes an honest node the only one blamed: %o', (patience) => {
    let blamed = 0;
    fc.assert(
      fc.property(WORLDS, ({ liar, waitsFor, honest, lies }) => {
        const said = Object.fromEntries(
          honest.map((its, i) => [i + 1, (i + 1 === liar ? lies[i] : its) as Said]),
        );
        /** Honest nodes that wait come to the liar, and none waits for one that has sent everything. */
        const comesToLiar = (node: number, seen: readonly number[]): boolean => {
          const its = node === 0 ? waitsFor : (said[node]?.waitsFor ?? []);
          if (node === liar) return true;
          return its.some((next) => !seen.includes(next) && comesToLiar(next, [...seen, next]));
        };
        const waiting = [0, ...Object.keys(said).map(Number)].filter(
          (node) => node === 0 || (node !== liar && said[node]?.state === 'listed'),
        );
        const isFinished = (node: number): boolean => node !== liar && said[node]?.state === 'finished';
        fc.pre(waiting.every((node) => comesToLiar(node, [node])));
        fc.pre(
          waiting.every((node) => !(node === 0 ? waitsFor : (said[node]?.waitsFor ?? [])).some(isFinished)),
        );
        const found = blames(waitsFor, said, patience);
        if (found === undefined) return;
        blamed++;
        expect(found.nodes).toContain(liar);
        expect(found.nodes).not.toContain(0);
      }),
      { numRuns: 2000 },
    );
    expect(blamed).toBeGreaterThan(500);
  });
});
