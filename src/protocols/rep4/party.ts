/**
 * One of the four parties: what it holds, its joint messages and its correlated randomness.
 *
 * Party i holds all parts but part i, in ascending order; a part is known to three parties.
 *
 * Joint messages. Everything that a node sends another also knows. One of them, the sender, sends it; each backup sends a
 *   tag of it under a one-time key that the sender does not know; the receiver takes it when the tags are right. So one
 *   liar among the four never makes a node take a wrong value. The check is in the exchange itself: nothing that a node
 *   has not checked can reach any later byte of its (the attack of Eurocrypt 2026, eprint 2026/234, needs just that), as
 *   `joint` gives the bytes after the check only. Tags instead of digests (Dalskov, Escudero, Keller 2021) cost a tenth.
 * Who lied: with one backup either it or the sender; with two the majority tells.
 */
import { WarifuError } from '../../core/errors.js';
import { release } from '../../core/release.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP4 } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { uninitialised } from '../../core/uninitialised.js';
import { equalTags, MessageTagger, messageTag, TAG_BYTES } from '../../kernels/message-tag.js';
import type { Channel, GrowingMessage } from '../../transport/channel.js';
import type { KeyedRandomness } from '../randomness.js';
import { Turns } from '../turn.js';
import type { TagKeys } from './tag-keys.js';

/** The way of a message that its sender and backups know. */
export interface Route {
  readonly sender: NodeIndex;
  readonly backups: readonly NodeIndex[];
  readonly receiver: NodeIndex;
}

/** Names a joint message. */
export interface JointKey {
  readonly step: StepPath;
  readonly tag: string;
  readonly clock: number;
}

/** A joint message that travels, or is tagged, while it is made: piece by piece, in order. */
export interface GrowingJoint extends GrowingMessage {
  /** Where its bytes from `start` to `end` go, before `advance(end)`. */
  piece(start: number, end: number): Uint8Array;
}

export class Rep4Party {
  readonly self: NodeIndex;
  readonly held: readonly PartIndex[];
  readonly channel: Channel;
  readonly randomness: KeyedRandomness;
  /** What this computation takes of the event loop. */
  readonly turns = new Turns();
  readonly #tagKeys: TagKeys;

  constructor(channel: Channel, randomness: KeyedRandomness, tagKeys: TagKeys) {
    this.self = channel.self;
    this.held = partsHeldBy(REP4, channel.self);
    this.channel = channel;
    this.randomness = randomness;
    this.#tagKeys = tagKeys;
  }

  /** At a node that knows a joint message: sends it, or its tag. */
  async tell(route: Route, { step, tag, clock }: JointKey, message: Uint8Array): Promise<void> {
    const { receiver } = route;
    if (this.self === route.sender) {
      await this.channel.send(receiver, { step, tag }, message, clock);
      return;
    }
    const proof = messageTag(this.#tagKeys.toPeer(receiver, step, tag), message);
    await this.channel.send(receiver, { step, tag: checkOf(tag) }, proof, clock);
  }

  /** `tell` of so many bytes while they are made. */
  begin({ sender, backups, receiver }: Route, { step, tag, clock }: JointKey, length: number): GrowingJoint {
    if (this.self === sender) {
      const bytes = new Uint8Array(uninitialised(length));
      const message = this.channel.begin(receiver, { step, tag }, bytes, clock, () => release([bytes]));
      return {
        piece: (start, end) => bytes.subarray(start, end),
        advance: (end) => message.advance(end),
      };
    }
    if (!backups.includes(this.self))
      throw new WarifuError('INTERNAL', `node ${this.self} does not know ${tag}`);
    const tagger = new MessageTagger(this.#tagKeys.toPeer(receiver, step, tag));
    let piece = new Uint8Array();
    let at = 0;
    return {
      piece: (start, end) => {
        if (piece.length < end - start) piece = new Uint8Array(uninitialised(end - start));
        return piece.subarray(0, end - start);
      },
      advance: async (end) => {
        tagger.update(piece.subarray(0, end - at));
        at = end;
        if (end < length) return;
        release([piece]);
        await this.channel.send(receiver, { step, tag: checkOf(tag) }, tagger.tag(), clock);
      },
    };
  }

  /**
   * At its receiver: a joint message of so many bytes.
   *
   * Errors: COPIES_DIFFER naming who may have lied; those of the channel.
   */
  async hear({ sender, backups }: Route, { step, tag }: JointKey, length: number): Promise<Uint8Array> {
    const [message, ...proofs] = await Promise.all([
      this.channel.receive(sender, { step, tag }, length),
      ...backups.map((backup) => this.channel.receive(backup, { step, tag: checkOf(tag) }, TAG_BYTES)),
    ]);
    await this.turns.next(length);
    const wrong = backups.filter((backup, i) => {
      const key = this.#tagKeys.fromPeer(backup, step, tag);
      return !equalTags(messageTag(key, message), proofs[i] as Uint8Array);
    });
    if (wrong.length > 0) throw lied(step, suspects(sender, backups, wrong));
    return message;
  }

  /**
   * At two nodes that had the same message from a third: each shows the other a tag of it.
   *
   * Errors: COPIES_DIFFER naming the third and the peer.
   */
  async compare(
    peer: NodeIndex,
    { step, tag, clock }: JointKey,
    message: Uint8Array,
    third: NodeIndex,
  ): Promise<void> {
    const own = messageTag(this.#tagKeys.toPeer(peer, step, tag), message);
    const [theirs] = await Promise.all([
      this.channel.receive(peer, { step, tag: checkOf(tag) }, TAG_BYTES),
      this.channel.send(peer, { step, tag: checkOf(tag) }, own, clock),
    ]);
    const expected = messageTag(this.#tagKeys.fromPeer(peer, step, tag), message);
    if (!equalTags(theirs, expected)) throw lied(step, [third, peer]);
  }
}

function checkOf(tag: string): string {
  return `${tag}-check`;
}

/** One liar at most: alone against two others it is known. */
function suspects(
  sender: NodeIndex,
  backups: readonly NodeIndex[],
  wrong: readonly NodeIndex[],
): readonly NodeIndex[] {
  if (backups.length === 1) return [sender, ...wrong];
  return wrong.length === backups.length ? [sender] : wrong;
}

function lied(step: StepPath, nodes: readonly NodeIndex[]): WarifuError {
  const [first, second] = nodes;
  const who = second === undefined ? `node ${first} sent` : `node ${first} or node ${second} sent`;
  return new WarifuError(
    'COPIES_DIFFER',
    `${who} something else than what it should know at step ${step}: it lies or is broken, and nothing was released`,
    { step, nodes: nodes.map(String) },
  );
}
