/** Products of a few rows of bits, and carries of spans made from them, in WebAssembly; contracts in `Kernels`. */
import type { Kernels, SpanCarries } from '../kernels.js';
import { checkApart, checkSpanRows, checkWords } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { checkCarry, checkSpanTerms } from '../reference/spans.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, type Scratch, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type Spans = Pick<Kernels, 'subsetProductsInto' | 'spanCarryInto' | 'spanTermsInto'>;

/** The slots of three rows, of the products of their seven subsets, and of what is made of them. */
const ROWS = 0;
const PRODUCTS = 3;
const GENERATE = 10;
const PROPAGATE = 11;

/** Three times the products of three bits, from the first slot on; then generate and propagate of two terms. */
const CARRIES = 21;

const STEP = slot(1) - slot(0);

/** A row that is missing: with no bit of u and all bits of v it makes no carry and passes each on. */
const MISSING = new Uint8Array(BLOCK).fill(255);

/** A row of memory that a kernel reads or writes, and its slot. */
interface Place {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

export function wasmSpans(module: WasmModule, shortest: Shortest): Spans {
  const { scratch, words } = module;
  return {
    subsetProductsInto(rows, masks, out) {
      if (out.length < shortest.spans * (2 ** rows.length - 1)) {
        reference.subsetProductsInto(rows, masks, out);
        return;
      }
      checkSpanRows(masks, rows);
      checkWords(out, [masks]);
      checkApart(out, ...rows);
      const read = [...rowPlaces(rows), ...productPlaces(masks, rows.length)];
      inBlocks(scratch, read, productPlaces(out, rows.length), (bytes) =>
        words.subsetProducts(slot(ROWS), slot(PRODUCTS), STEP, bytes),
      );
    },

    spanCarryInto(products, v, one, generate, propagate) {
      if (generate.length < shortest.spans) {
        reference.spanCarryInto(products, v, one, generate, propagate);
        return;
      }
      checkSpanRows(products, v);
      checkCarry(products, v, generate, propagate);
      const out = [{ slot: GENERATE, bytes: bytesOf(generate) }];
      if (propagate !== undefined) out.push({ slot: PROPAGATE, bytes: bytesOf(propagate) });
      inBlocks(scratch, [...rowPlaces(v), ...productPlaces(products, v.length)], out, (bytes) =>
        words.spanCarry(slot(ROWS), slot(PRODUCTS), STEP, one, slot(GENERATE), slot(PROPAGATE), bytes),
      );
    },

    spanTermsInto(bits, x, terms) {
      if (terms[0].out.generate.length < shortest.spans) {
        reference.spanTermsInto(bits, x, terms);
        return;
      }
      checkSpanTerms(bits, x, terms);
      const products = [x, ...terms.map(({ y }) => y)].flatMap((own, i) =>
        rowsFrom(i * (2 ** bits - 1), own, bits),
      );
      const masks = terms.flatMap(({ masks: own }, i) => carryPlaces(CARRIES + 2 * i, own));
      const out = terms.flatMap(({ out: own }, i) => carryPlaces(CARRIES + 2 * i, own));
      inBlocks(scratch, [...products, ...masks], out, (bytes) =>
        words.spanTerms(bits, slot(0), slot(CARRIES), STEP, bytes),
      );
    },
  };

  /** Fewer rows than three are the upper ones. */
  function rowPlaces(rows: readonly BigUint64Array[]): Place[] {
    const missing = 3 - rows.length;
    const filled = Math.min(BLOCK, rows[0]!.byteLength);
    for (let j = 0; j < missing; j++) scratch.put(slot(ROWS + j), MISSING, 0, filled);
    return rows.map((row, j) => ({ slot: ROWS + missing + j, bytes: bytesOf(row) }));
  }

  /** The products of one row are those of the subset 4 of three, the products of two those of 2, 4 and 6. */
  function productPlaces(products: BigUint64Array, rows: number): Place[] {
    const count = 2 ** rows - 1;
    const bytes = bytesOf(products);
    const rowBytes = bytes.length / count;
    const first = 2 ** (3 - rows);
    const places: Place[] = [];
    for (let subset = 1; subset < 8; subset++) {
      const at = (subset / first - 1) * rowBytes;
      if (subset % first === 0) {
        places.push({ slot: PRODUCTS + subset - 1, bytes: bytes.subarray(at, at + rowBytes) });
      } else {
        scratch.clear(slot(PRODUCTS + subset - 1), Math.min(BLOCK, rowBytes + 8));
      }
    }
    return places;
  }
}

/** The products of the subsets of so many bits, in slots from `first` on. */
function rowsFrom(first: number, products: BigUint64Array, bits: number): Place[] {
  const bytes = bytesOf(products);
  const count = 2 ** bits - 1;
  const length = bytes.length / count;
  return Array.from({ length: count }, (_, row) => ({
    slot: first + row,
    bytes: bytes.subarray(row * length, (row + 1) * length),
  }));
}

function carryPlaces(first: number, { generate, propagate }: SpanCarries): Place[] {
  const places = [{ slot: first, bytes: bytesOf(generate) }];
  if (propagate !== undefined) places.push({ slot: first + 1, bytes: bytesOf(propagate) });
  return places;
}

/** Runs a kernel on all blocks of rows of one length: puts those that it reads, takes those that it writes. */
function inBlocks(
  scratch: Scratch,
  read: readonly Place[],
  written: readonly Place[],
  run: (bytes: number) => void,
): void {
  const { length } = written[0]!.bytes;
  for (let start = 0; start < length; start += BLOCK) {
    const end = Math.min(length, start + BLOCK);
    for (const place of read) scratch.put(slot(place.slot), place.bytes, start, end);
    run(end - start);
    for (const place of written) scratch.takeBlock(place.slot, place.bytes, start, end - start);
  }
}
