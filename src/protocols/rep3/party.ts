/**
 * One of the three parties: its neighbours, its messages and its correlated randomness.
 *
 * Party i holds parts (i, i+1); `next` is party i+1 and `prev` party i-1. So the first part of a share is also
 * held by `prev` and the second by `next`; the missing one is known to both others.
 */
import { WarifuError } from '../../core/errors.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP3 } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Channel, MessageKey } from '../../transport/channel.js';
import { grow } from '../grow.js';
import type { KeyedRandomness } from '../randomness.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { Turns } from '../turn.js';

export class Rep3Party {
  readonly self: NodeIndex;
  readonly next: NodeIndex;
  readonly prev: NodeIndex;
  readonly held: readonly PartIndex[];
  readonly channel: Channel;
  readonly randomness: KeyedRandomness;
  /** What this computation takes of the event loop. */
  readonly turns = new Turns();

  constructor(channel: Channel, randomness: KeyedRandomness) {
    this.self = channel.self;
    this.next = ((channel.self + 1) % 3) as NodeIndex;
    this.prev = ((channel.self + 2) % 3) as NodeIndex;
    this.held = partsHeldBy(REP3, channel.self);
    this.channel = channel;
    this.randomness = randomness;
  }

  /** Parts held: first is shared with prev, second with next. */
  get first(): PartIndex {
    return this.self;
  }

  get second(): PartIndex {
    return this.next;
  }

  send(
    to: NodeIndex,
    step: StepPath,
    tag: string,
    vector: { bytes(): Uint8Array },
    clock: number,
  ): Promise<void> {
    return this.channel.send(to, { step, tag }, vector.bytes(), clock);
  }

  /** Sends a message while it is made: `fill` writes its bytes from `start` to `end`, in order. */
  async sendWhileFilling(
    to: NodeIndex,
    step: StepPath,
    tag: string,
    vector: RingVector | BitMatrix,
    clock: number,
    fill: (start: number, end: number) => void,
  ): Promise<void> {
    const bytes = vector.bytes();
    await grow(this.channel.begin(to, { step, tag }, bytes, clock), bytes.length, fill, this.turns);
  }

  async receiveRing(
    from: NodeIndex,
    step: StepPath,
    tag: string,
    width: RingWidth,
    n: number,
  ): Promise<RingVector> {
    return RingVector.fromBytes(width, await this.#receive(from, { step, tag }, ringBytes(width, n)));
  }

  async receiveBits(
    from: NodeIndex,
    step: StepPath,
    tag: string,
    rows: number,
    n: number,
  ): Promise<BitMatrix> {
    return BitMatrix.fromBytes(rows, n, await this.#receive(from, { step, tag }, bitBytes(rows, n)));
  }

  receiveBytes(from: NodeIndex, step: StepPath, tag: string, length: number): Promise<Uint8Array> {
    return this.#receive(from, { step, tag }, length);
  }

  /** What follows a message is a piece of work: many may arrive at once. */
  async #receive(from: NodeIndex, key: MessageKey, length: number): Promise<Uint8Array> {
    const bytes = await this.channel.receive(from, key, length);
    await this.turns.next(length);
    return bytes;
  }
}

/** Both parts of an arithmetic share. */
export function bothParts<W extends RingWidth>(x: ArithmeticShare<W>): readonly [RingVector, RingVector] {
  const [first, second] = x.parts;
  if (first === undefined || second === undefined) throw notRep3();
  return [first, second];
}

/** Both parts of a binary share. */
export function bothBits(x: BinaryShare): readonly [BitMatrix, BitMatrix] {
  const [first, second] = x.parts;
  if (first === undefined || second === undefined) throw notRep3();
  return [first, second];
}

function notRep3(): WarifuError {
  return new WarifuError('INTERNAL', 'a rep3 share has two parts');
}

/** Awaits a send and a receive of one round; both are started before either is waited for. */
export async function exchange<T>(sending: Promise<void>, receiving: Promise<T>): Promise<T> {
  const [received] = await Promise.all([receiving, sending]);
  return received;
}
