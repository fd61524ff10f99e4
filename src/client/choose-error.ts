/** Which of several nodes' errors to show: the cause, not what it led to at the other nodes. */
import { type ErrorCode, EXIT, WarifuError } from '../core/errors.js';
import { saidBy, withNodeNames } from '../core/node-names.js';
import type { KnownNode } from './node-address.js';

export interface NodeFailure {
  readonly known: KnownNode;
  readonly error: WarifuError;
  /** Whether the node answered it, or the client met it on the way to the node. */
  readonly from: 'node' | 'connection';
}

/** What a node says when another one has failed; the smaller, the nearer to the cause. */
const CONSEQUENCES: Partial<Record<ErrorCode, number>> = {
  POLICY_DIFFERS: 1,
  NODE_LOST: 6,
  NO_PROGRESS: 6,
  NODE_UNREACHABLE: 6,
  CANCELLED: 7,
};

/** With which a client finds that a node is not there. */
const AWAY: readonly ErrorCode[] = ['NODE_UNREACHABLE', 'NODE_LOST'];

/**
 * The error to show, naming its node unless all nodes say the same.
 *
 * @param failures at least one.
 * @param names of the cluster's nodes, by index: nodes know each other by index, people by name.
 * @param asked how many of them were asked.
 */
export function chooseError(
  failures: readonly NodeFailure[],
  names: readonly string[],
  asked: number = names.length,
): WarifuError {
  const [chosen] = [...failures].sort((left, right) => rank(left) - rank(right));
  if (chosen === undefined) throw new TypeError('there is no error to choose');
  const { error, known, from } = chosen;
  const same = failures.filter(
    (other) => other.error.code === error.code && other.error.message === error.message,
  );
  if (from === 'connection') return metByClient(chosen, failures, names);
  const message = withNodeNames(error.message, names);
  if (same.length === asked) return new WarifuError(error.code, saidByAll(message), error.details);
  const saying = same.map((other) => `'${other.known.card.name}'`);
  const who = saying.length === 1 ? `node ${saying[0]}` : `nodes ${saying.join(' and ')}`;
  return new WarifuError(error.code, saidBy(who, message), { node: known.node, ...error.details });
}

/** Each of them speaks of itself. */
function saidByAll(message: string): string {
  return /\b(this node|here)\b/.test(message) ? `all nodes asked say: ${message}` : message;
}

/** What the client itself met names its node already; of nodes that are away, all are named. */
function metByClient(
  { error }: NodeFailure,
  failures: readonly NodeFailure[],
  names: readonly string[],
): WarifuError {
  const away = failures.filter((other) => other.from === 'connection' && other.error.code === error.code);
  if (away.length < 2 || !AWAY.includes(error.code)) {
    return new WarifuError(error.code, withNodeNames(error.message, names), {
      ...error.details,
      met_by: 'client',
    });
  }
  const { node: _, ...details } = error.details;
  return new WarifuError(
    error.code,
    away.map((other) => withNodeNames(other.error.message, names)).join('; '),
    { ...details, nodes: away.map(({ known }) => known.card.name), met_by: 'client' },
  );
}

function rank({ error, from }: NodeFailure): number {
  const consequence = CONSEQUENCES[error.code];
  // A node that the client itself lost is the cause of what the others report.
  if (consequence !== undefined) return consequence - (from === 'connection' ? 0.5 : 0);
  switch (error.exitCode) {
    case EXIT.usage:
    case EXIT.refused:
      return 0;
    case EXIT.unreachable:
      return 4;
    case EXIT.done:
    case EXIT.failed:
      // The nodes' own faults come after what they understood to be one.
      return error.code === 'INTERNAL' ? 3 : 2;
  }
}
