/** When a node goes on with two others without the fourth of its cluster. */
import { WarifuError } from '../../core/errors.js';
import { foldedScheme } from '../../core/fold.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { ComputedByThree } from '../../query/explanation-text.js';
import { decideThree } from '../policy/decide-query.js';
import { assertAllowed } from '../policy/decision.js';
import type { TablePolicy } from '../policy/table-policy.js';
import type { NodeServices } from './services.js';

/**
 * Three nodes go on only where no check has failed, the table's people have allowed it, and this node has itself lost the
 * fourth: it takes no other node's word for that.
 *
 * @throws WarifuError THREE_NOT_ALLOWED, STATE_DIFFERS (its link is up), USAGE in a cluster of three.
 */
export async function expectThree(
  { scheme, self, doubts, lost: lostNodes, nameOf }: NodeServices,
  lost: NodeIndex,
  table: TablePolicy,
): Promise<void> {
  if (scheme.name !== 'rep4' || lost === self) {
    throw new WarifuError(
      'USAGE',
      'a query goes on with three only in a cluster of four that has lost another node',
    );
  }
  assertAllowed(decideThree(table));
  const doubt = await doubts.read();
  if (doubt !== undefined) {
    throw new WarifuError(
      'THREE_NOT_ALLOWED',
      `a check has failed here (${doubt.code}): queries go on with three only when the operator of this node has looked into it (warifu node doubt)`,
      { node: nameOf(self), check: doubt.code },
    );
  }
  await lostNodes.expectLost(lost);
}

/** Who computes a query then, for EXPLAIN. */
export function computedByThree(
  { nameOf }: Pick<NodeServices, 'nameOf'>,
  lost: NodeIndex | undefined,
): ComputedByThree | undefined {
  return lost === undefined ? undefined : { nodes: foldedScheme(lost).nodes, lost: nameOf(lost) };
}
