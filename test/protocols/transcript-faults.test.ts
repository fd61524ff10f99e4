/** The transcript test reports what it is there for: protocols whose messages are not masked as they should be. */
import { describe, expect, it } from 'vitest';
import { type NodeIndex, partsHeldBy, type Scheme } from '../../src/core/scheme.js';
import { openBitsToNodes } from '../../src/protocols/open.js';
import { xor } from '../../src/share/bits.js';
import { findMasks } from '../support/masks.js';
import { missingAt, type StreamKey, type StreamShape, streamName } from '../support/view-streams.js';
import { SCHEMES } from '../support/world.js';
import { CASES } from './cases.js';
import { faultsAtAll, type ProgramOf, programOf, ROWS, transcriptFaults } from './transcript-faults.js';

const NO_MASK = /: no mask of its own$/;

/** Every kind of message of both schemes. */
const PROGRAMS = [
  'input-from-1',
  'multiply-64',
  'and',
  'dot-20-of-64',
  'is-negative-4-of-64',
  'bit-to-ring-64',
  'lookup-8-2-4-of-64',
  'series-of-32-to-64',
  'release-128',
  'shuffle-and-back',
  'invert-permutation',
].map((wanted) => CASES.find(({ name }) => name === wanted) ?? { name: wanted, program: missing });

function missing(): never {
  throw new Error('there is no such case');
}

interface Masked {
  readonly key: StreamKey;
  readonly shape: StreamShape;
}

/** The masks of all messages that a node receives. */
async function masksOf(program: ProgramOf, scheme: Scheme, viewer: NodeIndex): Promise<Masked[]> {
  const keys = new Map<string, StreamKey>();
  const instead = (asked: StreamKey): StreamKey => {
    if (asked.part === missingAt(scheme, viewer)) keys.set(streamName(asked.step, asked.label), asked);
    return asked;
  };
  const view = { scheme, viewer, secret: 'smallest', known: 'numbers', repetition: 0, instead } as const;
  const { received, masks } = await findMasks(program('smallest'), view, ({ tag }) => tag === 'part');
  return [...masks.values()].map(({ stream }) => ({
    key: keys.get(stream) as StreamKey,
    shape: received.lacked.get(stream) as StreamShape,
  }));
}

/** What is found where one stream is another one, or zeros. */
function faultsWith(
  program: ProgramOf,
  scheme: Scheme,
  viewer: NodeIndex,
  { key: { part, step, label } }: Masked,
  given: StreamKey | undefined,
): Promise<string[]> {
  const instead = (asked: StreamKey): StreamKey | undefined =>
    asked.part === part && asked.step === step && asked.label === label ? given : asked;
  return transcriptFaults(program, { scheme, viewer, instead, turns: true });
}

function sameShape(x: Masked, y: Masked): boolean {
  return (
    x.shape.width === y.shape.width && x.shape.bytes === y.shape.bytes && x.shape.columns === y.shape.columns
  );
}

describe.each(SCHEMES)('what $name reports', (scheme) => {
  describe.each(PROGRAMS)('of $name', (test) => {
    const program = programOf(test);

    it('is each mask that is left out, that its receiver knows, or that masks something else too', async () => {
      let tried = 0;
      for (const viewer of scheme.nodes) {
        const [known] = partsHeldBy(scheme, viewer);
        const masks = await masksOf(program, scheme, viewer);
        for (const [i, mask] of masks.entries()) {
          const others = masks.slice(0, i).filter((other) => sameShape(mask, other));
          const faulty = [undefined, { ...mask.key, part: known }, ...others.slice(-1).map(({ key }) => key)];
          for (const given of faulty) {
            const faults = await faultsWith(program, scheme, viewer, mask, given as StreamKey | undefined);
            expect(faults, `node ${viewer}: ${mask.key.step} ${mask.key.label}`).toContainEqual(
              expect.stringMatching(NO_MASK),
            );
            tried++;
          }
        }
      }
      expect(tried).toBeGreaterThan(0);
    });
  });
});

describe.each(SCHEMES)('$name', (scheme) => {
  const faultsOf = (program: ProgramOf): Promise<string[]> =>
    faultsAtAll(scheme, (viewer) => transcriptFaults(program, { scheme, viewer }));

  it('reports a secret that is opened', async () => {
    const faults = await faultsOf(() => async (ctx, deal) => {
      await openBitsToNodes(
        ctx,
        deal.bits('x', 1, ROWS, () => []),
      );
    });
    for (const node of scheme.nodes) {
      expect(faults).toContainEqual(
        expect.stringMatching(new RegExp(`^node ${node}: .*'part'.*: depends on the secret$`)),
      );
    }
  });

  it('opens what is no secret without a report', async () => {
    const faults = await faultsOf(() => async (ctx, deal) => {
      const x = deal.bits('x', 1, ROWS, () => []);
      await openBitsToNodes(ctx, xor(x, x));
    });
    expect(faults).toEqual([]);
  });

  it('reports a message that is sent for one secret only', async () => {
    const faults = await faultsOf((secret) => async (ctx, deal) => {
      const x = deal.bits('x', 1, ROWS, () => []);
      if (secret === 'largest') await ctx.backend.and(ctx, [{ x, y: x }]);
    });
    expect(faults).toContainEqual(expect.stringMatching(/: not in all runs$/));
  });
});
