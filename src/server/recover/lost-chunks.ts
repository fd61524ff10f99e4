/** Chunks that are right at no node: the error that ends a recovery, unless the loss is accepted. */
import { type ErrorDetails, WarifuError } from '../../core/errors.js';
import { nodesNamed } from '../../core/node-names.js';
import { type Fault, nameOf } from './fetch-slice.js';
import type { LostChunk } from './own-store.js';

/** @param count of all that are lost. @param faults of other nodes in the slice of `first`. */
export function chunksLost(first: LostChunk, count: number, faults: readonly Fault[]): WarifuError {
  const { table, slice } = first.slice;
  const which =
    count === 1
      ? `a chunk of ${nameOf(first.slice)}`
      : `${count} chunks, the first of ${nameOf(first.slice)},`;
  const why = faults.map(({ error }) => error.message).join('; ');
  const nodes = [...new Set(faults.map(({ name }) => name))];
  const [node] = nodes;
  const named: ErrorDetails = node !== undefined && nodes.length === 1 ? { nodes, node } : { nodes };
  return new WarifuError(
    faults[0]?.error.code ?? 'CHUNK_DAMAGED',
    `${which} cannot be rebuilt: ${why}. Nothing wrong was stored. When ${oneOf(nodes)} has put its disk right, run the same command again; or give --accept-loss, and have the slice uploaded again`,
    { table, slice, part: first.part, chunk: first.chunk, ...named },
  );
}

/** One right copy is enough. */
function oneOf(nodes: readonly string[]): string {
  if (nodes.length === 0) return 'another node';
  return nodes.length === 1 ? nodesNamed(nodes) : `one of ${nodesNamed(nodes)}`;
}
