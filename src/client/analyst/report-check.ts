/** The nodes' answers did not fit together: they are told, so that none goes on with three before operators have looked. */
import type { WarifuError } from '../../core/errors.js';
import { nodesBlamed } from '../../core/node-names.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { ClusterClient } from '../cluster-client.js';

/** The error is what the analyst waits for. */
const LIMIT_MS = 5_000;

/** Tells all nodes that can be reached of an error that is a failed check; their answers do not matter. */
export async function reportCheck(
  client: ClusterClient,
  query: string,
  { code, details }: WarifuError,
  without: NodeIndex | undefined,
): Promise<void> {
  if (client.cluster.scheme !== 'rep4') return;
  if (code !== 'COPIES_DIFFER' && code !== 'PEER_MISBEHAVED' && code !== 'MESSAGE_FORM') return;
  const names = client.cluster.nodes.map(({ name }) => name);
  const report = { kind: 'report', query, code, nodes: nodesBlamed(details, names) } as const;
  // What goes wrong here is less than what is reported.
  await client.ask(report, { signal: AbortSignal.timeout(LIMIT_MS), without }).catch(() => undefined);
}
