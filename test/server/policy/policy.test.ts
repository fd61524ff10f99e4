import { describe, expect, it } from 'vitest';
import { decideQuery } from '../../../src/server/policy/decide-query.js';
import {
  decideCancel,
  decideContributors,
  decideDrop,
  decideGrant,
  decideRead,
  decideRevoke,
  decideSettings,
} from '../../../src/server/policy/decide-table.js';
import { decideUpload } from '../../../src/server/policy/decide-upload.js';
import { assertAllowed, type Decision } from '../../../src/server/policy/decision.js';
import type { Actor, TablePolicy } from '../../../src/server/policy/table-policy.js';

const grant = (grantor: string, grantee: string): { grantor: string; grantee: string } => ({
  grantor,
  grantee,
});

/** owner, mate (named, with rows), idle (named, no rows), former (rows, no longer named). */
const table: TablePolicy = {
  name: '患者',
  owner: 'owner',
  contributors: ['mate', 'idle'],
  minCounts: [],
  allowThree: [],
  grants: ['owner', 'mate', 'former'].flatMap((grantor) => [
    grant(grantor, 'analyst'),
    grant(grantor, 'mate'),
  ]),
  slices: [
    { slice: 'a', contributor: 'owner', rows: 100 },
    { slice: 'b', contributor: 'mate', rows: 50 },
    { slice: 'c', contributor: 'former', rows: 30 },
  ],
};
const onlyOwners: TablePolicy = { ...table, slices: table.slices.slice(0, 1) };

const ACTORS: Readonly<Record<string, Actor>> = {
  owner: { user: 'owner', roles: ['provider'] },
  mate: { user: 'mate', roles: ['provider', 'analyst'] },
  idle: { user: 'idle', roles: ['provider'] },
  former: { user: 'former', roles: ['provider'] },
  analyst: { user: 'analyst', roles: ['analyst'] },
  stranger: { user: 'stranger', roles: ['provider', 'analyst'] },
  revoked: { user: 'owner', roles: undefined },
  roleless: { user: 'owner', roles: [] },
};
type Who = string;
const actor = (who: Who): Actor => {
  const found = ACTORS[who];
  if (found === undefined) throw new Error(`no actor ${who}`);
  return found;
};

const answer = (decision: Decision): string => (decision.allowed ? 'allowed' : decision.error.code);

/** verb on object -> what each actor gets; whoever is not listed gets the default. */
const VERBS: readonly {
  readonly verb: string;
  readonly decide: (by: Actor) => Decision;
  readonly allowed: readonly Who[];
  readonly others?: Readonly<Record<Who, string>>;
}[] = [
  {
    verb: 'query',
    decide: (by) => decideQuery(by, table, 1),
    allowed: ['mate', 'analyst'],
    others: { stranger: 'NOT_GRANTED' },
  },
  {
    verb: 'create a table',
    decide: (by) => decideUpload(by, { table: 'new', slice: 's', replace: false }, undefined),
    allowed: ['owner', 'mate', 'idle', 'former', 'stranger'],
  },
  {
    verb: 'upload a new slice',
    decide: (by) => decideUpload(by, { table: '患者', slice: 'new', replace: false }, table),
    allowed: ['owner', 'mate', 'idle'],
  },
  {
    verb: 'upload a new slice with --replace',
    decide: (by) => decideUpload(by, { table: '患者', slice: 'new', replace: true }, table),
    allowed: ['owner', 'mate', 'idle'],
  },
  {
    verb: "upload over mate's slice",
    decide: (by) => decideUpload(by, { table: '患者', slice: 'b', replace: false }, table),
    allowed: [],
    others: { mate: 'SLICE_EXISTS' },
  },
  {
    verb: "replace mate's slice, spelled in capitals",
    decide: (by) => decideUpload(by, { table: '患者', slice: 'B', replace: true }, table),
    allowed: ['mate'],
  },
  {
    verb: "replace the former contributor's slice",
    decide: (by) => decideUpload(by, { table: '患者', slice: 'c', replace: true }, table),
    allowed: [],
  },
  { verb: "drop mate's slice", decide: (by) => decideDrop(by, table, 'b'), allowed: ['mate'] },
  {
    verb: "drop the former contributor's slice",
    decide: (by) => decideDrop(by, table, 'c'),
    allowed: ['former'],
  },
  {
    verb: 'drop a slice that is not there',
    decide: (by) => decideDrop(by, table, 'x'),
    allowed: [],
    others: Object.fromEntries(
      ['owner', 'mate', 'idle', 'former', 'analyst', 'stranger', 'roleless'].map((who) => [
        who,
        'UNKNOWN_SLICE',
      ]),
    ),
  },
  { verb: "drop a table with others' slices", decide: (by) => decideDrop(by, table, undefined), allowed: [] },
  {
    verb: "drop a table with the owner's slices only",
    decide: (by) => decideDrop(by, onlyOwners, undefined),
    allowed: ['owner', 'roleless'],
  },
  {
    verb: 'name contributors',
    decide: (by) => decideSettings(by, table, { contributors: ['stranger'] }),
    allowed: ['owner', 'roleless'],
  },
  {
    verb: 'name contributors and set a minimum count',
    decide: (by) => decideSettings(by, table, { minCount: 1, contributors: [] }),
    allowed: ['owner', 'roleless'],
  },
  {
    verb: 'set a minimum count',
    decide: (by) => decideSettings(by, table, { minCount: 20 }),
    allowed: ['owner', 'roleless', 'mate', 'idle', 'former'],
  },
  {
    verb: 'grant',
    decide: (by) => decideGrant(by, table, actor('analyst')),
    allowed: ['owner', 'roleless', 'mate', 'idle', 'former'],
  },
  {
    verb: 'grant to nobody',
    decide: (by) => decideGrant(by, table, { user: 'nobody', roles: undefined }),
    allowed: [],
    others: Object.fromEntries(Object.keys(ACTORS).map((who) => [who, 'NOT_ENROLLED'])),
  },
  {
    verb: 'revoke',
    decide: (by) => decideRevoke(by, table, 'analyst'),
    allowed: ['owner', 'roleless', 'mate', 'idle', 'former'],
  },
  {
    verb: 'read what is public',
    decide: decideRead,
    allowed: ['owner', 'mate', 'idle', 'former', 'analyst', 'stranger', 'roleless'],
  },
  { verb: "cancel the analyst's query", decide: (by) => decideCancel(by, 'analyst'), allowed: ['analyst'] },
];

const cases = VERBS.flatMap(({ verb, decide, allowed, others }) =>
  Object.keys(ACTORS).map((who) => {
    const denial = who === 'revoked' ? 'NOT_ENROLLED' : (others?.[who] ?? 'NOT_ALLOWED');
    return { who, verb, decide, expected: allowed.includes(who) ? 'allowed' : denial };
  }),
);

describe('who may do what', () => {
  it.each(cases)('$who: $verb: $expected', ({ who, decide, expected }) => {
    expect(answer(decide(actor(who)))).toBe(expected);
  });

  it('asks everybody for every verb', () => {
    expect(cases).toHaveLength(VERBS.length * 8);
  });

  it('turns a denial into its error', () => {
    expect(() => assertAllowed(decideRead(actor('revoked')))).toThrow(/not enrolled/);
    expect(assertAllowed(decideQuery(actor('analyst'), table, 1)).minCount).toBe(10);
  });

  it('lets one withdraw a grant after leaving the table', () => {
    const left: TablePolicy = {
      ...table,
      contributors: [],
      slices: [],
      grants: [grant('former', 'analyst')],
    };
    expect(answer(decideRevoke(actor('former'), left, 'analyst'))).toBe('allowed');
    expect(answer(decideRevoke(actor('former'), left, 'mate'))).toBe('NOT_ALLOWED');
  });

  it('lets only enrolled users be named as new contributors, and keeps those who were named', () => {
    const enrolled = (user: string): boolean => user === 'mate' || user === 'analyst';
    expect(answer(decideContributors(table, ['mate', 'analyst'], enrolled))).toBe('allowed');
    expect(answer(decideContributors(table, ['mate', 'idle'], enrolled))).toBe('allowed');
    const slip = decideContributors(table, ['mate', 'analist'], enrolled);
    expect(answer(slip)).toBe('NOT_ENROLLED');
    expect(slip.allowed ? '' : slip.error.message).toContain("'analist'");
  });

  it('names, for a table with other slices, who must withdraw them', () => {
    const decision = decideDrop(actor('owner'), table, undefined);
    expect(decision.allowed ? '' : decision.error.message).toMatch(
      /slices of 'mate', 'former', who must withdraw/,
    );
  });
});

describe('a query', () => {
  const ask = (policy: TablePolicy, who: Who = 'analyst', floor = 1) =>
    decideQuery(actor(who), policy, floor);

  it.each(['owner', 'mate', 'former'])('needs the grant of %s, and names who is missing', (grantor) => {
    const grants = table.grants.filter((one) => one.grantor !== grantor);
    const decision = ask({ ...table, grants });
    expect(answer(decision)).toBe('NOT_GRANTED');
    expect(decision.allowed ? [] : decision.error.details['missing']).toEqual([grantor]);
    expect(decision.allowed ? '' : decision.error.message).toContain(`by '${grantor}'`);
  });

  it('names all who have not granted', () => {
    const decision = ask({ ...table, grants: [] });
    expect(decision.allowed ? [] : decision.error.details['missing']).toEqual(['owner', 'mate', 'former']);
  });

  it('does not need the grant of a contributor without rows', () => {
    expect(answer(ask({ ...table, contributors: ['mate', 'idle', 'newcomer'] }))).toBe('allowed');
  });

  it('takes no grant of one person for another', () => {
    const grants = [...table.grants.filter(({ grantor }) => grantor !== 'owner'), grant('idle', 'analyst')];
    expect(answer(ask({ ...table, grants }))).toBe('NOT_GRANTED');
  });

  it.each<[string, TablePolicy['minCounts'], number, number]>([
    ['10 where nobody set any', [], 1, 10],
    ['the floor where it is larger', [], 25, 25],
    ['10 while one has not set any', [{ user: 'owner', minCount: 4 }], 1, 10],
    [
      'the largest of those set',
      [
        { user: 'owner', minCount: 4 },
        { user: 'mate', minCount: 7 },
        { user: 'former', minCount: 5 },
      ],
      1,
      7,
    ],
    [
      'not that of one without rows, nor of a stranger',
      [
        { user: 'owner', minCount: 4 },
        { user: 'mate', minCount: 4 },
        { user: 'former', minCount: 4 },
        { user: 'idle', minCount: 90 },
        { user: 'stranger', minCount: 99 },
      ],
      1,
      4,
    ],
    [
      'at least 1',
      [
        { user: 'owner', minCount: 0 },
        { user: 'mate', minCount: 0 },
        { user: 'former', minCount: 0 },
      ],
      0,
      1,
    ],
  ])('has as minimum count %s', (_what, minCounts, floor, expected) => {
    expect(ask({ ...table, minCounts }, 'analyst', floor)).toMatchObject({
      allowed: true,
      minCount: expected,
    });
  });

  it("must also hold without the asker's own rows when some rows are that person's", () => {
    expect(ask(table, 'mate')).toMatchObject({ allowed: true, ownRows: [{ start: 100, end: 150 }] });
    expect(ask(table, 'analyst')).toMatchObject({ allowed: true, ownRows: [] });
  });

  it("needs no such check, and no grant, when all rows are the asker's", () => {
    const own: TablePolicy = {
      ...table,
      owner: 'mate',
      grants: [],
      slices: [{ slice: 'b', contributor: 'mate', rows: 50 }],
    };
    expect(ask(own, 'mate')).toMatchObject({ allowed: true, ownRows: [] });
  });

  it('joins neighbouring slices of the asker, and keeps others apart', () => {
    const slices = ['mate', 'mate', 'owner', 'mate'].map((contributor, i) => ({
      slice: `s${i}`,
      contributor,
      rows: 10 * (i + 1),
    }));
    expect(ask({ ...table, slices }, 'mate')).toMatchObject({
      ownRows: [
        { start: 0, end: 30 },
        { start: 60, end: 100 },
      ],
    });
  });
});
