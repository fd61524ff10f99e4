/**
 * Bits and columns that move together, each once however many ask for it.
 */
import type { BinaryShare, Column } from '../../share/shares.js';

/** What came of the bits and columns after they moved. */
export interface Arrived {
  bits(asked: BinaryShare): BinaryShare;
  column<C extends Column>(asked: C): C;
}

export class Travellers {
  readonly #bits: BinaryShare[] = [];
  readonly #columns: Column[] = [];

  /** In the order in which they were first asked for. */
  get bits(): readonly BinaryShare[] {
    return this.#bits;
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  addBits(bits: BinaryShare): void {
    if (!this.#bits.includes(bits)) this.#bits.push(bits);
  }

  addColumn(column: Column): void {
    if (!this.#columns.includes(column)) this.#columns.push(column);
  }

  /** @param bits and columns as they are after the move, in the order of this object's. */
  arrived(bits: readonly BinaryShare[], columns: readonly Column[]): Arrived {
    return {
      bits: (asked) => bits[placeOf(this.#bits, asked)] as BinaryShare,
      column: <C extends Column>(asked: C): C => columns[placeOf(this.#columns, asked)] as C,
    };
  }
}

function placeOf<T>(list: readonly T[], asked: T): number {
  const at = list.indexOf(asked);
  if (at < 0) throw new RangeError('this one did not travel');
  return at;
}
