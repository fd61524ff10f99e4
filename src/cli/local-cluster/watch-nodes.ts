/** What becomes of a local cluster when processes of its nodes end before they were asked to. */
import type { Cluster } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { addressOf } from '../../server/address.js';
import type { NodeChild } from './child.js';
import { isListening } from './ports.js';

/** With fewer nodes nothing can be computed. */
const FEWEST_NODES = 3;

/**
 * Never resolves; throws NODE_LOST when more nodes have ended than the others can do without: of three one, of four two. One
 * that somebody has started again by hand counts as there.
 *
 * @param onLost told of a node that ended, without which the others go on.
 */
export function watchNodes(
  { cluster, children }: { readonly cluster: Cluster; readonly children: readonly NodeChild[] },
  onLost: (child: NodeChild) => void,
): Promise<never> {
  const ended: NodeChild[] = [];
  return new Promise((_resolve, reject) => {
    for (const child of children) {
      void child.ended.then(async () => {
        ended.push(child);
        const away = await notServed(cluster, [...ended]);
        if (away.length > children.length - FEWEST_NODES) reject(lost(away));
        else onLost(child);
      });
    }
  });
}

/** The nodes whose ports nobody serves in the place of the process that ended. */
async function notServed({ nodes }: Cluster, ended: readonly NodeChild[]): Promise<readonly NodeChild[]> {
  const cards = ended.flatMap(({ name }) => nodes.filter((node) => node.name === name));
  const served = await Promise.all(
    cards.map(({ client }) => {
      const { host, port } = addressOf(client);
      return isListening(host, port);
    }),
  );
  return ended.filter((_, i) => served[i] === false);
}

/** With the last log lines of the node that ended last. */
function lost(away: readonly NodeChild[]): WarifuError {
  const error = away.at(-1)!.lost();
  const before = away.slice(0, -1).map(({ name }) => `'${name}'`);
  if (before.length === 0) return error;
  return new WarifuError(error.code, `node ${before.join(' and ')} had ended before; now ${error.message}`);
}
