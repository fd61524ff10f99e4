/** What can go wrong with an attempt that nodes decide together. */
import { WarifuError } from '../../core/errors.js';
import { nodesNamed } from '../../core/node-names.js';
import type { NodeIndex } from '../../core/scheme.js';

/** All have prepared, and of too many it is not known that they have the votes of all. @param missing names of these. */
export function notDecided(attempt: string, missing: readonly string[]): WarifuError {
  return new WarifuError(
    'NO_PROGRESS',
    `all nodes have prepared the change; it takes effect when ${nodesNamed(missing)} ${missing.length === 1 ? 'says' : 'say'} so too`,
    { attempt, nodes: missing },
  );
}

/** A change of the same slice or table is in the way. @param missing names of the nodes whose word on it is missing. */
export function stillUndecided(busy: WarifuError, missing: readonly string[]): WarifuError {
  const { table } = busy.details;
  return new WarifuError(
    'SLICE_BUSY',
    `table '${String(table)}': another upload or drop is being decided, and takes effect when ${nodesNamed(missing)} ${missing.length === 1 ? 'says' : 'say'} so too; until then nothing else can change there`,
    { ...busy.details, nodes: missing },
  );
}

export function givenUp(attempt: string): WarifuError {
  return new WarifuError('SLICE_BUSY', 'the other nodes have given the change up: try again', { attempt });
}

/** Who has prepared has signed a vote. */
export function withoutVote(attempt: string, node: NodeIndex, name: string): WarifuError {
  return new WarifuError(
    'PEER_MISBEHAVED',
    `node ${name} says that it has prepared change ${attempt}, but gives no vote that its key has signed`,
    { node },
  );
}

/** With one liar among four, nodes that are honest may end up on both sides, for good. */
export function conflict(
  attempt: string,
  peers: readonly NodeIndex[],
  nameOf: (node: NodeIndex) => string,
): WarifuError {
  return new WarifuError(
    'PEER_MISBEHAVED',
    `change ${attempt} cannot be decided: of this node and nodes ${peers.map(nameOf).join(', ')} two are for it for ever, and two against it; one of them lies`,
    { nodes: peers.map(String) },
  );
}
