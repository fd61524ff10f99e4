/** Why a job does not run: what a node says about itself and its peers. Nodes are given by name. */
import { isErrorCode, WarifuError } from '../../core/errors.js';
import { oneLine } from './control-message.js';

/** An error that a peer has sent, with the name of that peer: it may lie, also about others. */
export function saidByPeer(
  name: string,
  error: { readonly code: string; readonly message: string; readonly details: object },
): WarifuError {
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL';
  return new WarifuError(code, saidBy(name, oneLine(error.message)), {
    node: name,
    ...error.details,
    told_by: name,
  });
}

function saidBy(name: string, message: string): string {
  // Of itself, or of others.
  if (message.startsWith(`node ${name} `) || message.startsWith(`node ${name}:`)) return message;
  return message.startsWith('node ') ? `node ${name} says: ${message}` : `node ${name}: ${message}`;
}

export function droppedOut(name: string): WarifuError {
  return new WarifuError('NODE_LOST', `node ${name} dropped out: it is safe to try again`, { node: name });
}

export function notConnected(name: string): WarifuError {
  return new WarifuError('NODE_UNREACHABLE', `node ${name} is not connected to the others: try again later`, {
    node: name,
  });
}

export function notReached(name: string): WarifuError {
  return new WarifuError('NODE_UNREACHABLE', `the request did not reach node ${name}: try again`, {
    node: name,
  });
}

export function stopping(name: string): WarifuError {
  return new WarifuError('NODE_LOST', `node ${name} is stopping: it is safe to try again`, { node: name });
}

export function cancelled(): WarifuError {
  return new WarifuError('CANCELLED', 'the client went away or cancelled');
}

export function servedBefore(): WarifuError {
  return new WarifuError('REQUEST_REPLAYED', 'this request was served before');
}

export function servedAlready(): WarifuError {
  return new WarifuError('REQUEST_REPLAYED', 'this request is being served already');
}

export function otherRecord(): WarifuError {
  return new WarifuError('POLICY_DIFFERS', 'the nodes do not agree on the start record of this job');
}

export function tooManyWaiting(waiting: number): WarifuError {
  return new WarifuError('NODE_BUSY', `${waiting} jobs are waiting already: try again later`);
}

export function tooManyForeign(): WarifuError {
  return new WarifuError('NODE_BUSY', 'too many requests have not reached this node yet');
}

/** @param memory bytes that a query needs. @param room bytes that a node allows. */
export function noRoom(memory: number, room: number): WarifuError {
  const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new WarifuError(
    'NODE_BUSY',
    `the query needs about ${mib(memory)} MiB at each node and a node allows ${mib(room)}: ask for fewer columns or groups, or raise --memory at the nodes`,
  );
}
