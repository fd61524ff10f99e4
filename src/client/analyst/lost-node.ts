/** Which node of four is lost: what a query by the other three names. Every node looks for itself before it takes part. */
import { WarifuError } from '../../core/errors.js';
import { nodesBlamed } from '../../core/node-names.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import { clusterStatus, type NodeStatus } from '../owner/status.js';

/**
 * The one node that all others say they are not linked to.
 *
 * @throws WarifuError USAGE in a cluster of three, or where no node is lost; NODE_UNREACHABLE where more than one is.
 */
export async function findLostNode(client: ClusterClient, options: AskOptions = {}): Promise<NodeIndex> {
  if (client.cluster.scheme !== 'rep4') {
    throw new WarifuError('USAGE', 'only a cluster of four nodes can go on with three');
  }
  const all = await clusterStatus(client, options);
  const lost = all.filter(({ node }) => isLost(node, all));
  const [only] = lost;
  if (only !== undefined && lost.length === 1) return only.node as NodeIndex;
  const silent = all.flatMap(({ name, status }) => (status instanceof WarifuError ? [name] : []));
  const names = silent.map((name) => `'${name}'`).join(' and ');
  if (silent.length === 1) {
    const message = `node ${names} is not reached, but the other three have not all lost it: try again in a few seconds`;
    throw new WarifuError('NODE_UNREACHABLE', message, { nodes: silent });
  }
  if (silent.length > 1) {
    const message = `nodes ${names} are not reached: queries go on without one of four, not without more`;
    throw new WarifuError('NODE_UNREACHABLE', message, { nodes: silent });
  }
  throw new WarifuError(
    'USAGE',
    'no node is lost for all of the other three: ask all four, without --with-three',
  );
}

/** What the nodes say must not keep the analyst waiting for the error that it is about. */
const ASK_MS = 3_000;

/**
 * Whether the node that an error is about is lost for all of the other three, as far as they say: one alone may lie.
 */
export async function isLostForAll(
  client: ClusterClient,
  { details, message }: WarifuError,
): Promise<boolean> {
  const { nodes, scheme } = client.cluster;
  if (scheme !== 'rep4') return false;
  const names = nodes.map(({ name }) => name);
  // Who passes an error on is among those that it names.
  const named = names.flatMap((name, node) => (message.includes(`'${name}'`) ? [node as NodeIndex] : []));
  const candidates = [...new Set([...nodesBlamed(details, names), ...named])];
  const lost = await Promise.all(
    candidates.map(async (node) => {
      // One of its own: together the connections of all candidates would be too many listeners of one signal.
      const signal = AbortSignal.timeout(ASK_MS);
      return isLost(node, await clusterStatus(client, { without: node, signal }));
    }),
  );
  return lost.includes(true);
}

/** Whether every other node answers, and says that it is not linked to this one. */
function isLost(node: number, all: readonly NodeStatus[]): boolean {
  return all.every(({ node: other, status }) => {
    if (other === node) return true;
    if (status instanceof WarifuError) return false;
    return status.peers.some((peer) => peer.node === node && !peer.up);
  });
}
