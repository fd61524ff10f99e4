/**
 * Finds the cells of plainly written records in a CSV file's bytes.
 *
 * Plain is a record of the expected number of fields, each without quotes or between two of them (then delimiters
 * and line ends inside are content). Anything else (a doubled quote, spaces after a closing one, a ragged record, a
 * line of spaces) is left to the library's parser: the scanner stops before it and says so.
 *
 * Works on bytes of UTF-8 and CP932 alike: neither has a delimiter, quote or line end inside another character.
 */
import type { Dialect } from './dialect.js';

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const NOT_ASCII = 0x80;

export interface Scanned {
  /** Records found. */
  readonly count: number;
  /** As in `CellBatch`; views that the next scan overwrites. */
  readonly bounds: Int32Array;
  readonly rows: Int32Array;
  /** Where the first byte stands that belongs to no record found. */
  readonly end: number;
  /** Whether a record follows that is not plain; otherwise what follows is the beginning of one. */
  readonly stopped: boolean;
}

/** What stands where a record should. */
type Found = 'record' | 'blank' | 'unfinished' | 'other';

export class RecordScanner {
  readonly #width: number;
  readonly #delimiter: number;
  readonly #newline: number;
  #bounds = new Int32Array(1 << 14);
  #rows = new Int32Array(1 << 10);
  /** Row number of the next record; blank lines count. */
  #row = 1;
  #found: Found = 'record';

  /** @param width fields of every record. */
  constructor({ delimiter, newline }: Dialect, width: number) {
    this.#width = width;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = newline.charCodeAt(0);
  }

  /** Row number of the record before which the last scan ended. */
  get row(): number {
    return this.#row;
  }

  /** Scans bytes that begin where a record does. */
  scan(bytes: Uint8Array): Scanned {
    let count = 0;
    let end = 0;
    for (;;) {
      this.#reserve(count + 1);
      const next = this.#record(bytes, end, 2 * count * this.#width);
      if (this.#found === 'unfinished' || this.#found === 'other') break;
      if (this.#found === 'record') this.#rows[count++] = this.#row;
      this.#row += 1;
      end = next;
    }
    const bounds = this.#bounds.subarray(0, 2 * count * this.#width);
    return { count, bounds, rows: this.#rows.subarray(0, count), end, stopped: this.#found === 'other' };
  }

  /** Notes the fields of the record that starts at `start`, from bounds[into] on; returns where the next one starts. */
  #record(bytes: Uint8Array, start: number, into: number): number {
    const { length } = bytes;
    const [delimiter, newline, width, bounds] = [this.#delimiter, this.#newline, this.#width, this.#bounds];
    let at = start;
    for (let field = 0; field < width; field++) {
      let from = at;
      let to: number;
      if (bytes[at] === QUOTE) {
        from = at + 1;
        to = bytes.indexOf(QUOTE, from);
        if (to === -1) return this.#end('unfinished');
        at = to + 1;
        // the last field's closing quote may be followed by CRLF
        if (newline === LF && bytes[at] === CR && (at + 1 >= length || bytes[at + 1] === LF)) at += 1;
        if (at >= length) return this.#end('unfinished');
      } else {
        while (at < length && bytes[at] !== delimiter && bytes[at] !== newline) at += 1;
        if (at >= length) return this.#end('unfinished');
        to = newline === LF && at > from && bytes[at] === LF && bytes[at - 1] === CR ? at - 1 : at;
        if (field === 0 && to === from && bytes[at] === newline) return this.#end('blank', at + 1);
      }
      if (bytes[at] !== (field === width - 1 ? newline : delimiter)) return this.#end('other');
      bounds[into + 2 * field] = from;
      bounds[into + 2 * field + 1] = to;
      at += 1;
    }
    // a line of white space is blank where there is one column: seldom, and not for bytes to tell
    if (width === 1 && !isInk(bytes, bounds[into]!, bounds[into + 1]!)) return this.#end('other');
    return this.#end('record', at);
  }

  #end(found: Found, next = 0): number {
    this.#found = found;
    return next;
  }

  #reserve(records: number): void {
    if (records > this.#rows.length) {
      const grown = new Int32Array(2 * records);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const needed = 2 * records * this.#width;
    if (needed > this.#bounds.length) {
      const grown = new Int32Array(2 * needed);
      grown.set(this.#bounds);
      this.#bounds = grown;
    }
  }
}

/** Whether a cell surely begins with no white space. */
function isInk(bytes: Uint8Array, from: number, to: number): boolean {
  const first = bytes[from]!;
  return to > from && first > SPACE && first < NOT_ASCII;
}
