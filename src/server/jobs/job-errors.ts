/** Why a job does not run: what a node says about itself and its peers. Nodes are given by name. */
import { isErrorCode, WarifuError } from '../../core/errors.js';

/** An error that a peer has sent. One that passes on what another node said names that node. */
export function saidByPeer(
  name: string,
  error: { readonly code: string; readonly message: string; readonly details: object },
): WarifuError {
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL';
  const said = error.message.startsWith('node ') ? error.message : `node ${name}: ${error.message}`;
  return new WarifuError(code, said, { node: name, ...error.details });
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

/** @param memory bytes that a query needs. @param room bytes that a node allows. */
export function noRoom(memory: number, room: number): WarifuError {
  const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new WarifuError(
    'NODE_BUSY',
    `the query needs about ${mib(memory)} MiB at each node and a node allows ${mib(room)}: ask for fewer columns or groups, or raise --memory at the nodes`,
  );
}
