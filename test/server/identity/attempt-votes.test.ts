import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { type AttemptVotes, attemptVotes, voteField } from '../../../src/server/identity/attempt-votes.js';
import { createCluster } from '../../../src/server/identity/cluster.js';
import { createCard, createNodeIdentity } from '../../../src/server/identity/node-identity.js';

const ATTEMPT = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const NODES: readonly NodeIndex[] = [0, 1, 2];
let voters: AttemptVotes[] = [];
let elsewhere: AttemptVotes;

beforeAll(async () => {
  const identities = await Promise.all(['east', 'west', '中央'].map((name) => createNodeIdentity(name, 0)));
  const cards = identities.map((identity, i) =>
    createCard(identity, { peer: `127.0.0.1:${7000 + i}`, client: `127.0.0.1:${7100 + i}` }),
  );
  const cluster = createCluster(cards);
  voters = identities.map(({ key }) => attemptVotes(cluster, key.privateKey));
  const [first, ...rest] = cards.toReversed();
  const [key] = identities.map((identity) => identity.key.privateKey);
  if (first === undefined || key === undefined) throw new Error('no cards');
  elsewhere = attemptVotes(createCluster([...rest, first]), key);
});

describe('a vote', () => {
  it('is good at all nodes for whoever signed it, for that attempt, and nothing else', () => {
    for (const voter of NODES) {
      const vote = voters[voter]?.sign(ATTEMPT) ?? '';
      expect(voteField.parse(vote)).toBe(vote);
      for (const at of voters) {
        for (const node of NODES) expect(at.isVote(node, ATTEMPT, vote)).toBe(node === voter);
        expect(at.isVote(3, ATTEMPT, vote)).toBe(false);
        expect(at.isVote(voter, OTHER, vote)).toBe(false);
      }
    }
  });

  it('is good in one cluster only', () => {
    const [vote, there] = [voters[0]?.sign(ATTEMPT) ?? '', elsewhere.sign(ATTEMPT)];
    expect(vote).not.toBe(there);
    expect(voters[0]?.isVote(0, ATTEMPT, there)).toBe(false);
  });

  it('is none with another bit, another length, or of another key', () => {
    const vote = voters[1]?.sign(ATTEMPT) ?? '';
    const flipped = `${vote.startsWith('0') ? '1' : '0'}${vote.slice(1)}`;
    const stranger = sign(null, Buffer.from(ATTEMPT), generateKeyPairSync('ed25519').privateKey);
    for (const one of [flipped, vote.slice(2), `${vote}00`, '', '0'.repeat(128), stranger.toString('hex')]) {
      expect(voters[0]?.isVote(1, ATTEMPT, one)).toBe(false);
    }
  });
});
