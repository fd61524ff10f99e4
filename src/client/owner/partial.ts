/** Orders that every node carries out by itself: when some nodes did and others did not, both are named. */
import { WarifuError } from '../../core/errors.js';
import type { RequestBody } from '../../query/request.js';
import { doneReply } from '../../query/request-replies.js';
import { readReplies } from '../agreement.js';
import { chooseError } from '../choose-error.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';

/**
 * Gives the order to every node that can be reached; repeating it does no harm.
 *
 * @returns notes that nodes added, each once.
 * @throws WarifuError when a node did not carry it out, naming those that did and those that did not.
 */
export async function order(
  client: ClusterClient,
  body: RequestBody,
  options: AskOptions = {},
): Promise<string[]> {
  const outcomes = await client.ask(body, options);
  const failures = outcomes.filter((outcome) => 'error' in outcome);
  const replies = outcomes.filter((outcome) => 'reply' in outcome);
  const notes = readReplies(replies, doneReply).flatMap(({ value }) => value.note ?? []);
  if (failures.length === 0) return [...new Set(notes)];
  const error = chooseError(
    failures,
    outcomes.map(({ known }) => known.card.name),
  );
  if (replies.length === 0) throw error;
  const done = replies.map(({ known }) => known.card.name);
  const undone = failures.map(({ known }) => known.card.name);
  throw new WarifuError(
    error.code,
    `done at ${listed(done)}, but not at ${listed(undone)}: ${error.message}; when that is settled, run the same command again`,
    { ...error.details, done, undone },
  );
}

function listed(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(' and ');
}
