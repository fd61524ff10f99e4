import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import type { WarifuError } from '../../../src/core/errors.js';
import type { Proposal } from '../../../src/server/jobs/control-message.js';
import { agree } from '../../../src/server/jobs/start-record.js';
import { CLUSTER, jobId, NAMES } from './job-world.js';

const nameOf = (node: number): string => NAMES[node as 0 | 1 | 2];

function proposal(change: Partial<Proposal> = {}): Proposal {
  return {
    kind: 'query',
    agreed: { protocol: 1, table: 't', plan: 'p', slices: 's', own_rows: 'o', min_count: 5 },
    minCount: 5,
    epoch: 1,
    memory: 10,
    room: 100,
    ...change,
  };
}

const three = (third: Proposal): Proposal[] => [proposal(), proposal(), third];
const digestOf = (proposals: Proposal[], job = jobId(1), cluster = CLUSTER): string =>
  bytesToHex(agree(cluster, job, proposals, nameOf).digest);

describe('what nodes agree on', () => {
  test.each([
    ['protocol', 'HANDSHAKE_VERSION'],
    ['table', 'POLICY_DIFFERS'],
    ['plan', 'STATE_DIFFERS'],
    ['slices', 'STATE_DIFFERS'],
    ['own_rows', 'POLICY_DIFFERS'],
    ['min_count', 'POLICY_DIFFERS'],
  ])('a differing %s is %s, naming it and the nodes, whoever differs', (fact, code) => {
    const differing = proposal({ agreed: { ...proposal().agreed, [fact]: 'else' } });
    for (const who of [0, 1, 2]) {
      const proposals = [0, 1, 2].map((node) => (node === who ? differing : proposal()));
      expect(() => agree(CLUSTER, jobId(1), proposals, nameOf)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(`'${fact}'`) }) as Error,
      );
      try {
        agree(CLUSTER, jobId(1), proposals, nameOf);
      } catch (thrown) {
        expect((thrown as WarifuError).details.nodes).toContain(nameOf(who === 0 ? 1 : who));
      }
    }
  });

  test('a fact that one node does not state, or states in addition, is a difference too', () => {
    const { plan: _, ...without } = proposal().agreed;
    expect(() => digestOf(three(proposal({ agreed: without })))).toThrow(/'plan'/);
    expect(() => digestOf(three(proposal({ agreed: { ...proposal().agreed, more: 1 } })))).toThrow(/'more'/);
  });

  test('another kind is no agreement', () => {
    expect(() => digestOf(three(proposal({ kind: 'drop' })))).toThrow(/'kind'/);
  });

  test('keys in another order are the same fact', () => {
    const agreed = Object.fromEntries(Object.entries(proposal().agreed).reverse());
    expect(digestOf(three(proposal({ agreed })))).toBe(digestOf(three(proposal())));
  });

  test('the largest minimum count and need of memory hold, and the smallest room', () => {
    for (const [counts, rooms] of [
      [
        [5, 10, 7],
        [100, 30, 50],
      ],
      [
        [10, 5, 7],
        [30, 100, 50],
      ],
      [
        [7, 5, 10],
        [50, 100, 30],
      ],
    ] as const) {
      const record = agree(
        CLUSTER,
        jobId(1),
        counts.map((minCount, i) => proposal({ minCount, memory: minCount, room: rooms[i] as number })),
        nameOf,
      );
      expect(record).toMatchObject({ minCount: 10, room: 30, memory: 10 });
    }
  });

  test('the digest differs for every epoch of every node, job, cluster, floor and fact', () => {
    const digests = [
      digestOf(three(proposal())),
      digestOf(three(proposal()), jobId(2)),
      digestOf(three(proposal()), jobId(1), 'd'.repeat(64)),
      digestOf(three(proposal({ minCount: 6 }))),
      digestOf([0, 1, 2].map(() => proposal({ agreed: { ...proposal().agreed, table: 'u' } }))),
      ...[0, 1, 2].map((who) => digestOf([0, 1, 2].map((node) => proposal({ epoch: node === who ? 2 : 1 })))),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
