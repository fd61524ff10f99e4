/**
 * Every type of control message, sent falsely by one of four nodes while all of them compute and vote together. The table
 * of docs/security.md is made of these runs.
 */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { REP4 } from '../../../src/core/scheme.js';
import { openBitsToNodes } from '../../../src/protocols/open.js';
import { controlMessage } from '../../../src/server/jobs/control-message.js';
import { documentedTable } from '../../protocols/documented-table.js';
import {
  type ControlLie,
  controlLies,
  type JobMessage,
  type JobMessageType,
  pairOf,
} from './control-lies.js';
import { ABOUT_ATTEMPTS, afterSaying, STATES, type State } from './decision-lies.js';
import { JobWorld, jobId, NAMES, type Observed, run, wish } from './job-world.js';
import { voteAndWait } from './test-votes.js';

const MIN_COUNT = 5;
/** Longer than any wait of a job. */
const FOREVER_MS = 700_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function isJobMessage(message: { readonly type: string }): message is JobMessage {
  return 'job' in message;
}

/** All four nodes compute random bits of which nobody knows any, open them and vote. */
async function told(lie: ControlLie, liar: NodeIndex, victim: NodeIndex): Promise<Observed<string>[]> {
  const world = new JobWorld(`${lie.type} ${lie.name}`, { scheme: REP4 });
  world.bend = (from, to, message) => {
    const isLie = from === liar && (to === victim || lie.toAll === true);
    const instead = isLie && isJobMessage(message) ? lie.bend(message) : undefined;
    if (instead === undefined) return message;
    const last = instead.at(-1);
    for (const one of instead.slice(0, -1)) world.node(to).coordinator.handle(from, one);
    return last === undefined ? undefined : controlMessage.parse(last);
  };
  const observed = REP4.nodes.map((node) =>
    run(
      world,
      node,
      jobId(1),
      async (job) => {
        const { result } = await job.compute('program', async (ctx) => {
          const bits = ctx.backend.randomBits(ctx.step('draw'), 1, 128);
          return await openBitsToNodes(ctx.step('open'), bits);
        });
        await voteAndWait(job, node, 4);
        return `${job.minCount} ${Buffer.from(result.bytes()).toString('hex')}`;
      },
      { wish: wish({ minCount: MIN_COUNT }) },
    ),
  );
  const isOver = (): boolean => observed.every(({ state }) => state !== 'pending');
  for (let i = 0; i < 20 && !isOver(); i++) await world.settle();
  if (!isOver()) await vi.advanceTimersByTimeAsync(FOREVER_MS);
  for (let i = 0; i < 20 && !isOver(); i++) await world.settle();
  return observed;
}

/** The types of messages about jobs, as the schema has them. */
const TYPES = controlMessage.options
  .filter(({ shape }) => 'job' in shape)
  .map(({ shape }) => shape.type.value as JobMessageType);

const outcomes = new Map<ControlLie, string>();
const LIES = new Map(TYPES.map((type) => [type, controlLies(type)] as const));
let turn = 0;

/** Errors of the agreement name a fact, and of a wait that is over who is missing, if that is known. */
const NAME_NOBODY = ['POLICY_DIFFERS', 'STATE_DIFFERS', 'NODE_BUSY', 'NO_PROGRESS', 'NODE_UNREACHABLE'];

describe.each(TYPES)('%s, said falsely', (type) => {
  it.each(LIES.get(type) ?? [])('does no harm: $name', async (lie) => {
    const { liar, victim } = pairOf(lie, turn++);
    const observed = await told(lie, liar, victim);
    const honest = observed.filter((_, node) => node !== liar);
    for (const { state } of honest) expect(state).not.toBe('pending');
    const values = honest.flatMap(({ value }) => value ?? []);
    // The same everywhere, at no smaller minimum count.
    expect(new Set(values).size).toBeLessThanOrEqual(1);
    for (const value of values) expect(value).toMatch(new RegExp(`^${MIN_COUNT} `));
    const { error } = observed[victim] as Observed<string>;
    if (error !== undefined && !NAME_NOBODY.includes(error.code)) {
      const { node, nodes = [], told_by } = error.details;
      const named = [node, told_by, ...(nodes as readonly string[])].map(String);
      expect(named.includes(String(liar)) || named.includes(NAMES[liar]), error.message).toBe(true);
    }
    outcomes.set(lie, error?.code ?? 'goes on');
  });
});

const AFTERWARDS = ABOUT_ATTEMPTS.flatMap((message) => STATES.map((state) => ({ message, state })));
const afterwards = new Map<(typeof AFTERWARDS)[number], string>();

const POSSIBLE: Readonly<Record<State, readonly string[]>> = {
  unknown: ['unknown', 'rolled-back'],
  running: ['unknown'],
  undecided: ['prepared'],
  'about to be committed': ['committing'],
  committed: ['committed'],
  'rolled back': ['rolled-back'],
};

describe('what is said of attempts by one peer', () => {
  it.each(AFTERWARDS)('$message.type $message.outcome, where it is $state', async (said) => {
    const { outcome, answer } = await afterSaying(said.message, said.state);
    const becomes = outcome === 'unknown' ? 'nothing' : outcome;
    afterwards.set(said, answer === '' ? becomes : `${becomes}; answers ${answer}`);
    // Only what is undecided is decided, and only what is not known here given up.
    expect(POSSIBLE[said.state]).toContain(outcome);
  });
});

/** Messages that other tests are about, and what they find. */
const ELSEWHERE: Readonly<Record<string, readonly [what: string, becomes: string, test: string]>> = {
  'check-failed': ['without cause', 'goes on; a doubt that says who told it', 'jobs/failed-checks.test.ts'],
  recover: ['without need', 'goes on; gives parts that the asker holds', 'recover/recovery-server.test.ts'],
  'recover-refused': ['without cause', 'the recovery asks again later', 'recover/recovery-server.test.ts'],
};

describe('the table of control messages in docs/security.md', () => {
  it('is what became of them here, for every type that there is', () => {
    const rows = [...LIES].flatMap(([type, lies]) =>
      grouped(lies.map((lie) => [lie.name, outcomes.get(lie) ?? ''])).map((row) => [type, ...row]),
    );
    for (const message of ABOUT_ATTEMPTS) {
      const own = AFTERWARDS.filter((said) => said.message === message);
      const type = message.type === 'tell' ? `tell ${message.outcome}` : message.type;
      const of = own.map((said) => [`of one that is ${said.state}`, afterwards.get(said) ?? ''] as const);
      rows.push(...grouped(of).map((row) => [type, ...row]));
    }
    for (const [type, [what, becomes, test]] of Object.entries(ELSEWHERE)) {
      const text = readFileSync(new URL(`../${test}`, import.meta.url), 'utf8');
      expect(text).toContain(type);
      rows.push([type, what, becomes]);
    }
    const types = controlMessage.options.map(({ shape }) => shape.type.value);
    expect(new Set(rows.map(([type]) => type?.split(' ')[0]))).toEqual(new Set(types));
    expect(documentedTable('False control messages', rows, 'security.md')).toEqual(rows);
  });
});

/** Lies that come to the same, together. */
function grouped(lies: readonly (readonly [name: string, outcome: string])[]): string[][] {
  const names = new Map<string, string[]>();
  for (const [name, outcome] of lies) names.set(outcome, [...(names.get(outcome) ?? []), name]);
  return [...names].map(([outcome, own]) => [own.join('; '), outcome]);
}
