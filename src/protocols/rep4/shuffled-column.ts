/**
 * One column on its way through a shuffle: what a node knows of it, and the messages that it tells and hears (shuffle.ts).
 */
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { ArithmeticShare, type Column } from '../../share/shares.js';
import { ringBytes } from '../sizes.js';
import { partOf } from './parts.js';
import type { JointKey, Rep4Party } from './party.js';
import {
  atPlace,
  LAST,
  messageOf,
  type Place,
  ROUNDS,
  routeOf,
  type ShuffleMessage,
  type Turn,
} from './shuffle-messages.js';

/** How a column is shuffled. */
export interface Moving extends Turn {
  readonly step: StepPath;
  /** Keeps a column's messages and streams from those of the others. */
  readonly name: string;
  readonly clock: number;
  readonly factor: (part: PartIndex) => Uint32Array;
}

export class ShuffledColumn {
  readonly #party: Rep4Party;
  readonly #moving: Moving;
  readonly #column: Column;
  readonly #self: Place;
  /** By the number of their messages. */
  readonly #masks = new Map<number, RingVector>();
  /** What is left of messages without their masks. */
  readonly #left = new Map<number, RingVector>();

  constructor(party: Rep4Party, moving: Moving, column: Column) {
    this.#party = party;
    this.#moving = moving;
    this.#column = column;
    this.#self = atPlace(party.self, moving.direction);
  }

  /** The new parts, in share order. */
  async parts(): Promise<readonly RingVector[]> {
    for (const round of ROUNDS.keys()) await this.#exchange(round);
    return this.#column.held.map((part) => {
      const place = atPlace(part, this.#moving.direction);
      if (place === LAST) return ROUNDS[2].map((number) => this.#leftOf(number)).reduce(this.#sum);
      return this.#mask(ROUNDS[2].find((number) => messageOf(number).to === place) as number);
    });
  }

  /** The moved column, to all. */
  async shown(): Promise<RingVector> {
    await this.#exchange(0);
    await this.#exchange(1);
    const pieces = await Promise.all(ROUNDS[2].map((number) => this.#show(number)));
    return pieces.reduce(this.#sum);
  }

  /** What this node hears in a round is right before it goes on to the next. */
  async #exchange(round: number): Promise<void> {
    const numbers = ROUNDS[round] ?? [];
    await Promise.all(numbers.map((number) => this.#share(number)));
    // What no later round needs.
    for (const { before, of } of numbers.map(messageOf)) {
      for (const number of before?.masks ?? []) this.#masks.delete(number);
      if ('left' in of) this.#left.delete(of.left);
    }
  }

  async #share(number: number): Promise<void> {
    const { to, from } = messageOf(number);
    if (from.includes(this.#self)) {
      const left = await this.#value(messageOf(number));
      this.#subtract(left, this.#mask(number));
      this.#left.set(number, left);
      await this.#tell(number, to, left);
    } else if (to === this.#self) {
      this.#left.set(number, await this.#hear(number));
    }
  }

  /** A value of the last round, as it is at the nodes that may know it, masked at the other. */
  async #show(number: number): Promise<RingVector> {
    const { to, from } = messageOf(number);
    if (!from.includes(this.#self)) return await this.#hear(number);
    const value = await this.#value(messageOf(number));
    const masked = kernels.subtract(value, this.#maskToLast(number));
    await Promise.all([this.#tell(number, to, value), this.#tell(number, LAST, masked)]);
    return value;
  }

  /** What a message says beneath its mask. */
  async #value({ of, before, by }: ShuffleMessage): Promise<RingVector> {
    let value =
      'left' in of
        ? this.#leftOf(of.left)
        : of.parts.map((place) => partOf(this.#column, this.#partAt(place))).reduce(this.#sum);
    if (before !== undefined) {
      value = await this.#moved(value, before.by);
      for (const number of before.masks) this.#add(value, this.#mask(number));
    }
    return await this.#moved(value, by);
  }

  async #moved(rows: RingVector, by: Place): Promise<RingVector> {
    const { width, length } = this.#column;
    const { factor, direction } = this.#moving;
    await this.#party.turns.next(ringBytes(32, length));
    const places = factor(this.#partAt(by));
    await this.#party.turns.next(ringBytes(width, length));
    // Of long columns a scatter takes half as long.
    return direction === 'forward' ? kernels.scatter(rows, places) : kernels.gather(rows, places);
  }

  #tell(number: number, to: Place, vector: RingVector): Promise<void> {
    return this.#party.tell(routeOf(number, to, this.#moving), this.#key(number), vector.bytes());
  }

  async #hear(number: number): Promise<RingVector> {
    const { width, length } = this.#column;
    const route = routeOf(number, this.#self, this.#moving);
    return RingVector.fromBytes(
      width,
      await this.#party.hear(route, this.#key(number), ringBytes(width, length)),
    );
  }

  #key(number: number): JointKey {
    const { step, name, clock } = this.#moving;
    const round = Math.floor(number / 3);
    return { step, tag: `${name}-message-${number + 1}`, clock: clock + round + 1 };
  }

  #leftOf(number: number): RingVector {
    return this.#left.get(number) as RingVector;
  }

  /** A stream of the part that the receiver of a message lacks. */
  #mask(number: number): RingVector {
    const mask = this.#masks.get(number) ?? this.#stream(messageOf(number).to, `mask-${number + 1}`);
    this.#masks.set(number, mask);
    return mask;
  }

  /** Streams that the last place lacks, and what takes them back. */
  #maskToLast(number: number): RingVector {
    const known = this.#masks.get(number);
    const mask =
      known ??
      (number === 8
        ? kernels.negate(kernels.add(this.#maskToLast(6), this.#maskToLast(7)))
        : this.#stream(LAST, `mask-${number + 1}`));
    this.#masks.set(number, mask);
    return mask;
  }

  #stream(place: Place, label: string): RingVector {
    const { step, name } = this.#moving;
    const { width, length } = this.#column;
    return this.#party.randomness.ring(this.#partAt(place), step, `${name}-${label}`, width, length);
  }

  #partAt(place: Place): PartIndex {
    return atPlace(place, this.#moving.direction);
  }

  /** In place. */
  #add(x: RingVector, y: RingVector): void {
    if (this.#column instanceof ArithmeticShare) kernels.addInto(x, y);
    else kernels.xorInto(x.data, y.data);
  }

  #subtract(x: RingVector, y: RingVector): void {
    if (this.#column instanceof ArithmeticShare) kernels.subtractInto(x, y);
    else kernels.xorInto(x.data, y.data);
  }

  readonly #sum = (x: RingVector, y: RingVector): RingVector =>
    this.#column instanceof ArithmeticShare ? kernels.add(x, y) : kernels.xorElements(x, y);
}
