/** What a node without a disk says of an undecided change: nothing, unless two of three others are for the same. */
import { describe, expect, it } from 'vitest';
import type { NodeIndex } from '../../../src/core/scheme.js';
import type { ControlMessage } from '../../../src/server/jobs/control-message.js';
import type { Told } from '../../../src/server/jobs/next-step.js';
import { LostVote } from '../../../src/server/recover/lost-vote.js';
import { testVotes, voteOf } from '../jobs/test-votes.js';

const ATTEMPT = '2'.repeat(32);
const PEERS: readonly NodeIndex[] = [0, 1, 3];

function lostVote(): {
  readonly vote: LostVote;
  readonly said: { to: NodeIndex; message: ControlMessage }[];
} {
  const said: { to: NodeIndex; message: ControlMessage }[] = [];
  const mesh = {
    sendControl: (to: NodeIndex, message: unknown) => said.push({ to, message: message as ControlMessage }),
  };
  return { vote: new LostVote({ mesh, self: 2, peers: PEERS, votes: testVotes(2) }), said };
}

/** What it says when one asks and all answer. */
function saidAfter(...told: (Told | undefined)[]): ControlMessage[] {
  const { vote, said } = lostVote();
  vote.handle(0, { type: 'ask', attempt: ATTEMPT });
  expect(said).toEqual(PEERS.map((to) => ({ to, message: { type: 'ask', attempt: ATTEMPT } })));
  said.length = 0;
  for (const [i, outcome] of told.entries()) {
    if (outcome === undefined) continue;
    vote.handle(PEERS[i] as NodeIndex, { type: 'tell', attempt: ATTEMPT, outcome, votes: [] });
  }
  const messages = said.filter(({ to }) => to === 0).map(({ message }) => message);
  expect(said).toEqual(messages.flatMap((message) => PEERS.map((to) => ({ to, message }))));
  return messages;
}

const FOR = {
  type: 'tell',
  attempt: ATTEMPT,
  outcome: 'committing',
  votes: [null, null, voteOf(2, ATTEMPT), null],
};
const AGAINST = { type: 'tell', attempt: ATTEMPT, outcome: 'rolling-back', votes: [] };

describe('a node that has lost its disk', () => {
  it.each([
    ['committing', 'committing', 'rolling-back'],
    ['rolled-back', 'committed', 'committing'],
  ] as const)('is for what two of three are for: %s, %s, %s', (...told) => {
    expect(saidAfter(...told)).toEqual([FOR]);
  });

  it.each([
    ['committing', 'rolling-back', 'rolling-back'],
    ['rolled-back', 'rolled-back', 'prepared'],
  ] as const)('is against what two of three are against: %s, %s, %s', (...told) => {
    expect(saidAfter(...told)).toEqual([AGAINST]);
  });

  it.each([
    ['prepared', 'prepared', 'prepared'],
    ['committing', 'rolling-back', 'prepared'],
    ['committing', 'undecided', 'prepared'],
    ['committing', 'committing', undefined],
  ] as const)('is silent otherwise, or before all have answered: %s, %s, %s', (...told) => {
    expect(saidAfter(...told)).toEqual([]);
  });

  it('hears no answer about what nobody has asked it', () => {
    const { vote, said } = lostVote();
    for (const peer of PEERS) {
      vote.handle(peer, { type: 'tell', attempt: ATTEMPT, outcome: 'committed', votes: [] });
    }
    expect(said).toEqual([]);
  });

  it('says it once for each time that it was asked', () => {
    const { vote, said } = lostVote();
    vote.handle(0, { type: 'ask', attempt: ATTEMPT });
    const tellAll = (): void => {
      for (const peer of PEERS) {
        vote.handle(peer, { type: 'tell', attempt: ATTEMPT, outcome: 'committing', votes: [] });
      }
    };
    tellAll();
    const first = said.length;
    for (let i = 0; i < 100; i++) tellAll();
    expect(said.length).toBe(first);
    vote.handle(1, { type: 'ask', attempt: ATTEMPT });
    tellAll();
    expect(said.length).toBe(2 * first);
  });

  it('passes on few questions of one that floods, so that others do not take it for the flood', () => {
    const { vote, said } = lostVote();
    for (let i = 0; i < 5_000; i++) {
      vote.handle(0, { type: 'ask', attempt: i.toString(16).padStart(32, '0') });
    }
    expect(said.length).toBeLessThan(50 * PEERS.length);
    said.length = 0;
    vote.handle(1, { type: 'ask', attempt: ATTEMPT });
    expect(said).toHaveLength(PEERS.length);
  });
});
