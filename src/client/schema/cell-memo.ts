/** Remembers what short cells are worth, by their bytes: labels, dates and missing markers come again and again. */

/** Longer cells are not remembered. */
const MOST_BYTES = 48;
/** At most so many cells are remembered; what comes later is read anew each time. */
const MOST_CELLS = 1 << 15;
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class CellMemo {
  #slots = new Int32Array(1 << 8).fill(-1);
  readonly #values: number[] = [];
  /** The remembered cells, one after the other, and where each ends. */
  #bytes = new Uint8Array(1 << 12);
  readonly #ends: number[] = [];

  /** The number remembered for these bytes, or undefined. */
  get(bytes: Uint8Array, start: number, end: number): number | undefined {
    if (end - start > MOST_BYTES) return undefined;
    const cell = this.#slots[this.#slotOf(bytes, start, end)]!;
    return cell === -1 ? undefined : this.#values[cell];
  }

  set(bytes: Uint8Array, start: number, end: number, value: number): void {
    const cell = this.#values.length;
    if (end - start > MOST_BYTES || cell === MOST_CELLS) return;
    if (2 * cell >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(bytes, start, end);
    if (this.#slots[slot] !== -1) return;
    this.#slots[slot] = cell;
    this.#values.push(value);
    this.#ends.push(this.#append(bytes, start, end));
  }

  /** Where these bytes are remembered, or would be. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    let hash = FNV_START;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
    let slot = (hash ^ (hash >>> 15)) & last;
    for (;;) {
      const cell = slots[slot]!;
      if (cell === -1 || this.#isSame(cell, bytes, start, end)) return slot;
      slot = (slot + 1) & last;
    }
  }

  #isSame(cell: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = cell === 0 ? 0 : this.#ends[cell - 1]!;
    if (this.#ends[cell]! - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (this.#bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number): number {
    const from = this.#ends.at(-1) ?? 0;
    const to = from + end - start;
    if (to > this.#bytes.length) {
      const grown = new Uint8Array(2 * to);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(start, end), from);
    return to;
  }

  #grow(): void {
    const cells = [...this.#slots].filter((cell) => cell !== -1);
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    for (const cell of cells) {
      const from = cell === 0 ? 0 : this.#ends[cell - 1]!;
      this.#slots[this.#slotOf(this.#bytes, from, this.#ends[cell]!)] = cell;
    }
  }
}
