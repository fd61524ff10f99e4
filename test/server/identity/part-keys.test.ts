import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import {
  holdersOf,
  type NodeIndex,
  type PartIndex,
  partsHeldBy,
  peersOf,
  REP4,
} from '../../../src/core/scheme.js';
import type { KeyContext } from '../../../src/server/identity/pairwise-keys.js';
import {
  type PartCommitments,
  type PartEchoes,
  PartKeyToss,
  type PartOpenings,
  partCommitments,
  partEchoes,
  partOpenings,
} from '../../../src/server/identity/part-keys.js';

const base: Omit<KeyContext, 'self'> = {
  scheme: REP4,
  cluster: 'ab'.repeat(32),
  queryId: 'cd'.repeat(16),
  startDigest: new Uint8Array(32).fill(3),
};

/** What travels, and how a liar bends it on its way from one node to another. */
interface Bend {
  commitments?(from: NodeIndex, to: NodeIndex, list: PartCommitments): PartCommitments;
  openings?(from: NodeIndex, to: NodeIndex, list: PartOpenings): PartOpenings;
  echoes?(from: NodeIndex, to: NodeIndex, list: PartEchoes): PartEchoes;
}

class World {
  readonly nodes: readonly PartKeyToss[];
  readonly errors = new Map<NodeIndex, WarifuError>();
  /** JSON of all that each node got. */
  readonly got = REP4.nodes.map((): string[] => []);

  constructor(changes: readonly Partial<KeyContext>[] = []) {
    this.nodes = REP4.nodes.map((self) => new PartKeyToss({ ...base, ...changes[self], self }));
  }

  node(i: NodeIndex): PartKeyToss {
    return this.nodes[i] as PartKeyToss;
  }

  /** The three exchanges; a node that has failed says nothing more, and who misses it stops too. */
  run(bend: Bend = {}): this {
    const send = <L>(
      make: (from: PartKeyToss, to: NodeIndex) => L,
      bent: ((from: NodeIndex, to: NodeIndex, list: L) => L) | undefined,
      take: (to: PartKeyToss, from: NodeIndex, list: L) => void,
    ): void => {
      const sent: { from: NodeIndex; to: NodeIndex; list: L }[] = [];
      for (const from of REP4.nodes) {
        if (this.errors.has(from)) continue;
        for (const to of peersOf(REP4, from)) {
          const list = make(this.node(from), to);
          sent.push({ from, to, list: bent?.(from, to, structuredClone(list)) ?? list });
        }
      }
      for (const { from, to, list } of sent) {
        this.got[to]?.push(JSON.stringify(list));
        if (this.errors.has(to)) continue;
        try {
          take(this.node(to), from, JSON.parse(JSON.stringify(list)) as L);
        } catch (thrown) {
          this.errors.set(to, thrown as WarifuError);
        }
      }
    };
    send(
      (from, to) => from.commitmentsFor(to),
      bend.commitments,
      (to, from, list) => to.acceptCommitments(from, partCommitments.parse(list)),
    );
    if (this.errors.size > 0) return this;
    send(
      (from, to) => from.openingsFor(to),
      bend.openings,
      (to, from, list) => to.acceptOpenings(from, partOpenings.parse(list)),
    );
    if (this.errors.size > 0) return this;
    send(
      (from, to) => from.echoesFor(to),
      bend.echoes,
      (to, from, list) => to.acceptEchoes(from, partEchoes.parse(list)),
    );
    return this;
  }

  key(node: NodeIndex, part: PartIndex): string {
    return Buffer.from(this.node(node).keys().get(part)?.reveal() ?? []).toString('hex');
  }
}

const flip = (hex: string): string =>
  `${(Number.parseInt(hex[0] ?? '0', 16) ^ 1).toString(16)}${hex.slice(1)}`;

describe('keys of parts that three nodes hold', () => {
  it('are known to the three holders, equal there, different for each part and toss', () => {
    const world = new World().run();
    expect(world.errors.size).toBe(0);
    const known = REP4.parts.map((part) => {
      const keys = new Set(holdersOf(REP4, part).map((node) => world.key(node, part)));
      expect(keys.size).toBe(1);
      return [...keys][0] ?? '';
    });
    expect(new Set(known).size).toBe(4);
    expect(known.every((key) => key.length === 64)).toBe(true);
    for (const node of REP4.nodes) {
      expect([...world.node(node).keys().keys()]).toEqual(partsHeldBy(REP4, node));
    }
    expect(new World().run().key(0, 1)).not.toBe(known[1]);
  });

  it('come from contributions that the fourth node never gets', () => {
    const opened = new Map<string, PartIndex>();
    const world = new World().run({
      openings: (_from, _to, list) => {
        for (const { part, contribution } of list) opened.set(contribution, part);
        return list;
      },
    });
    // four parts, three holders each
    expect(opened.size).toBe(12);
    for (const node of REP4.nodes) {
      const all = world.got[node]?.join('') ?? '';
      for (const [contribution, part] of opened) {
        if (part === node) expect(all).not.toContain(contribution);
      }
    }
  });

  it.each<[string, Partial<KeyContext>]>([
    ['cluster', { cluster: 'ac'.repeat(32) }],
    ['query', { queryId: 'ce'.repeat(16) }],
    ['start record', { startDigest: new Uint8Array(32).fill(4) }],
  ])('are refused by a node that believes in another %s', (_what, change) => {
    const world = new World([{}, change]).run();
    expect(world.errors.get(1)?.code).toBe('PEER_MISBEHAVED');
    expect(world.errors.get(0)?.details).toEqual({ node: 1 });
  });

  it('are not there, and nothing is opened or echoed, before all have sent what comes before', () => {
    const nodes = new World().nodes;
    const at = (i: number): PartKeyToss => nodes[i] as PartKeyToss;
    at(0).acceptCommitments(1, at(1).commitmentsFor(0));
    at(0).acceptCommitments(2, at(2).commitmentsFor(0));
    expect(() => at(0).openingsFor(1)).toThrow(TypeError);
    expect(() => at(0).openingsFor(1)).toThrow(/node 3 has not sent its commitment/);
    at(0).acceptCommitments(3, at(3).commitmentsFor(0));
    expect(at(0).openingsFor(1)).toHaveLength(2);
    expect(() => at(0).echoesFor(1)).toThrow(TypeError);
    expect(() => at(0).keys()).toThrow(TypeError);
  });

  it('are gone after wiping', () => {
    const world = new World().run();
    const kept = world.node(0).keys().get(1)?.reveal() ?? new Uint8Array(1).fill(1);
    world.node(0).wipe();
    expect(kept.every((byte) => byte === 0)).toBe(true);
    expect(() => world.node(0).keys().get(1)?.reveal()).toThrow(TypeError);
  });
});

/** Every holder of every part as the liar, every other holder as the one it lies to. */
const PAIRS = REP4.nodes.flatMap((liar) =>
  peersOf(REP4, liar).flatMap((victim) =>
    partsHeldBy(REP4, liar)
      .filter((part) => partsHeldBy(REP4, victim).includes(part))
      .map((part) => ({ liar, victim, part })),
  ),
);

describe('a holder that lies to one of the others', () => {
  it.each(PAIRS)('opens otherwise than it committed: node $liar to $victim about part $part', (lie) => {
    for (const field of ['salt', 'contribution'] as const) {
      const world = new World().run({
        openings: (from, to, list) =>
          from === lie.liar && to === lie.victim
            ? list.map((one) => (one.part === lie.part ? { ...one, [field]: flip(one[field]) } : one))
            : list,
      });
      expect([...world.errors.keys()]).toEqual([lie.victim]);
      expect(world.errors.get(lie.victim)).toMatchObject({
        code: 'PEER_MISBEHAVED',
        details: { node: lie.liar },
      });
      expect(world.errors.get(lie.victim)?.message).toContain(`part ${lie.part}`);
    }
  });

  it.each(PAIRS)('echoes other things: node $liar to $victim about part $part', (lie) => {
    const holders = holdersOf(REP4, lie.part);
    for (const [at, about] of holders.entries()) {
      const world = new World().run({
        echoes: (from, to, list) =>
          from === lie.liar && to === lie.victim
            ? list.map((one) =>
                one.part === lie.part ? { ...one, seen: one.seen.with(at, flip(one.seen[at] ?? '')) } : one,
              )
            : list,
      });
      expect([...world.errors.keys()]).toEqual([lie.victim]);
      const error = world.errors.get(lie.victim);
      expect(error?.code).toBe('PEER_MISBEHAVED');
      // about the third it cannot be told whose word is false; the liar is among the named
      if (about === lie.liar || about === lie.victim) expect(error?.details).toEqual({ node: lie.liar });
      else expect(error?.details.nodes).toEqual([lie.liar, about].map(String).sort());
      expect(() => world.node(lie.victim).keys()).toThrow(TypeError);
    }
  });

  it.each(PAIRS)('tosses twice, consistently: node $liar with $victim for part $part', (lie) => {
    // a whole second toss of the liar, of which only this victim hears
    const second = new PartKeyToss({ ...base, self: lie.liar });
    const swap = <T extends { part: PartIndex }>(
      from: NodeIndex,
      to: NodeIndex,
      list: T[],
      other: () => T[],
    ): T[] =>
      from === lie.liar && to === lie.victim
        ? list.map((one) =>
            one.part === lie.part ? (other().find(({ part }) => part === one.part) ?? one) : one,
          )
        : list;
    const world = new World();
    world.run({
      commitments: (from, to, list) => swap(from, to, list, () => second.commitmentsFor(to)),
      openings: (from, to, list) =>
        swap(from, to, list, () => {
          for (const peer of peersOf(REP4, lie.liar)) {
            const { nodes } = world;
            try {
              second.acceptCommitments(peer, (nodes[peer] as PartKeyToss).commitmentsFor(lie.liar));
            } catch {
              // taken before
            }
          }
          return second.openingsFor(to);
        }),
    });
    // both honest holders of the part notice in the echo, before there is a key
    const honest = holdersOf(REP4, lie.part).filter((node) => node !== lie.liar);
    for (const node of honest) {
      expect(world.errors.get(node)?.code).toBe('PEER_MISBEHAVED');
      const { nodes, node: one } = world.errors.get(node)?.details ?? {};
      expect([one, ...((nodes as string[] | undefined) ?? []).map(Number)]).toContain(lie.liar);
      expect(() => world.node(node).keys()).toThrow(TypeError);
    }
  });

  it.each<[string, Bend]>([
    ['too few parts', { commitments: (from, _to, list) => (from === 1 ? list.slice(1) : list) }],
    ['parts in another order', { openings: (from, _to, list) => (from === 1 ? list.toReversed() : list) }],
    [
      'a part that the other does not hold',
      { commitments: (from, to, list) => (from === 1 ? list.map((one) => ({ ...one, part: to })) : list) },
    ],
    [
      'an echo about two holders',
      {
        echoes: (from, _to, list) =>
          from === 1 ? list.map((one) => ({ ...one, seen: one.seen.slice(1) })) : list,
      },
    ],
  ])('is refused by all: %s', (_what, bend) => {
    const world = new World().run(bend);
    for (const node of [0, 2, 3] as const) {
      expect(world.errors.get(node)).toBeInstanceOf(WarifuError);
      expect(world.errors.get(node)?.details).toEqual({ node: 1 });
    }
  });

  it('cannot commit or open twice', () => {
    const { nodes } = new World();
    const at = (i: number): PartKeyToss => nodes[i] as PartKeyToss;
    expect(() => at(0).acceptOpenings(1, [])).toThrow(/other parts/);
    at(0).acceptCommitments(1, at(1).commitmentsFor(0));
    expect(() => at(0).acceptCommitments(1, at(1).commitmentsFor(0))).toThrow(
      /node 1 committed itself twice/,
    );
    const zeros = [2, 3].map((part) => ({
      part: part as PartIndex,
      salt: '00'.repeat(32),
      contribution: '00'.repeat(32),
    }));
    expect(() =>
      at(0).acceptOpenings(
        2,
        zeros.map((one, i) => ({ ...one, part: [1, 3][i] as PartIndex })),
      ),
    ).toThrow(/before it committed/);
  });
});
