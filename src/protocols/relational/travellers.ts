/**
 * Bits and columns that move together, each once however many ask for it.
 */
import { rows } from '../../share/bits.js';
import type { BinaryShare, Column } from '../../share/shares.js';

/** What came of the bits and columns after they moved. */
export interface Arrived {
  bit(asked: BinaryShare): BinaryShare;
  column<C extends Column>(asked: C): C;
}

export class Travellers {
  readonly #bits: BinaryShare[] = [];
  readonly #columns: Column[] = [];

  /** Rows of bits, each of one row, in the order in which they were first asked for. */
  get bits(): readonly BinaryShare[] {
    return this.#bits;
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  addBit(bit: BinaryShare): void {
    if (!this.#bits.includes(bit)) this.#bits.push(bit);
  }

  addColumn(column: Column): void {
    if (!this.#columns.includes(column)) this.#columns.push(column);
  }

  /** @param bits and columns as they are after the move, in the order of this object's. */
  arrived(bits: BinaryShare, columns: readonly Column[]): Arrived {
    return {
      bit: (asked) => {
        const at = placeOf(this.#bits, asked);
        return rows(bits, at, at + 1);
      },
      column: <C extends Column>(asked: C): C => columns[placeOf(this.#columns, asked)] as C,
    };
  }
}

function placeOf<T>(list: readonly T[], asked: T): number {
  const at = list.indexOf(asked);
  if (at < 0) throw new RangeError('this one did not travel');
  return at;
}
