/**
 * Every kind of frame, sent falsely by one of four nodes to another while all compute together. The table of
 * docs/security.md is made of these runs.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode, WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, REP4 } from '../../../src/core/scheme.js';
import { documentedTable } from '../../protocols/documented-table.js';
import { type FrameLie, isInHandshake, KINDS, liesAbout, MALFORMED } from './frame-lies.js';
import { type End, Lab, type Pair } from './lab.js';

/** What became of a lie at the node that it was told to. */
interface Outcome {
  readonly code: ErrorCode | undefined;
  readonly link: 'stays' | 'ends' | 'none';
}

const outcomes = new Map<FrameLie, Outcome>();
let lab: Lab;
let turn = 0;

beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(() => lab.stop());

const LIES = new Map(KINDS.map((kind) => [kind, liesAbout(kind)] as const));

/** Whom an error is about, or who said it. */
function expectNamed({ message, details }: WarifuError, liar: NodeIndex): void {
  const { node, nodes = [] } = details;
  expect([String(node), ...(nodes as string[])], message).toContain(String(liar));
}

/** No honest node has a wrong result, or ends with an error that has no place here. */
function expectHarmless(ends: readonly End[], { liar }: Pair): void {
  for (const node of REP4.nodes.filter((one) => one !== liar)) {
    const { error, isRight } = ends[node] as End;
    expect(isRight || error !== undefined).toBe(true);
    expect(error?.code).not.toBe('INTERNAL');
  }
}

async function told(lie: FrameLie, pair: Pair): Promise<Outcome> {
  if (isInHandshake(lie)) {
    const error = await lab.greet(lie, pair);
    if (error === undefined) return { code: undefined, link: 'stays' };
    expectNamed(error, pair.liar);
    // Which of the two connections is lost last is chance.
    return { code: error.code === 'NODE_LOST' ? 'NODE_UNREACHABLE' : error.code, link: 'none' };
  }
  const { ends, linkEnded, othersWentOn } = await lab.tell(lie, pair);
  expectHarmless(ends, pair);
  expect(othersWentOn).toBe(true);
  const { error } = ends[pair.victim] as End;
  if (error !== undefined) expectNamed(error, pair.liar);
  return { code: error?.code, link: linkEnded ? 'ends' : 'stays' };
}

describe.each(KINDS)('%s, sent falsely', (kind) => {
  it.each(LIES.get(kind) ?? [])(
    'does no harm, and names the liar where it is noticed: $name',
    async (lie) => {
      const pairs = lab.pairsFor(lie);
      // The transport does not ask which node it is: nodes lie, and are lied to, in turn.
      const pair = pairs[turn++ % pairs.length];
      if (pair === undefined) throw new Error('no node can tell this lie');
      const outcome = await told(lie, pair);
      outcomes.set(lie, outcome);
      expect(outcome.code).not.toBe('INTERNAL');
    },
  );
});

function listed(names: readonly string[]): string {
  const isMalformed = (name: string): boolean => (MALFORMED as readonly string[]).includes(name);
  if (names.filter(isMalformed).length < MALFORMED.length) return names.join('; ');
  return ['malformed', ...names.filter((name) => !isMalformed(name))].join('; ');
}

describe('the table of frames in docs/security.md', () => {
  it('is what became of them here', () => {
    const rows = KINDS.flatMap((kind) => {
      const byOutcome = new Map<string, string[]>();
      for (const lie of LIES.get(kind) ?? []) {
        const { code, link } = outcomes.get(lie) as Outcome;
        const outcome = [code ?? 'goes on', link].join();
        byOutcome.set(outcome, [...(byOutcome.get(outcome) ?? []), lie.name]);
      }
      return [...byOutcome].map(([outcome, names]) => [kind, listed(names), ...outcome.split(',')]);
    });
    expect(documentedTable('False frames', rows, 'security.md')).toEqual(rows);
  });
});
