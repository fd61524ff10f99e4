/** Cluster files as nodes and operators make and read them: with every pin compared with its certificate. */
import { type Cluster, joinCards, type NodeCard, parseClusterFile } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import { certificatePin } from './certificate.js';

/**
 * The cluster of three or four nodes; their order is that of the cards.
 *
 * @throws WarifuError CONFIG_INVALID when names, keys or addresses repeat, or a pin is not its certificate's.
 */
export function createCluster(
  cards: readonly NodeCard[],
  options: Partial<Pick<Cluster, 'scheme'>> = {},
): Cluster {
  const cluster = joinCards(cards, options.scheme);
  cluster.nodes.forEach(checkPins);
  return cluster;
}

/** Parses a cluster file; throws like `createCluster`. */
export function parseCluster(text: string): Cluster {
  const cluster = parseClusterFile(text);
  cluster.nodes.forEach(checkPins);
  return cluster;
}

/**
 * Which node of the cluster holds this key.
 *
 * @param pin of the node's own key.
 * @throws WarifuError CONFIG_INVALID when it is none of them.
 */
export function indexInCluster(cluster: Cluster, pin: string): NodeIndex {
  const found = cluster.nodes.findIndex((card) => card.pins.includes(pin));
  if (found === 0 || found === 1 || found === 2 || found === 3) return found;
  throw new WarifuError(
    'CONFIG_INVALID',
    "the cluster file has no node with this node's key; make it anew from the cards that 'warifu node init' printed",
  );
}

function checkPins(card: NodeCard): void {
  card.certificates.forEach((certificate, i) => {
    if (certificatePin(certificate) === card.pins[i]) return;
    throw new WarifuError(
      'CONFIG_INVALID',
      `the card of node '${card.name}' lists a pin that is not its certificate's; ask its operator for the card again`,
    );
  });
}
