/** The parts of shares at one of four nodes, by their number. */
import { WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';

/** Some parts of a shared value; `held` says which. */
export interface Parts<V> {
  readonly held: readonly PartIndex[];
  readonly parts: readonly V[];
}

/** A part that this node holds; INTERNAL for the one that it lacks. */
export function partOf<V>({ held, parts }: Parts<V>, part: PartIndex): V {
  const found = parts[held.indexOf(part)];
  if (found === undefined) throw new WarifuError('INTERNAL', `this node lacks part ${part}`);
  return found;
}
