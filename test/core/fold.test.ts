import { describe, expect, it } from 'vitest';
import { foldedParts, foldedScheme } from '../../src/core/fold.js';
import { holdersOf, partsHeldBy, peersOf, REP3, REP4 } from '../../src/core/scheme.js';

describe.each(REP4.nodes)('without node %i', (lost) => {
  const scheme = foldedScheme(lost);
  const survivors = peersOf(REP4, lost);

  it('the survivors hold parts as the three nodes of rep3 do, in their order', () => {
    expect(scheme).toMatchObject({ name: 'rep3', nodes: survivors, parts: REP3.parts });
    expect(survivors.map((node) => partsHeldBy(scheme, node))).toEqual(REP3.held);
    expect(partsHeldBy(scheme, lost)).toEqual([]);
    for (const part of REP3.parts) expect(holdersOf(scheme, part)).toHaveLength(2);
  });

  it('each makes its parts of what it holds, and all four parts are in their sum once', () => {
    const made = new Map<number, readonly number[]>();
    for (const self of survivors) {
      for (const { part, of } of foldedParts(lost, self)) {
        for (const stored of of) expect(partsHeldBy(REP4, self)).toContain(stored);
        // both holders make the same
        expect(made.get(part) ?? of).toEqual(of);
        made.set(part, of);
      }
    }
    expect(new Set([...made.values()].flat())).toEqual(new Set([0, 1, 2, 3]));
    expect([...made.values()].flat()).toHaveLength(4);
  });

  it('each lacks its own part of four in the part of three that it lacks', () => {
    for (const self of survivors) {
      const held = foldedParts(lost, self);
      expect(held.flatMap(({ of }) => of)).not.toContain(self);
      const missing = scheme.parts.find((part) => !held.some((one) => one.part === part));
      const [other] = survivors.filter((node) => node !== self);
      const made = foldedParts(lost, other ?? self).find(({ part }) => part === missing);
      if (made !== undefined) expect(made.of).toContain(self);
    }
  });

  it('is nothing for the lost node itself', () => {
    expect(() => foldedParts(lost, lost)).toThrow(RangeError);
  });
});
