/** Why a job does not run: what a node says about itself and its peers. Nodes are given by name. */
import { type ErrorDetails, isErrorCode, WarifuError } from '../../core/errors.js';
import { nodesNamed, saidBy } from '../../core/node-names.js';
import { oneLine } from './control-message.js';

/**
 * An error that a peer has sent, with the name of that peer, and of the node that said it first where the peer only passes
 * it on. It may lie, also about others and about who said it first.
 *
 * @param names of the cluster's nodes.
 */
export function saidByPeer(
  name: string,
  error: { readonly code: string; readonly message: string; readonly details: object },
  names: readonly string[],
): WarifuError {
  const { said_by: claimed, ...details } = error.details as ErrorDetails;
  const first = names.find((other) => other === claimed && other !== name);
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL';
  const message = oneLine(error.message);
  if (first === undefined) {
    const isOfItself = message.startsWith(`node ${name} `) || message.startsWith(`node ${name}:`);
    const said = isOfItself ? message : saidBy(`node ${name}`, message);
    return new WarifuError(code, said, { node: name, ...details, told_by: name });
  }
  return new WarifuError(code, `${passing(name, first)}${message}`, {
    node: first,
    ...details,
    said_by: first,
    told_by: name,
  });
}

function passing(name: string, first: string): string {
  return `node ${name} says that node ${first} refused: `;
}

/**
 * What peers are told of an error that ended a job here. They must hear that it ended, as whoever said so first may have
 * told nobody else; where a peer did, that is what it said, and its name.
 *
 * @param names of the cluster's nodes, by index.
 */
export function passedOn(error: WarifuError, names: readonly string[]): WarifuError {
  const { told_by: teller, said_by: claimed, ...details } = error.details;
  if (teller === undefined) return error;
  // A link or a session knows its peer by index.
  const first = claimed ?? (typeof teller === 'number' ? (names[teller] ?? '') : teller);
  const heads =
    claimed === undefined
      ? [`node ${teller} says: `, `node ${teller}: `]
      : [passing(String(teller), String(claimed))];
  const head = heads.find((text) => error.message.startsWith(text)) ?? '';
  return new WarifuError(error.code, error.message.slice(head.length), { said_by: first, ...details });
}

/** Characters of an error, and of its details, that are kept when its job has ended. */
const REMEMBERED = 400;

/** An error as it is kept for those who come late: thousands of them must not fill the memory, whoever made them. */
export function remembered({ code, message, details }: WarifuError): WarifuError {
  const short = JSON.stringify(details).length <= REMEMBERED ? details : tellersOf(details);
  return new WarifuError(code, message.slice(0, REMEMBERED), short);
}

/** Of an error that a peer has sent, who says it: without that it would look like one of this node. */
export function tellersOf({ told_by: teller, said_by: first }: ErrorDetails): ErrorDetails {
  if (teller === undefined) return {};
  return first === undefined
    ? { node: teller, told_by: teller }
    : { node: first, said_by: first, told_by: teller };
}

export function droppedOut(name: string): WarifuError {
  return new WarifuError('NODE_LOST', `node ${name} dropped out: it is safe to try again`, { node: name });
}

/** @param names at least one. */
export function notConnected(names: readonly string[]): WarifuError {
  const be = names.length === 1 ? 'is' : 'are';
  const message = `${nodesNamed(names)} ${be} not connected to the others: try again later`;
  return new WarifuError('NODE_UNREACHABLE', message, inDetails(names));
}

/** @param names at least one. */
export function notReached(names: readonly string[]): WarifuError {
  const message = `the request did not reach ${nodesNamed(names)}: try again`;
  return new WarifuError('NODE_UNREACHABLE', message, inDetails(names));
}

function inDetails(names: readonly string[]): ErrorDetails {
  const [name] = names;
  return name !== undefined && names.length === 1 ? { node: name } : { nodes: names };
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
