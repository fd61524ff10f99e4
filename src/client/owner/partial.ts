/**
 * Orders that every node carries out by itself. All nodes say first that they would; only then the order is given. When
 * some nodes did it and others did not all the same, both are named.
 */
import { asWarifuError, EXIT, WarifuError } from '../../core/errors.js';
import type { RequestBody } from '../../query/request.js';
import { doneReply } from '../../query/request-replies.js';
import { readReplies } from '../agreement.js';
import { chooseError } from '../choose-error.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import type { ClusterSession, NodeOutcome } from '../cluster-session.js';

/**
 * whole: at all nodes, or refused before anything changes. reached: at those that are reached. withdrawal: the same for
 * what takes something back, which counts as soon as one node knows of it.
 */
export type Reach = 'whole' | 'reached' | 'withdrawal';

/** What can be asked beforehand; other orders the nodes carry out together. */
type Checked = Extract<RequestBody, { kind: 'grant' | 'table-settings' }>;

/**
 * Gives an order to the nodes; repeating it does no harm, and repairs what differs between them.
 *
 * @returns notes that nodes added, each once.
 * @throws WarifuError when a node would not carry it out or is not there (nothing was changed then), or did not,
 *   naming those that did and those that did not.
 */
export async function order(
  client: ClusterClient,
  body: RequestBody,
  reach: Reach,
  { signal, onProgress }: AskOptions = {},
): Promise<string[]> {
  const session = await client.open(signal);
  try {
    if (reach === 'whole') await checkWhole(session, body);
    return notesOf(client, await session.ask(body, onProgress), reach);
  } finally {
    session.close();
  }
}

async function checkWhole(session: ClusterSession, body: RequestBody): Promise<void> {
  try {
    if (isChecked(body)) await session.request({ ...body, check: true });
    else session.connections();
  } catch (thrown) {
    const error = asWarifuError(thrown);
    if (error.exitCode !== EXIT.unreachable) throw error;
    throw new WarifuError(
      error.code,
      `${error.message}; nothing was changed at any node: run the same command again when all are back`,
      { ...error.details, done: [] },
    );
  }
}

function isChecked(body: RequestBody): body is Checked {
  return body.kind === 'grant' || body.kind === 'table-settings';
}

function notesOf(client: ClusterClient, outcomes: readonly NodeOutcome[], reach: Reach): string[] {
  const failures = outcomes.filter((outcome) => 'error' in outcome);
  const replies = outcomes.filter((outcome) => 'reply' in outcome);
  const notes = readReplies(replies, doneReply).flatMap(({ value }) => value.note ?? []);
  if (failures.length === 0) return [...new Set(notes)];
  const error = chooseError(
    failures,
    client.cluster.nodes.map(({ name }) => name),
  );
  if (replies.length === 0) throw error;
  const done = replies.map(({ known }) => known.card.name);
  const undone = failures.map(({ known }) => known.card.name);
  const enough = reach === 'withdrawal' ? ', where it counts from now on' : '';
  throw new WarifuError(
    error.code,
    `done at ${listed(done)}${enough}, but not at ${listed(undone)}: ${error.message}; run the same command again when that is settled`,
    { ...error.details, done, undone },
  );
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`;
}
