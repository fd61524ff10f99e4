/**
 * Which mask hides each message that a node received, found by changing the streams that it lacks.
 *
 * All such streams get other numbers. A message that changes by just what one of them changed by is that stream, or its
 * negative, plus something that none of the others enters: this is its mask, and the stream is left alone from then on. It
 * is done again with the streams that are left, until every message has its mask. One that changes after all was found by
 * chance, too early, and is looked for again.
 * Then the messages, in the order in which they were found, are a triangular system in their masks: when the masks go
 * through all values once, so do the messages together, whatever the secrets and all else are. They are jointly uniform.
 * The numbers are arbitrary, so that what is equal in 24 bits or more is no chance.
 */
import type { Envelope } from '../../src/transport/memory-network.js';
import { type Received, receivedBy, type View } from './view.js';
import { bytesNamed, ownBytes, type StreamShape, withoutTails } from './view-streams.js';
import { differenceOf, equalBytes, sumOf, type Words } from './words.js';
import type { Program } from './world.js';

/** How a message is made of its mask and something else. */
export interface Mask {
  readonly stream: string;
  readonly words: Words;
  readonly sign: 'added' | 'subtracted';
}

export interface Masking {
  /** What the viewer received while all streams were its own. */
  readonly received: Received;
  /** By `messageName`, in the order in which they were found. */
  readonly masks: ReadonlyMap<string, Mask>;
  /** Messages without a mask of their own. */
  readonly unmasked: readonly Envelope[];
}

type Bytes = ReadonlyMap<string, Uint8Array>;

const CERTAIN_BITS = 24;

/** So often is a short message found too early, which is the same for most masks of others. */
const OFTEN = 20;

export function messageName({ from, step, tag }: Pick<Envelope, 'from' | 'step' | 'tag'>): string {
  return `${step} '${tag}' from ${from}`;
}

/** @param opens messages that are opened: they are not looked at. */
export async function findMasks(
  program: Program<unknown>,
  view: Omit<View, 'streams'>,
  opens: (message: Envelope) => boolean,
): Promise<Masking> {
  const received = await receivedBy(program, view);
  const first = bytesByName(received);
  const masks = new Map<string, Mask>();
  const undone = new Map<string, number>();
  const unmasked = new Set(
    received.messages.filter((own) => own.bytes.length > 0 && !opens(own)).map(messageName),
  );
  const left = streamsWithMessages(received);
  const own = new Map([...left].map(([name, { bytes }]) => [name, ownBytes(view, name, bytes)]));
  for (let round = 0; unmasked.size > 0; round++) {
    const changes = new Changes(own, first);
    const changed = new Set<string>();
    const found = await changes.masks(left, unmasked, async (time) => {
      const streams = new Map(
        [...left].map(([name, { bytes }]) => [name, bytesNamed(`other ${round} ${time} ${name}`, bytes)]),
      );
      const seen = bytesByName(await receivedBy(program, { ...view, streams }));
      for (const name of masks.keys()) {
        if (!equalBytes(seen.get(name), first.get(name))) changed.add(name);
      }
      return { streams, seen };
    });
    if (found.size === 0 && changed.size === 0) break;
    for (const [name, mask] of found) {
      masks.set(name, mask);
      unmasked.delete(name);
      left.delete(mask.stream);
    }
    for (const name of changed) {
      const { stream } = masks.get(name) as Mask;
      masks.delete(name);
      unmasked.add(name);
      left.set(stream, received.lacked.get(stream) as StreamShape);
      undone.set(name, (undone.get(name) ?? 0) + 1);
    }
    if (Math.max(0, ...undone.values()) > OFTEN) break;
  }
  const missing = received.messages.filter((own) => unmasked.has(messageName(own)));
  return { received, masks, unmasked: missing };
}

/**
 * What the viewer receives with another secret, and masks with which all masked messages are as they were: the same
 * throughout, unless something else depends on the secret.
 */
export async function disguised(
  program: Program<unknown>,
  view: Omit<View, 'streams'>,
  { received, masks }: Masking,
): Promise<Received> {
  const target = bytesByName(received);
  const streams = new Map<string, Uint8Array>();
  // Each run makes at least the first of the messages right that still differ.
  for (let runs = 0; ; runs++) {
    const seen = await receivedBy(program, { ...view, streams });
    const bytes = bytesByName(seen);
    const wrong = [...masks].filter(([name]) => !equalBytes(bytes.get(name), target.get(name)));
    if (wrong.length === 0 || runs > masks.size) return seen;
    for (const [name, { stream, words, sign }] of wrong) {
      const [is, should, shape] = [bytes.get(name), target.get(name), seen.lacked.get(stream)];
      if (is?.length !== should?.length || is === undefined || should === undefined || shape === undefined)
        return seen;
      const more = sign === 'added' ? differenceOf(words, should, is) : differenceOf(words, is, should);
      streams.set(stream, sumOf(words, streams.get(stream) ?? ownBytes(view, stream, shape.bytes), more));
    }
  }
}

function bytesByName({ messages }: Received): Map<string, Uint8Array> {
  return new Map(messages.map((message) => [messageName(message), message.bytes]));
}

/** Streams of steps of which the viewer receives nothing mask nothing: they are secrets as others are. */
function streamsWithMessages({ messages, lacked }: Received): Map<string, StreamShape> {
  const steps = new Set(messages.map(({ step }) => step));
  return new Map([...lacked].filter(([, { step }]) => steps.has(step)));
}

/** Other streams, and what was seen of messages then. */
interface Trial {
  readonly streams: Bytes;
  readonly seen: Bytes;
}

/** How streams and messages changed, over some runs. */
class Changes {
  readonly #own: Bytes;
  readonly #first: Bytes;
  readonly #trials: Trial[] = [];

  constructor(own: Bytes, first: Bytes) {
    this.#own = own;
    this.#first = first;
  }

  /** Masks of messages; short ones, which take more runs, where there are no others. */
  async masks(
    left: ReadonlyMap<string, StreamShape>,
    unmasked: ReadonlySet<string>,
    tried: (time: number) => Promise<Trial>,
  ): Promise<Map<string, Mask>> {
    const timesFor = (shape: StreamShape): number => Math.ceil(CERTAIN_BITS / bitsIn(shape));
    for (const times of [...new Set([...left.values()].map(timesFor))].sort((a, b) => a - b)) {
      while (this.#trials.length < times) this.#trials.push(await tried(this.#trials.length));
      const found = this.#match(new Map([...left].filter(([, shape]) => timesFor(shape) <= times)), unmasked);
      if (found.size > 0) return found;
    }
    return new Map();
  }

  #match(streams: ReadonlyMap<string, StreamShape>, messages: ReadonlySet<string>): Map<string, Mask> {
    const ofStreams = new Map<string, { readonly stream: string; readonly words: Words }>();
    for (const [stream, shape] of streams) {
      for (const words of wordsOf(shape)) {
        const change = this.#changeOf(
          words,
          ({ streams: other }) => [other.get(stream), this.#own.get(stream)],
          shape,
        );
        ofStreams.set(change, { stream, words });
      }
    }
    const found = new Map<string, Mask>();
    const used = new Set<string>();
    const kinds = wordsByLength(streams.values());
    for (const name of messages) {
      const words = kinds.get(this.#first.get(name)?.length ?? 0) ?? [];
      for (const { change, sign } of this.#waysOf(name, words)) {
        const mask = ofStreams.get(change);
        // A stream masks one message.
        if (mask === undefined || used.has(mask.stream)) continue;
        used.add(mask.stream);
        found.set(name, { ...mask, sign });
        break;
      }
    }
    return found;
  }

  /** How a message changed, in all kinds of words: itself, and its negative. */
  #waysOf(name: string, kinds: Iterable<Words>): { readonly change: string; readonly sign: Mask['sign'] }[] {
    const first = this.#first.get(name);
    const signs = ['added', 'subtracted'] as const;
    return [...kinds].flatMap((words) =>
      signs.map((sign) => {
        const change = this.#changeOf(words, ({ seen }) =>
          sign === 'added' ? [seen.get(name), first] : [first, seen.get(name)],
        );
        return { change, sign };
      }),
    );
  }

  /** All changes as a text. */
  #changeOf(
    words: Words,
    pair: (trial: Trial) => readonly (Uint8Array | undefined)[],
    shape?: StreamShape,
  ): string {
    const changes = this.#trials.map((trial) => {
      const [after, before] = pair(trial);
      if (after === undefined || before?.length !== after.length) return 'another message';
      if (words !== 'bits' && after.length % (words / 8) !== 0) return 'other words';
      const change = differenceOf(words, after, before);
      return Buffer.from(shape === undefined ? change : withoutTails(shape, change)).toString('latin1');
    });
    return `${words} ${changes.join('')}`;
  }
}

/** Of a ring, also bits: words are masked so when they are moved. */
function wordsOf({ width }: StreamShape): readonly Words[] {
  return width === undefined ? ['bits'] : [width, 'bits'];
}

/** For messages of each length the words that streams of this length have. */
function wordsByLength(shapes: Iterable<StreamShape>): ReadonlyMap<number, ReadonlySet<Words>> {
  const all = new Map<number, Set<Words>>();
  for (const shape of shapes) {
    const known = all.get(shape.bytes) ?? new Set();
    all.set(shape.bytes, known);
    for (const words of wordsOf(shape)) known.add(words);
  }
  return all;
}

function bitsIn({ width, bytes, columns }: StreamShape): number {
  const rowBytes = Math.ceil(columns / 64) * 8;
  return width === undefined ? (bytes / rowBytes) * columns : bytes * 8;
}
