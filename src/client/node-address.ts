/** One node of a cluster as a client speaks of it. */
import type { Cluster, NodeCard } from '../core/cluster-file.js';
import type { NodeIndex } from '../core/scheme.js';

export interface KnownNode {
  readonly node: NodeIndex;
  readonly card: NodeCard;
}

/** All nodes of a cluster, in the order of their indices. */
export function nodesOf(cluster: Cluster): KnownNode[] {
  return cluster.nodes.map((card, node) => ({ node: node as NodeIndex, card }));
}

/** Where clients reach the node. An IPv6 host stands between brackets in the card, and without them here. */
export function clientAddress({ client }: Pick<NodeCard, 'client'>): { host: string; port: number } {
  const colon = client.lastIndexOf(':');
  return { host: client.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(client.slice(colon + 1)) };
}

/** How errors name a node. */
export function nodeLabel({ card }: KnownNode): string {
  return `node '${card.name}' at ${card.client}`;
}
