/**
 * The messages of a shuffle (shuffle.ts). Nodes, parts and factors are called by their place: that of the factor in the order
 * in which factors are applied, of the part whose holders know it, and of the node that lacks both.
 */
import type { NodeIndex } from '../../core/scheme.js';
import type { Route } from './party.js';

export type Direction = 'forward' | 'inverse';

export type Place = NodeIndex;

/** A value that two nodes know, and of which a third is told what is left without a mask. */
export interface ShuffleMessage {
  readonly to: Place;
  readonly from: readonly [Place, Place];
  /** What is moved: parts of the column, or what is left of an earlier message. */
  readonly of: { readonly parts: readonly Place[] } | { readonly left: number };
  /** Moved by this factor first, and then given the masks of these messages back. */
  readonly before?: { readonly by: Place; readonly masks: readonly number[] };
  /** The factor by which it is moved. */
  readonly by: Place;
}

/** Round by round. What is left of the last three, and their masks, are the new parts. */
export const MESSAGES: readonly ShuffleMessage[] = [
  { to: 0, from: [1, 3], of: { parts: [2] }, by: 0 },
  { to: 0, from: [1, 2], of: { parts: [3] }, by: 0 },
  { to: 1, from: [2, 3], of: { parts: [0, 1] }, before: { by: 0, masks: [0, 1] }, by: 1 },
  { to: 1, from: [0, 2], of: { left: 1 }, by: 1 },
  { to: 2, from: [0, 3], of: { left: 0 }, before: { by: 1, masks: [2, 3] }, by: 2 },
  { to: 2, from: [1, 3], of: { left: 2 }, by: 2 },
  { to: 1, from: [0, 2], of: { left: 4 }, by: 3 },
  { to: 0, from: [1, 2], of: { left: 5 }, by: 3 },
  { to: 2, from: [0, 1], of: { left: 3 }, before: { by: 2, masks: [4, 5] }, by: 3 },
];

/** Numbers of the messages of each round. */
export const ROUNDS = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
] as const;

/** The node of this place hears none of them; what is left of those of the last round adds up to its part. */
export const LAST: Place = 3;

/** Who sends each message where a node has most to send, three instead of two. */
const SENDERS: Readonly<Record<Place, readonly Place[]>> = {
  0: [1, 1, 3, 2, 0, 3, 0, 2, 0],
  1: [1, 1, 2, 2, 3, 3, 0, 1, 0],
  2: [1, 2, 2, 2, 3, 3, 0, 1, 0],
  3: [1, 2, 3, 2, 3, 3, 0, 1, 0],
};

/** Who sends the messages of the last round to the last place, where an order is revealed: then each sends three. */
const SENDERS_TO_LAST: readonly Place[] = [0, 2, 1];

/** The node, or part, at a place, and the place of a node: the inverse goes through the factors from the last to the first. */
export function atPlace(place: Place, direction: Direction): Place {
  return direction === 'forward' ? place : ((3 - place) as Place);
}

/** Which of the columns of a shuffle this is: nodes take turns in sending most. */
export interface Turn {
  readonly index: number;
  readonly direction: Direction;
}

/** The order that is revealed is the column after three others. */
export const ORDER: Turn = { index: 3, direction: 'forward' };

/** The way of a message to the node of a place: one of the two who know it sends it, the other tags it. */
export function routeOf(number: number, to: Place, { index, direction }: Turn): Route {
  const node = (place: Place): NodeIndex => atPlace(place, direction);
  const message = messageOf(number);
  const most = atPlace((index % 4) as NodeIndex, direction);
  const sender = to === message.to ? SENDERS[most][number] : SENDERS_TO_LAST[number % 3];
  const backups = message.from.filter((place) => place !== sender);
  return { sender: node(sender as Place), backups: backups.map(node), receiver: node(to) };
}

export function messageOf(number: number): ShuffleMessage {
  return MESSAGES[number] as ShuffleMessage;
}
