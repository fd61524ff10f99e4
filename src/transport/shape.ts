/** A slow, distant link on a fast machine: what leaves is held back as a wide-area network would. */

export interface LinkShape {
  /** Round trip, as ping shows it; half of it each way. */
  readonly latencyMs: number;
  /** Of each direction of each link; undefined for no bound. */
  readonly bitsPerSecond: number | undefined;
}

interface Parcel {
  readonly due: number;
  readonly bytes: number;
  readonly deliver: () => void;
}

/** Timers hold 31 bits of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class DelayLine {
  readonly #shape: LinkShape;
  readonly #parcels: Parcel[] = [];
  /** When the last byte given so far has been put on the wire. */
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #underWay = 0;

  constructor(shape: LinkShape) {
    this.#shape = shape;
  }

  /** Milliseconds for which the wire is taken already. */
  get bookedMs(): number {
    return Math.max(0, this.#freeAt - performance.now());
  }

  /** Bytes that have not arrived yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Calls `deliver` when so many bytes would have arrived; in order. */
  push(bytes: number, deliver: () => void): void {
    const { latencyMs, bitsPerSecond } = this.#shape;
    const ms = bitsPerSecond === undefined ? 0 : (bytes * 8000) / bitsPerSecond;
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + ms;
    this.#parcels.push({ due: this.#freeAt + latencyMs / 2, bytes, deliver });
    this.#underWay += bytes;
    this.#arm();
  }

  /** Forgets what is under way. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#parcels.length = 0;
    this.#underWay = 0;
  }

  #arm(): void {
    const [first] = this.#parcels;
    if (first === undefined || this.#timer !== undefined) return;
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, first.due - performance.now()));
    this.#timer = setTimeout(() => this.#deliverDue(), wait);
  }

  #deliverDue(): void {
    this.#timer = undefined;
    const now = performance.now();
    const later = this.#parcels.findIndex(({ due }) => due > now);
    for (const { bytes, deliver } of this.#parcels.splice(0, later < 0 ? this.#parcels.length : later)) {
      this.#underWay -= bytes;
      deliver();
    }
    this.#arm();
  }
}
