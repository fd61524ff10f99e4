/**
 * The form of unit vectors at three nodes: over Z_2^20 where that holds all places, else over Z_2^32.
 *
 * Modulo 2^20 places are sums of products like any other. Times 2^12 they are numbers over Z_2^32, which the rest of a sort
 * works on: scaled places, whose low 12 bits are 0.
 */
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels, type UnitEntries } from '../../kernels/kernels.js';
import { NARROW_BITS, NarrowEntries } from '../../kernels/narrow-entries.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { ringBytes } from '../sizes.js';
import type { Rep3Party } from './party.js';

/** Bits that places are multiples of. */
export function scaleOf(places: number): number {
  return places > 0 && places < 2 ** NARROW_BITS ? 32 - NARROW_BITS : 0;
}

/** Bytes of so many entries of n rows each. */
export function unitBytes(entries: number, n: number, places: number): number {
  return scaleOf(places) === 0 ? ringBytes(32, entries * n) : NarrowEntries.byteLength(entries, n);
}

/** Streams and messages of entries. */
export class UnitForm {
  readonly #party: Rep3Party;
  readonly #step: StepPath;
  readonly #entries: number;
  readonly #length: number;
  readonly #isNarrow: boolean;
  readonly byteLength: number;

  constructor(
    party: Rep3Party,
    step: StepPath,
    {
      entries,
      length,
      places,
    }: { readonly entries: number; readonly length: number; readonly places: number },
  ) {
    this.#party = party;
    this.#step = step;
    this.#entries = entries;
    this.#length = length;
    this.#isNarrow = scaleOf(places) > 0;
    this.byteLength = unitBytes(entries, length, places);
  }

  /** Uniform entries known to the holders of `part`. */
  stream(part: PartIndex, label: string): UnitEntries {
    return this.#of(this.#party.randomness.bytes(part, this.#step, label, this.byteLength));
  }

  async receive(from: 0 | 1 | 2, label: string): Promise<UnitEntries> {
    return this.#of(await this.#party.receiveBytes(from, this.#step, label, this.byteLength));
  }

  add(x: UnitEntries, y: UnitEntries): UnitEntries {
    return x instanceof NarrowEntries
      ? kernels.addUnits(x, y as NarrowEntries)
      : kernels.add(x, y as RingVector);
  }

  #of(bytes: Uint8Array): UnitEntries {
    return this.#isNarrow
      ? new NarrowEntries(this.#entries, this.#length, bytes)
      : RingVector.fromBytes(32, bytes);
  }
}
