/** What all other nodes say that there is, once they agree. */
import { setTimeout as sleep } from 'node:timers/promises';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { differencesAmong, othersDiffer, type Said } from './agreement.js';
import type { HelperSession } from './helper-session.js';
import { decodeSnapshot, MAX_SNAPSHOT_BYTES, type Snapshot } from './snapshot.js';

const ASK_AGAIN_MS = 500;

/**
 * Waits until all other nodes say the same, and until what is undecided is undecided at all of them, and about to be
 * committed at none: then this node's vote is missing, which it has forgotten.
 *
 * @param patienceMs changes that are under way reach nodes at different moments, and decisions take some seconds.
 * @throws WarifuError POLICY_DIFFERS, STATE_DIFFERS naming facts and nodes; those of a lost node.
 */
export async function agreedSnapshot(
  helpers: readonly HelperSession[],
  patienceMs: number,
): Promise<Snapshot> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const all = await Promise.all(helpers.map(snapshotOf));
    const differences = differencesAmong(all);
    const undecided = undecidedAtSome(all);
    const [first] = all;
    if (first !== undefined && differences.length === 0 && undecided === undefined) return first.snapshot;
    if (performance.now() >= end) {
      throw differences.length > 0 ? othersDiffer(differences) : notDecided(undecided ?? '', patienceMs);
    }
    await sleep(ASK_AGAIN_MS);
  }
}

async function snapshotOf(helper: HelperSession): Promise<Said> {
  const { name } = helper;
  const bytes = await helper.ask({ kind: 'snapshot' }, { most: MAX_SNAPSHOT_BYTES }, 'what it has');
  try {
    return { name, snapshot: decodeSnapshot(bytes) };
  } catch (thrown) {
    const { code, message } = asWarifuError(thrown);
    throw new WarifuError(code, `node ${name}: ${message}`, { node: name });
  }
}

function undecidedAtSome(all: readonly Said[]): string | undefined {
  return all
    .flatMap(({ snapshot }) => snapshot.pending)
    .find((attempt) =>
      all.some(
        ({ snapshot }) => !snapshot.pending.includes(attempt) || snapshot.committing.includes(attempt),
      ),
    );
}

function notDecided(attempt: string, ms: number): WarifuError {
  return new WarifuError(
    'STATE_DIFFERS',
    `waited ${ms / 1000} seconds for the other nodes to decide upload or drop ${attempt}: see that they are linked to each other, then try again`,
    { attempt },
  );
}
