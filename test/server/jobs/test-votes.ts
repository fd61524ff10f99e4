/** Votes as nodes sign them, by a hash that stands for the signature: quick, and no liar of a test forges one. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '../../../src/core/digest.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import type { AttemptVotes } from '../../../src/server/identity/attempt-votes.js';
import type { RunningJob } from '../../../src/server/jobs/running-job.js';
import { VoteTally } from '../../../src/server/jobs/vote-tally.js';

const VOTED = 'a'.repeat(32);

export function testVotes(self: NodeIndex): AttemptVotes {
  return {
    sign: (attempt) => voteOf(self, attempt),
    isVote: (node, attempt, vote) => vote === voteOf(node, attempt),
  };
}

export function voteOf(node: NodeIndex, attempt: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(`${node} ${attempt}`))).repeat(2);
}

/** A vote on nothing. */
export async function voteAndWait(job: RunningJob, self: NodeIndex, nodes: number): Promise<void> {
  const keys = testVotes(self);
  await job.gatherVotes(keys.sign(VOTED), new VoteTally(VOTED, nodes, keys));
}
