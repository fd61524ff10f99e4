/**
 * What a node holds of secret vectors: arithmetic shares (sums over Z_2^w) and binary shares (XORs of bits).
 *
 * The two kinds and the ring widths are different nominal, invariant types. A share holds one vector for each
 * part that its node holds (two of three in rep3, one in plain, none in a dry run). Nothing can print,
 * compare or serialise a share by accident: every implicit conversion throws.
 *
 * `clock` is the logical time at which the share exists: the number of rounds it took.
 */
import type { PartIndex } from '../core/scheme.js';
import type { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingVector, RingWidth } from '../kernels/ring-vector.js';
import { type Bounds, proveFits } from './bounds.js';

abstract class Secret {
  abstract readonly length: number;
  readonly clock: number;

  protected constructor(clock: number) {
    this.clock = clock;
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError('a share has no value: compare and combine shares by protocols');
  }

  toJSON(): never {
    throw new TypeError('a share cannot be serialised');
  }

  toString(): never {
    throw new TypeError('a share cannot be printed');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[share]';
  }
}

/** Sizes and parts from which a share is made; only dealing and backends make shares. */
export interface ArithmeticParts<W extends RingWidth> {
  readonly width: W;
  readonly length: number;
  readonly bounds: Bounds;
  readonly held: readonly PartIndex[];
  readonly parts: readonly RingVector[];
  readonly clock: number;
}

/** A vector over Z_2^width whose elements lie within public bounds. */
export class ArithmeticShare<in out W extends RingWidth> extends Secret {
  readonly #nominal = 'arithmetic';
  readonly width: W;
  readonly length: number;
  readonly bounds: Bounds;
  /** Index of the part that each entry of `parts` is. */
  readonly held: readonly PartIndex[];
  readonly parts: readonly RingVector[];

  constructor(from: ArithmeticParts<W>) {
    super(from.clock);
    proveFits(from.bounds, from.width, 'a shared vector');
    checkParts(this.#nominal, from, (part) => part.length === from.length && part.width === from.width);
    this.width = from.width;
    this.length = from.length;
    this.bounds = from.bounds;
    this.held = from.held;
    this.parts = from.parts;
  }

  /** The same secret with other parts, bounds or clock. */
  with(change: Partial<Omit<ArithmeticParts<W>, 'width' | 'held'>>): ArithmeticShare<W> {
    const { width, length, bounds, held, parts, clock } = this;
    return new ArithmeticShare({ width, length, bounds, held, parts, clock, ...change });
  }
}

export interface BinaryParts {
  readonly rows: number;
  readonly length: number;
  readonly held: readonly PartIndex[];
  readonly parts: readonly BitMatrix[];
  readonly clock: number;
}

/** A matrix of bits: `rows` bit vectors of `length` bits each, packed 64 to a word. */
export class BinaryShare extends Secret {
  readonly #nominal = 'binary';
  readonly rows: number;
  readonly length: number;
  readonly held: readonly PartIndex[];
  readonly parts: readonly BitMatrix[];

  constructor(from: BinaryParts) {
    super(from.clock);
    checkParts(this.#nominal, from, (part) => part.rows === from.rows && part.length === from.length);
    this.rows = from.rows;
    this.length = from.length;
    this.held = from.held;
    this.parts = from.parts;
  }

  with(change: Partial<Omit<BinaryParts, 'held'>>): BinaryShare {
    const { rows, length, held, parts, clock } = this;
    return new BinaryShare({ rows, length, held, parts, clock, ...change });
  }
}

/** Sizes and parts from which a word share is made. */
export interface WordParts<W extends RingWidth> {
  readonly width: W;
  readonly length: number;
  readonly held: readonly PartIndex[];
  readonly parts: readonly RingVector[];
  readonly clock: number;
}

/**
 * A vector of words of `width` bits, shared by XOR: the bits of each row side by side, so that rows can be moved. For
 * computing with bits it becomes a BinaryShare (words.ts).
 */
export class WordShare<in out W extends RingWidth> extends Secret {
  readonly #nominal = 'word';
  readonly width: W;
  readonly length: number;
  readonly held: readonly PartIndex[];
  readonly parts: readonly RingVector[];

  constructor(from: WordParts<W>) {
    super(from.clock);
    checkParts(this.#nominal, from, (part) => part.length === from.length && part.width === from.width);
    this.width = from.width;
    this.length = from.length;
    this.held = from.held;
    this.parts = from.parts;
  }

  with(change: Partial<Omit<WordParts<W>, 'width' | 'held'>>): WordShare<W> {
    const { width, length, held, parts, clock } = this;
    return new WordShare({ width, length, held, parts, clock, ...change });
  }
}

/** A shared vector of numbers of any width. */
export type NumberColumn = ArithmeticShare<32> | ArithmeticShare<64> | ArithmeticShare<128>;

/** RangeError unless each part held is there, in the share's size. */
function checkParts<T>(
  kind: string,
  { parts, held }: { readonly parts: readonly T[]; readonly held: readonly PartIndex[] },
  fits: (part: T) => boolean,
): void {
  if (!parts.every(fits)) throw new RangeError(`${kind} share: a part has another size`);
  if (parts.length !== held.length) throw new RangeError('share: parts and indices differ');
}

/** A shared vector whose rows can be moved to other places. */
export type Column = NumberColumn | WordShare<32> | WordShare<64> | WordShare<128>;

/** Latest clock of several shares: when all of them exist. */
export function latest(...shares: readonly { readonly clock: number }[]): number {
  return shares.reduce((clock, share) => Math.max(clock, share.clock), 0);
}
