/** The errors of channels, worded once for the in-memory network and the real links. */
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { MessageKey } from './channel.js';
import type { Standstill } from './standstill.js';

export function reusedKey(verb: 'sent' | 'received', key: MessageKey): WarifuError {
  return new WarifuError('STEP_REUSED', `message '${key.tag}' of step ${key.step} is ${verb} twice`, {
    step: key.step,
    tag: key.tag,
  });
}

export function wrongLength(key: MessageKey, from: NodeIndex, expected: number, got: number): WarifuError {
  return new WarifuError(
    'MESSAGE_LENGTH',
    `message '${key.tag}' of step ${key.step} from node ${from} has ${got} bytes, expected ${expected}`,
    { step: key.step, tag: key.tag, from, expected, got },
  );
}

export function duplicateMessage(key: MessageKey, from: NodeIndex): WarifuError {
  return new WarifuError(
    'FRAME_INVALID',
    `message '${key.tag}' of step ${key.step} came twice from node ${from}`,
    { step: key.step, tag: key.tag, from },
  );
}

/** @param what what is at rest, such as `all nodes are idle`. */
export function noProgress(what: string, key: MessageKey, from: NodeIndex): WarifuError {
  return new WarifuError(
    'NO_PROGRESS',
    `${what} while waiting for message '${key.tag}' of step ${key.step} from node ${from}`,
    { step: key.step, tag: key.tag, from },
  );
}

/** A peer sends nothing more. @param awaited what this node waits for, if it does. */
export function finishedEarly(node: NodeIndex, awaited: MessageKey | undefined): WarifuError {
  const what =
    awaited === undefined ? 'what this node waits for' : `message '${awaited.tag}' of step ${awaited.step}`;
  return new WarifuError('NO_PROGRESS', `node ${node} finished without sending ${what}`, {
    node,
    ...awaited,
  });
}

/** @param key the message waited for; undefined where the awaited node does not take this node's. */
export function standsStill(
  { nodes, awaited, why }: Standstill,
  key: MessageKey | undefined,
  ms: number,
): WarifuError {
  const what = `nothing has moved for ${Math.round(ms / 1000)} seconds`;
  const { message, details } =
    key === undefined
      ? new WarifuError('NO_PROGRESS', `${what} while handing the last messages to node ${awaited}`)
      : noProgress(what, key, awaited);
  const [one = awaited] = nodes;
  return new WarifuError('NO_PROGRESS', `${message}: ${why}`, {
    ...details,
    ...(nodes.length > 1 ? { nodes: nodes.map(String) } : { node: one }),
  });
}

/**
 * A growing message grows towards its length, once.
 *
 * @param before bytes that were final before; undefined if none was given yet.
 */
export function checkGrowth(before: number | undefined, end: number, length: number): void {
  const from = before ?? 0;
  if (!Number.isInteger(end) || end < from || end > length || before === length) {
    throw new RangeError(`a message of ${length} bytes cannot grow from ${from} to ${end}`);
  }
}
