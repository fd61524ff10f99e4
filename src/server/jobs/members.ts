/** The nodes of one job: all of the cluster, or the survivors of a lost one, folded into three. */
import { type FoldedPart, foldedParts, foldedScheme } from '../../core/fold.js';
import { type NodeIndex, peersOf, type Scheme } from '../../core/scheme.js';

export interface Members {
  /** Of the job's shares; its nodes have their numbers in the cluster. */
  readonly scheme: Scheme;
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  /** Puts agreed jobs into one order for all. */
  readonly ordering: NodeIndex;
  /** What this node makes of its stored parts; undefined: they are the shares. */
  readonly folded: readonly FoldedPart[] | undefined;
}

/** @param lost the node without which the job goes on. */
export function membersOf(cluster: Scheme, self: NodeIndex, lost: NodeIndex | undefined): Members {
  const scheme = lost === undefined ? cluster : foldedScheme(lost);
  const [ordering] = scheme.nodes;
  if (ordering === undefined || !scheme.nodes.includes(self)) {
    throw new RangeError(`node ${self} takes no part in the job`);
  }
  const folded = lost === undefined ? undefined : foldedParts(lost, self);
  return { scheme, self, peers: peersOf(scheme, self), ordering, folded };
}
