/** What a node does about an attempt that it has prepared, from what all nodes say of it. */
import type { Leaning } from '../store/catalogue.js';
import type { ControlMessage } from './control-message.js';

export type Told = Extract<ControlMessage, { type: 'tell' }>['outcome'];

export type NextStep = 'wait' | Leaning | 'committed' | 'rolled-back' | 'conflict';

/**
 * The next step of the quorum commit protocol (decisions.ts).
 *
 * @param own what this node has said.
 * @param answers the latest of each peer; undefined where none has come.
 * @param hasAllVotes whether this node holds the votes of all nodes.
 * @returns `conflict` when all have leant and no quorum can come: one of them lies.
 */
export function nextStep(
  own: 'prepared' | Leaning,
  answers: readonly (Told | undefined)[],
  hasAllVotes: boolean,
): NextStep {
  const all = [own, ...answers];
  const [forIt, against] = [all.filter(isFor).length, all.filter(isAgainst).length];
  const quorum = all.length - 1;
  if (forIt >= quorum) return 'committed';
  if (against >= quorum) return 'rolled-back';
  if (own !== 'prepared') return forIt + against === all.length ? 'conflict' : 'wait';
  if (hasAllVotes) return 'committing';
  // One that says so alone may lie, while another is on its way to having all votes.
  const isHeard = answers.every((told) => told !== undefined && told !== 'undecided');
  return against > 0 && (isHeard || against >= quorum - 1) ? 'rolling-back' : 'wait';
}

export function isFor(told: Told | undefined): boolean {
  return told === 'committing' || told === 'committed';
}

export function isAgainst(told: Told | undefined): boolean {
  return told === 'rolling-back' || told === 'rolled-back';
}
