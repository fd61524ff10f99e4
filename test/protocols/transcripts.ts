/** What a node receives says nothing, whatever the secrets are (transcript-faults.ts): of each protocol. */
import { describe, expect, it } from 'vitest';
import type { Scheme } from '../../src/core/scheme.js';
import type { Envelope } from '../../src/transport/memory-network.js';
import { receivedBy, type View } from '../support/view.js';
import { CASES, type Case } from './cases.js';
import {
  faultsAtAll,
  outline,
  type ProgramOf,
  programOf,
  type Shown,
  transcriptFaults,
  unlike,
} from './transcript-faults.js';

/** Those with hundreds of messages, whose steps are those of others. */
const COMPOSITE = CASES.filter(({ composite, coins }) => composite === true && coins !== true);
/**
 * Those that end with a few columns, or numbers: a product of so few bits is often the same whatever one of its masks is,
 * and looks as if it did not depend on it. Their steps are those of others on longer columns; their outline is looked at.
 */
const OF_FEW_COLUMNS = /^(segmented-max|segmented-min|smallest|arg-smallest|eigenvalues|solve)/;
const SIMPLE = CASES.filter(({ sends, composite }) => sends && composite !== true);

/** Of a protocol with hundreds of messages; few take more than a minute. */
const LONG_MS = 600_000;

/** Messages of one bit take many runs: seconds, more on a busy machine. */
const SHORT_MS = 180_000;

function flipLowestBits(message: Envelope): Uint8Array {
  return message.bytes.map((byte, at) => (at % 8 === 0 ? byte ^ 1 : byte));
}

async function unlikeOutlines(program: ProgramOf, shown: Shown): Promise<string[]> {
  const outlineOf = async (secret: View['secret']): Promise<string[]> =>
    outline(await receivedBy(program(secret), { ...shown, secret, known: 'numbers', repetition: 0 }));
  return unlike(await outlineOf('smallest'), await outlineOf('largest'));
}

/** Of all protocols with few messages. */
export function testTranscripts(scheme: Scheme, more: readonly Case[] = []): void {
  describe.each([...SIMPLE, ...more])('$name', (test) => {
    const program = programOf(test);

    it('shows each node masks that it lacks and what is public', { timeout: SHORT_MS }, async () => {
      const faults = await faultsAtAll(scheme, (viewer) =>
        transcriptFaults(program, { scheme, viewer, turns: true }),
      );
      expect(faults).toEqual([]);
    });

    it('shows no more to a node that alters all its messages', async () => {
      const lie = flipLowestBits;
      const faults = await faultsAtAll(scheme, (viewer) =>
        transcriptFaults(program, { scheme, viewer, lie }),
      );
      expect(faults).toEqual([]);
    });
  });
}

/** Of the protocols with hundreds of messages the outline alone. */
export function testOutlines(scheme: Scheme, cases = COMPOSITE): void {
  it.each(cases)('$name has the same outline for two secrets', async (test) => {
    const faults = await faultsAtAll(scheme, (viewer) => unlikeOutlines(programOf(test), { scheme, viewer }));
    expect(faults).toEqual([]);
  });
}

/** Of the protocols with hundreds of messages. */
export function testLongTranscripts(scheme: Scheme): void {
  testOutlines(
    scheme,
    COMPOSITE.filter(({ name }) => OF_FEW_COLUMNS.test(name)),
  );
  describe.each(COMPOSITE.filter(({ name }) => !OF_FEW_COLUMNS.test(name)))('$name', (test) => {
    const program = programOf(test);

    it('shows each node masks that it lacks and what is public', { timeout: LONG_MS }, async () => {
      const faults = await faultsAtAll(scheme, (viewer) => transcriptFaults(program, { scheme, viewer }));
      expect(faults).toEqual([]);
    });
  });
}
