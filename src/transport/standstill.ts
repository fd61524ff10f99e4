/**
 * Who keeps a session waiting, by what each node says of itself: for whom it waits there.
 *
 * Programs of honest nodes never wait for each other in a circle. So among nodes that wait only for each other somebody
 * does not send what it should, and so it is with one for whom others wait while it waits for nobody. This node goes from
 * those for whom it waits to those for whom they wait, and so on, and names where this ends: the last node of a chain, or
 * those of a circle, but itself. Whatever a liar says of itself, it is among those named: what it can reach is that
 * honest nodes are named beside it, as those of a circle cannot be told apart.
 */
import type { NodeIndex } from '../core/scheme.js';
import type { SessionStatus } from './frame.js';

/** What a peer has said of itself in a session. */
export interface Said {
  /** Whether its last heartbeat listed the session; `finished` from when it said that it sends nothing more. */
  readonly state: 'listed' | 'silent' | 'finished';
  /** Of its last heartbeat. */
  readonly idleMs: number;
  readonly waitsFor: readonly NodeIndex[];
  /** When it last said, on this node's clock, that it waits for a node. */
  readonly waited: ReadonlyMap<NodeIndex, number>;
}

export const SAID_NOTHING_YET: Said = { state: 'listed', idleMs: 0, waitsFor: [], waited: new Map() };

/** What this node knows of a session in which it waits. */
export interface Waiting {
  readonly self: NodeIndex;
  readonly waitsFor: readonly NodeIndex[];
  readonly idleMs: number;
  readonly said: ReadonlyMap<NodeIndex, Said>;
  /** On this node's clock. */
  readonly now: number;
}

export interface Patience {
  /** Milliseconds of waiting after which a peer stands still. */
  readonly stillMs: number;
  /** Milliseconds by which what is known of a peer may be old. */
  readonly beatsMs: number;
  /** Peers that say that they move are no longer waited for. */
  readonly isOver: boolean;
}

export interface Standstill {
  /** One of them, or more, does not send what it should; at least one. */
  readonly nodes: readonly NodeIndex[];
  /** The one of them, or on the way to them, for whom this node itself waits. */
  readonly awaited: NodeIndex;
  /** What all nodes on the way say of themselves. */
  readonly why: string;
}

/** Adds what a peer's heartbeat says: `status` is undefined where it does not list the session. */
export function saidNow(before: Said, status: SessionStatus | undefined, now: number): Said {
  if (before.state === 'finished') return before;
  if (status === undefined) return { ...before, state: 'silent', idleMs: 0, waitsFor: [] };
  const { idleMs, waitsFor } = status;
  const waited = new Map([...before.waited, ...waitsFor.map((node) => [node, now] as const)]);
  return { state: 'listed', idleMs, waitsFor, waited };
}

/** Who keeps this node waiting; undefined as long as one of those moves for whom it waits, itself or through others. */
export function findStandstill(waiting: Waiting, patience: Patience): Standstill | undefined {
  const graph = new Waits(waiting, patience);
  const { self, waitsFor } = waiting;
  const reached = graph.from(self).filter((node) => node !== self);
  if (!patience.isOver && reached.some((node) => graph.moves(node))) return undefined;
  const nodes = blamed(reached, graph, waitsFor);
  const awaited =
    waitsFor.find((node) => nodes.includes(node)) ??
    waitsFor.find((node) => graph.from(node).some((other) => nodes.includes(other)));
  if (awaited === undefined) return undefined;
  const told = reached.map((node) => inWords(node, graph, waiting));
  return { nodes, awaited, why: [...told, ...conclusion(nodes)].join('; ') };
}

/** Who waits for whom, by what each says of itself. */
class Waits {
  readonly #waiting: Waiting;
  readonly #patience: Patience;

  constructor(waiting: Waiting, patience: Patience) {
    this.#waiting = waiting;
    this.#patience = patience;
  }

  /** For whom a node waits; for whom it ever waited while this node did, if patience is over: it may have moved. */
  of(node: NodeIndex): readonly NodeIndex[] {
    const { self, waitsFor, said, now, idleMs } = this.#waiting;
    const { isOver, beatsMs } = this.#patience;
    if (node === self) return waitsFor;
    const its = said.get(node);
    if (its?.state !== 'listed') return [];
    if (!isOver) return its.waitsFor;
    const since = now - idleMs + beatsMs;
    return [...its.waited].flatMap(([other, at]) => (at >= since ? [other] : []));
  }

  /** The node, then all for whom it waits, itself or through others: nearest first. */
  from(node: NodeIndex): readonly NodeIndex[] {
    const reached = new Set([node]);
    // A set goes on with what is added to it meanwhile.
    for (const one of reached) for (const next of this.of(one)) reached.add(next);
    return [...reached];
  }

  moves(node: NodeIndex): boolean {
    const its = this.stateOf(node);
    return its?.state === 'listed' && (its.waitsFor.length === 0 || its.idleMs < this.#patience.stillMs);
  }

  stateOf(node: NodeIndex): Said | undefined {
    return this.#waiting.said.get(node);
  }
}

/** The last of chains, and circles from which nobody waits for one outside; without this node. */
function blamed(
  reached: readonly NodeIndex[],
  graph: Waits,
  waitsFor: readonly NodeIndex[],
): readonly NodeIndex[] {
  const ends = reached.filter((node) => graph.from(node).every((other) => graph.from(other).includes(node)));
  // One that has finished, or moves, of which this node lacks nothing: those may lie who say that they wait for it.
  const doubted = ends.filter((node) => {
    const hasSent =
      graph.stateOf(node)?.state === 'finished' || (graph.moves(node) && graph.of(node).length > 0);
    return hasSent && !waitsFor.includes(node);
  });
  return reached.filter(
    (node) => ends.includes(node) || graph.of(node).some((other) => doubted.includes(other)),
  );
}

function inWords(node: NodeIndex, graph: Waits, { self, waitsFor }: Waiting): string {
  const who = `node ${node}${waitsFor.includes(node) ? ', for which this node waits,' : ''}`;
  const state = graph.stateOf(node)?.state;
  if (state === 'silent') return `${who} says nothing of this computation`;
  if (state === 'finished') return `${who} says that it has finished`;
  const whom = graph.of(node).map((other) => (other === self ? 'this node' : `node ${other}`));
  if (whom.length === 0) return `${who} says that it computes`;
  return `${who} says that it ${graph.moves(node) ? 'moves, and waited' : 'waits'} for ${whom.join(' and ')}`;
}

function conclusion(nodes: readonly NodeIndex[]): string[] {
  if (nodes.length === 1) return [];
  const named = nodes.map((node) => `node ${node}`).join(' or ');
  return [`${named} keeps the others waiting, and this node cannot tell which`];
}
