/**
 * What a node receives says nothing: with its view fixed, everything that reaches it is uniform, whatever the
 * secret; and that test notices every mask that is taken away.
 */
import { describe, expect, it } from 'vitest';
import type { Scheme, SchemeName } from '../../src/core/scheme.js';
import type { Envelope } from '../../src/transport/memory-network.js';
import { JointSamples, Marginals } from '../support/uniformity.js';
import { type Received, receivedBy, type View } from '../support/view.js';
import type { Program } from '../support/world.js';
import { CASES, type Case } from './cases.js';

/** Words that a node receives of each case; of four nodes some receive little at a time. */
const WORDS: Record<SchemeName, number> = { plain: 0, rep3: 100_000, rep4: 25_000 };
/** Short enough to stay in the young generation of the heap: longer vectors cost more in collection than in calls. */
const LONGEST = 1 << 14;
/** The wide programs make a small vector of each word. */
const LONGEST_WIDE = 1 << 12;
/** Three words a row: an odd number, so that folding has a remainder. */
const NARROW = 192;
const SECRETS = ['smallest', 'largest'] as const;
/**
 * Cases with hundreds of messages, whose steps are those of other cases: masks are taken away from all steps with
 * one label at once, since at a late step the viewer's own random values have a bias that can hide the bias of an
 * unmasked AND; and the joint distribution of the last steps, of one bit, is left to the case all-bits.
 */
const LONG_CASES = ['column-in-range', 'missing-slots-are-zero'];
/**
 * Masks are taken away as in these where that bias hides a quadratic term of the viewer's values; and where steps of one
 * bit take a run for each sample, with twice as many masks as three nodes have.
 */
const BY_LABEL_IN_REP4 = ['band-28-of-32', 'all-bits'];

function programOf({ program, wide }: Case, n: number, secret: View['secret']): Program<unknown> {
  return (ctx, deal) => (wide ?? program)(ctx, deal, n, SECRETS.indexOf(secret));
}

/** Everything of a transcript but its bytes. */
function outline({ messages, checks }: Received): string[] {
  return [...messages, ...checks].map((m) => `${m.from} ${m.step} ${m.tag} ${m.clock} ${m.bytes.length}`);
}

async function narrow(test: Case, view: Omit<View, 'repetition'>, repetition = 0): Promise<Received> {
  return await receivedBy(programOf(test, NARROW, view.secret), { ...view, repetition });
}

/** Faults of short messages, from as many runs as their joint distribution takes. */
async function faultsOfNarrow(
  test: Case,
  view: Omit<View, 'repetition'>,
  leastColumns: number,
): Promise<string[]> {
  const marginals = new Marginals();
  const joint = new JointSamples();
  for (let runs = 0; runs === 0 || joint.runsNeeded(leastColumns) > 0; runs++) {
    const { messages, shapes } = await narrow(test, view, runs);
    marginals.add(messages, shapes);
    joint.add(messages, shapes);
  }
  return [...marginals.faults(), ...joint.faults()];
}

/** Faults of enough words; checks the outline of each run. */
async function faultsOfWide(test: Case, own: Omit<View, 'repetition'>): Promise<string[]> {
  const { secret } = own;
  const words = WORDS[own.scheme.name];
  const probe = await narrow(test, own);
  const bytes = probe.messages.reduce((total, message) => total + message.bytes.length, 0);
  const longest = test.wide === undefined ? LONGEST : LONGEST_WIDE;
  const n = Math.min(longest, 64 * Math.ceil((words * 8 * NARROW) / bytes / 64));
  const marginals = new Marginals();
  let seen: string[] | undefined;
  for (let repetition = 0; marginals.words < words; repetition++) {
    const received = await receivedBy(programOf(test, n, secret), { ...own, repetition });
    const { messages, shapes } = received;
    seen ??= outline(received);
    expect(outline(received)).toEqual(seen);
    marginals.add(messages, shapes);
  }
  return marginals.faults();
}

/** What one secret shows of a message to a node, beside its bytes, and the other does not. */
async function unlike(scheme: Scheme, test: Case): Promise<string[]> {
  const found: string[] = [];
  for (const viewer of scheme.nodes) {
    // One after the other: side by side they would share the turns of the event loop, and messages change places.
    const one = outline(await narrow(test, { scheme, viewer, secret: 'smallest' }));
    const other = outline(await narrow(test, { scheme, viewer, secret: 'largest' }));
    found.push(...(one.length < other.length ? other : one).filter((_, i) => one[i] !== other[i]));
  }
  return found;
}

function byLabel(streams: readonly string[]): string[][] {
  const labels = new Set(streams.map((name) => name.slice(name.indexOf(' '))));
  return [...labels].map((label) => streams.filter((name) => name.endsWith(label)));
}

function flipLowestBits(message: Envelope): Uint8Array {
  return message.bytes.map((byte, at) => (at % 8 === 0 ? byte ^ 1 : byte));
}

/** The messages that a node received without the one of which it received a tag. */
function unknownToReceiver({ messages, checks }: Received): string[] {
  const known = new Set(messages.map(({ step, tag }) => checkOf({ step, tag })));
  return checks.map(({ step, tag }) => `${step} ${tag}`).filter((name) => !known.has(name));
}

function checkOf({ step, tag }: Pick<Envelope, 'step' | 'tag'>): string {
  return `${step} ${tag}-check`;
}

const COMPOSITE = CASES.filter(({ composite, coins }) => composite === true && coins !== true);
const SIMPLE = CASES.filter(({ sends, composite }) => sends && composite !== true);

/** The suite, for all protocols on a scheme. */
export function testTranscripts(scheme: Scheme): void {
  describe.each(COMPOSITE)('$name', (test) => {
    it('has the same outline for two secrets', async () => expect(await unlike(scheme, test)).toEqual([]));
  });

  describe.each(SIMPLE)('$name', (test) => {
    const long = LONG_CASES.includes(test.name);
    const leastColumns = long ? 2 : 1;
    const byLabels = long || (scheme.name === 'rep4' && BY_LABEL_IN_REP4.includes(test.name));

    it('has the same outline for two secrets', async () => expect(await unlike(scheme, test)).toEqual([]));

    it('shows each node uniform words only, and tags of these', async () => {
      for (const viewer of scheme.nodes) {
        const probe = await narrow(test, { scheme, viewer, secret: 'smallest' });
        expect(unknownToReceiver(probe)).toEqual([]);
        if (probe.messages.length === 0) continue;
        for (const secret of SECRETS) {
          const view = { scheme, viewer, secret };
          expect(await faultsOfWide(test, view)).toEqual([]);
          expect(await faultsOfNarrow(test, view, leastColumns)).toEqual([]);
        }
      }
    });

    it('shows a node that alters all its messages uniform words only', async () => {
      for (const viewer of scheme.nodes) {
        // Four nodes end at the first lie: little is seen.
        for (const secret of scheme.name === 'rep4' ? (['largest'] as const) : SECRETS) {
          const view = { scheme, viewer, secret, lie: flipLowestBits };
          expect(await faultsOfNarrow(test, view, leastColumns)).toEqual([]);
        }
      }
    });

    it('is noticed without any one of its masks', async () => {
      for (const viewer of scheme.nodes) {
        const { lacked } = await narrow(test, { scheme, viewer, secret: 'smallest' });
        for (const removed of byLabels
          ? byLabel([...lacked.keys()])
          : [...lacked.keys()].map((name) => [name])) {
          let noticed: string[] = [];
          for (const secret of SECRETS) {
            if (noticed.length > 0) break;
            const view = { scheme, viewer, secret, removed };
            noticed = await faultsOfNarrow(test, view, leastColumns);
          }
          expect(noticed, `node ${viewer} without ${removed.join(', ')}`).not.toEqual([]);
        }
      }
    });
  });
}
