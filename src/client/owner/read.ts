/** What is only read: of four nodes, three that say the same are enough while the fourth is away. */
import { EXIT } from '../../core/errors.js';
import type { RequestBody } from '../../query/request.js';
import type { NodeReply } from '../agreement.js';
import { chooseError } from '../choose-error.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';

export interface ReadOptions extends AskOptions {
  /** Told the name of the one node of four that did not answer. */
  readonly onMissing?: ((name: string) => void) | undefined;
}

/**
 * The answers of all nodes, or of three of four.
 *
 * @throws WarifuError the error that best explains why more are missing, or why a node that was reached refused.
 */
export async function read(
  client: ClusterClient,
  body: RequestBody,
  { onMissing, ...options }: ReadOptions,
): Promise<NodeReply[]> {
  const outcomes = await client.ask(body, options);
  const failures = outcomes.filter((outcome) => 'error' in outcome);
  const replies = outcomes.filter((outcome) => 'reply' in outcome);
  const [missing] = failures;
  if (missing === undefined) return replies;
  const { known, error, from } = missing;
  const isAway = from === 'connection' && error.exitCode === EXIT.unreachable;
  if (client.cluster.scheme !== 'rep4' || failures.length > 1 || !isAway) {
    throw chooseError(
      failures,
      client.cluster.nodes.map(({ name }) => name),
    );
  }
  onMissing?.(known.card.name);
  return replies;
}
