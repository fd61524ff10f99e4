/**
 * Does what a node receives depend on secrets? Every message must have a mask of its own that the node lacks (masks.ts).
 * What is opened needs none, if it says no more than what is public: a run with other secrets, and masks with which all
 * masked messages are as before, must show the node the same bytes, of the same lengths, in the same order, tags included.
 */
import type { NodeIndex, Scheme } from '../../src/core/scheme.js';
import type { Envelope } from '../../src/transport/memory-network.js';
import { disguised, findMasks, messageName } from '../support/masks.js';
import type { Received, View } from '../support/view.js';
import { equalBytes } from '../support/words.js';
import type { Program } from '../support/world.js';
import type { Case } from './cases.js';

/** Three words a row: an odd number, so that folding has a remainder. */
export const ROWS = 192;

/** Of a view what it is about. */
export interface Shown extends Pick<View, 'viewer' | 'scheme' | 'lie' | 'instead'> {
  /** True where an order is revealed that one secret gives, and the other turned around. */
  readonly turns?: boolean;
}

/** For each of two secrets. */
export type ProgramOf = (secret: View['secret']) => Program<unknown>;

export function programOf({ program }: Pick<Case, 'program'>): ProgramOf {
  return (secret) => (ctx, deal) => program(ctx, deal, ROWS, secret === 'smallest' ? 0 : 1);
}

/** What one node can tell of the secrets; nothing where all is well. */
export async function transcriptFaults(program: ProgramOf, shown: Shown): Promise<string[]> {
  const { turns = false, ...own } = shown;
  const view = { ...own, known: 'numbers', repetition: 0 } as const;
  const masking = await findMasks(program('smallest'), { ...view, secret: 'smallest' }, isOpening);
  const faults = withoutLastOfOrders(masking.unmasked).map(
    (own) => `${messageName(own)}: no mask of its own`,
  );
  if (faults.length > 0 || showsLies(shown)) return faults;
  const other = { ...view, secret: 'largest', ...(turns ? { turned: ROWS } : {}) } as const;
  return differences(masking.received, await disguised(program('largest'), other, masking));
}

/** Three nodes do not notice a lie: an order that it altered is opened, and shows where rows went. */
function showsLies({ scheme, lie }: Shown): boolean {
  return scheme.name === 'rep3' && lie !== undefined;
}

function isOpening({ tag }: Envelope): boolean {
  return tag === 'part' || tag === 'copy';
}

/** Of the messages that show an order to a node in one step, one needs no mask: it follows from the others and the order. */
function withoutLastOfOrders(unmasked: readonly Envelope[]): Envelope[] {
  const steps = new Set<string>();
  return unmasked.filter(({ step, tag }) => {
    if (!tag.startsWith('order-') || steps.has(step)) return true;
    steps.add(step);
    return false;
  });
}

/** Everything of what was received but its bytes. */
export function outline({ messages, checks }: Received): string[] {
  return [...messages, ...checks].map((m) => `${m.from} ${m.step} ${m.tag} ${m.clock} ${m.bytes.length}`);
}

/** What one run shows of a message, and another does not. */
export function unlike(one: readonly string[], other: readonly string[]): string[] {
  return (one.length < other.length ? other : one).filter((_, i) => one[i] !== other[i]);
}

function differences(one: Received, other: Received): string[] {
  const outlines = unlike(outline(one), outline(other));
  if (outlines.length > 0) return outlines.map((message) => `${message}: not in all runs`);
  const all = ({ messages, checks }: Received): Envelope[] => [...messages, ...checks];
  const others = all(other);
  return all(one)
    .filter(({ bytes }, i) => !equalBytes(bytes, others[i]?.bytes))
    .map((own) => `${messageName(own)}: depends on the secret`);
}

/** For each node. */
export async function faultsAtAll(
  scheme: Scheme,
  of: (viewer: NodeIndex) => Promise<readonly string[]>,
): Promise<string[]> {
  const faults: string[] = [];
  // One after the other: side by side they would share the turns of the event loop, and messages change places.
  for (const viewer of scheme.nodes) {
    faults.push(...(await of(viewer)).map((fault) => `node ${viewer}: ${fault}`));
  }
  return faults;
}
