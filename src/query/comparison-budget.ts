/**
 * Holds comparisons back so that only so many bytes of bits are in the making at once: a condition may have two
 * thousand of them and a GROUP BY column ten thousand labels, each with a row of bits for every bit of a value.
 *
 * Comparisons start in the order in which they ask, which is that of the plan and so the same at all nodes: the
 * first one that is unfinished anywhere runs everywhere, so nodes never wait for each other in a circle. The
 * count of rounds leaves the waiting out, as it does for the chunks of a vector.
 */

/** Bytes of bits in the making, over all comparisons of a query that run at the same time. */
export const COMPARISON_BYTES = 256 << 20;
const WORD = 64;
/** Both parts; the bits of both operands, the products of a level and what they are made from. */
const COPIES_OF_BITS = 2 * 4;
/** Both parts of the compared value, and of what it is made from. */
const COPIES_OF_VALUES = 2 * 2;

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

export class ComparisonBudget {
  readonly #budget: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;
  /** Bytes of 64 rows, all comparisons together, and of the largest. */
  #asked = 0;
  #largest = 0;

  /** @param budget bytes; one comparison always runs, however large. */
  constructor(budget = COMPARISON_BYTES) {
    this.#budget = budget;
  }

  /** Bytes that all comparisons together hold at most while they are made, over so many rows. */
  peak(rows: number): number {
    const words = Math.ceil(rows / WORD);
    return Math.min(this.#asked * words, Math.max(this.#budget, this.#largest * words));
  }

  /** Runs the comparison of `bits` bits of a ring of `width` in each of `rows` rows as soon as there is room. */
  async run<T>(bits: number, width: number, rows: number, compare: () => Promise<T>): Promise<T> {
    const ofWord = (bits * COPIES_OF_BITS + width * COPIES_OF_VALUES) * (WORD / 8);
    const bytes = ofWord * Math.ceil(rows / WORD);
    this.#asked += ofWord;
    this.#largest = Math.max(this.#largest, ofWord);
    await this.#room(bytes);
    try {
      return await compare();
    } finally {
      this.#taken -= bytes;
      this.#startNext();
    }
  }

  #room(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, start: resolve });
      this.#startNext();
    });
  }

  #startNext(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || (this.#taken > 0 && this.#taken + next.bytes > this.#budget)) return;
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.start();
    }
  }
}
