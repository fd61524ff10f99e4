/** Faults of a CSV file, collected so that a person can mend many at once. */
import { WarifuError } from '../../core/errors.js';

/** At most so many faults are listed; all are counted. */
export const MAX_LISTED_FAULTS = 20;

export interface CsvFault {
  /** As a spreadsheet numbers rows: the header is row 1, and a record with line breaks inside counts once. */
  readonly row: number;
  /** Name of the column; absent when the fault concerns the row. */
  readonly column?: string;
  /** What is wrong, in a few words; may quote the cell, so it is for the provider's own terminal. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Collects faults; `throwIfAny` makes one error of them. */
export class CsvFaults {
  readonly #path: string;
  readonly #listed: CsvFault[] = [];
  #total = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(fault: CsvFault): void {
    this.#total++;
    if (this.#listed.length < MAX_LISTED_FAULTS) this.#listed.push(fault);
  }

  get total(): number {
    return this.#total;
  }

  get listed(): readonly CsvFault[] {
    return this.#listed;
  }

  /** @throws WarifuError CSV_INVALID listing up to 20 faults; its details name places only, never cells. */
  throwIfAny(): void {
    if (this.#total === 0) return;
    const more =
      this.#total > this.#listed.length ? `, of which the first ${this.#listed.length} are listed` : '';
    const head = `${this.#path}: ${this.#total} fault${this.#total === 1 ? '' : 's'}${more} (row 1 is the header)`;
    throw new WarifuError('CSV_INVALID', [head, ...this.#listed.map(faultLine)].join('\n'), {
      file: this.#path,
      faults: this.#total,
      rows: this.#listed.map((fault) => String(fault.row)),
      columns: [...new Set(this.#listed.flatMap((fault) => fault.column ?? []))],
    });
  }
}

function faultLine(fault: CsvFault): string {
  const column = fault.column === undefined ? '' : `, column '${fault.column}'`;
  return `  row ${fault.row}${column}: ${fault.what}; ${fault.advice}`;
}

/** A cell in a message: on one line, and not longer than a person wants to read. */
export function quoteCell(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return `'${shown.replace(/\p{Cc}/gu, ' ')}'`;
}
