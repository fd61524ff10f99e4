/** The products of one of four parties in WebAssembly; contracts in `Kernels`. */
import type { Kernels, ProductTerms, Three } from '../kernels.js';
import { checkAlike, checkProductTerms, checkRingTerms, checkXorTerms } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import type { RingVector } from '../ring-vector.js';
import { blockwise } from './blockwise.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type FourParty = Pick<
  Kernels,
  'multiplyTermsInto' | 'xorTermsInto' | 'andTermsInto' | 'addInto' | 'subtractInto' | 'xorInto'
>;

/** The first of three slots of each. */
const [X_SLOT, Y_SLOT, MASK_SLOT, MESSAGE_SLOT, SUM_SLOT] = [0, 3, 6, 9, 12];
const STEP = slot(1) - slot(0);
const [X, Y, MASKS, MESSAGES, SUMS, PLUS] = [X_SLOT, Y_SLOT, MASK_SLOT, MESSAGE_SLOT, SUM_SLOT, 15].map(
  slot,
) as [number, number, number, number, number, number];

/** Slots of what belongs to the mixed terms alone. */
const [MIXED_MASK_SLOT, MIXED_MESSAGE_SLOT] = [MASK_SLOT + 1, MESSAGE_SLOT + 1];

type Words = Uint32Array | BigUint64Array;

/** Vectors in slots that follow each other. */
interface Placed {
  readonly first: number;
  readonly vectors: readonly Words[];
}

interface Pieces {
  readonly sources: readonly Placed[];
  readonly messages: Placed;
  readonly sums: readonly Words[];
  /** What the sums begin with. */
  readonly plus: Three<readonly Words[]>;
}

export function wasmFourParty(module: WasmModule, shortest: Shortest): FourParty {
  const { scratch, words } = module;

  const inPieces = (
    { sources, messages, sums, plus }: Pieces,
    add: (x: number, y: number, out: number, bytes: number) => void,
    run: (bytes: number) => void,
  ): void => {
    const placed = ({ first, vectors }: Placed): (readonly [number, Uint8Array])[] =>
      vectors.map((own, k) => [first + k, bytesOf(own)]);
    const read = sources.flatMap(placed);
    const added = plus.map((own) => own.map(bytesOf));
    const written = [messages, { first: SUM_SLOT, vectors: sums }].flatMap(placed);
    const total = sums[0]!.byteLength;
    for (let start = 0; start < total; start += BLOCK) {
      const end = Math.min(total, start + BLOCK);
      const bytes = end - start;
      for (const [at, source] of read) scratch.put(slot(at), source, start, end);
      added.forEach((own, k) => {
        const sum = SUMS + k * STEP;
        if (own.length === 0) scratch.clear(sum, bytes);
        own.forEach((vector, i) => {
          scratch.put(i === 0 ? sum : PLUS, vector, start, end);
          if (i > 0) add(sum, PLUS, sum, bytes);
        });
      });
      run(bytes);
      for (const [at, target] of written) scratch.takeBlock(at, target, start, bytes);
    }
  };

  /** Of 128 bits, by kernels of one operation. */
  const productTerms128 = (crossed: boolean, bytes: number): void => {
    const { add, subtract, multiply } = module.of(128);
    const at = (address: number, k: number): number => address + k * STEP;
    add(at(X, 0), at(X, 1), at(MESSAGES, 1), bytes);
    add(at(Y, 0), at(Y, 1), at(MESSAGES, 2), bytes);
    multiply(at(MESSAGES, 1), at(MESSAGES, 2), at(MESSAGES, 0), bytes);
    for (const k of [0, 1]) {
      multiply(at(X, 2), at(Y, k), at(MESSAGES, k + 1), bytes);
      multiply(at(X, k), at(Y, 2), PLUS, bytes);
      add(at(MESSAGES, k + 1), PLUS, at(MESSAGES, k + 1), bytes);
    }
    for (const k of [0, 1, 2]) subtract(at(MESSAGES, k), at(MASKS, k), at(MESSAGES, k), bytes);
    const parts = crossed
      ? [at(MASKS, 0), at(MESSAGES, 1), at(MESSAGES, 0), at(MASKS, 2), at(MASKS, 1), at(MESSAGES, 2)]
      : [at(MASKS, 0), at(MASKS, 1), at(MESSAGES, 0), at(MESSAGES, 2), at(MESSAGES, 1), at(MASKS, 2)];
    parts.forEach((part, i) => add(at(SUMS, i >> 1), part, at(SUMS, i >> 1), bytes));
  };

  /** The same of `xorTermsInto`. */
  const xorTerms128 = (ones: Three<0 | 1>, crossed: boolean, bytes: number): void => {
    const { add, subtract, multiply } = module.of(128);
    const at = (address: number, k: number): number => address + k * STEP;
    for (const k of [0, 1] as const) {
      const message = at(MESSAGES, k + 1);
      scratch.clear(message, bytes);
      if (ones[2] === 1) add(message, at(X, k), message, bytes);
      if (ones[k] === 1) add(message, at(X, 2), message, bytes);
      multiply(at(X, k), at(X, 2), PLUS, bytes);
      subtract(message, PLUS, message, bytes);
      subtract(message, PLUS, message, bytes);
      subtract(message, at(MASKS, k + 1), message, bytes);
    }
    const parts = crossed
      ? [at(MESSAGES, 1), at(MASKS, 2), at(MASKS, 1), at(MESSAGES, 2)]
      : [at(MASKS, 1), at(MESSAGES, 2), at(MESSAGES, 1), at(MASKS, 2)];
    parts.forEach((part, i) => {
      const sum = at(SUMS, Math.min(i, 2));
      add(sum, part, sum, bytes);
    });
  };

  const inPlace =
    (name: 'add' | 'subtract') =>
    (sum: RingVector, x: RingVector): void => {
      if (x.length < shortest[x.width].pairwise) {
        reference[`${name}Into`](sum, x);
        return;
      }
      checkAlike(sum, x);
      const kernel = module.of(x.width)[name];
      blockwise(scratch, [sum.data, x.data], sum.data, (bytes) => kernel(slot(0), slot(1), slot(2), bytes));
    };

  return {
    multiplyTermsInto(terms) {
      const { width, length } = terms.x[0];
      if (length < shortest[width].replicated) {
        reference.multiplyTermsInto(terms);
        return;
      }
      checkRingTerms(terms);
      const { add } = module.of(width);
      const flag = terms.crossed ? 1 : 0;
      const kernel = width === 32 ? words.productTerms32 : words.productTerms64;
      inPieces(productPieces(terms, dataOf), add, (bytes) => {
        if (width === 128) productTerms128(terms.crossed, bytes);
        else kernel(X, Y, MASKS, MESSAGES, SUMS, STEP, flag, bytes);
      });
    },

    xorTermsInto(terms) {
      const { x, ones, masks, plus, crossed, messages, sums } = terms;
      const { width, length } = x[0];
      if (length < shortest[width].replicated) {
        reference.xorTermsInto(terms);
        return;
      }
      checkXorTerms(terms);
      const pieces = {
        sources: [
          { first: X_SLOT, vectors: x.map(dataOf) },
          { first: MIXED_MASK_SLOT, vectors: masks.map(dataOf) },
        ],
        messages: { first: MIXED_MESSAGE_SLOT, vectors: messages.map(dataOf) },
        sums: sums.map(dataOf),
        plus: ofEach(plus, dataOf),
      };
      const [maskAt, messageAt] = [slot(MIXED_MASK_SLOT), slot(MIXED_MESSAGE_SLOT)];
      const flag = crossed ? 1 : 0;
      const kernel = width === 32 ? words.xorTerms32 : words.xorTerms64;
      inPieces(pieces, module.of(width).add, (bytes) => {
        if (width === 128) xorTerms128(ones, crossed, bytes);
        else kernel(X, ...ones, maskAt, messageAt, SUMS, STEP, flag, bytes);
      });
    },

    andTermsInto(terms) {
      if (terms.x[0].length < shortest.words) {
        reference.andTermsInto(terms);
        return;
      }
      checkProductTerms(terms, (each) => each);
      const flag = terms.crossed ? 1 : 0;
      const pieces = productPieces(terms, (own) => own);
      inPieces(pieces, words.xorWords, (bytes) =>
        words.productTermsWords(X, Y, MASKS, MESSAGES, SUMS, STEP, flag, bytes),
      );
    },

    addInto: inPlace('add'),
    subtractInto: inPlace('subtract'),

    xorInto(sum, x) {
      if (x.byteLength !== sum.byteLength || x.byteLength < 8 * shortest.words) {
        reference.xorInto(sum, x);
        return;
      }
      blockwise(scratch, [sum, x], sum, (bytes) => words.xorWords(slot(0), slot(1), slot(2), bytes));
    },
  };
}

function dataOf({ data }: RingVector): Words {
  return data;
}

function ofEach<V>([first, second, lone]: Three<readonly V[]>, of: (vector: V) => Words): Pieces['plus'] {
  return [first.map(of), second.map(of), lone.map(of)];
}

function productPieces<V>(
  { x, y, masks, messages, sums, plus }: ProductTerms<V>,
  of: (vector: V) => Words,
): Pieces {
  return {
    sources: [
      { first: X_SLOT, vectors: x.map(of) },
      { first: Y_SLOT, vectors: y.map(of) },
      { first: MASK_SLOT, vectors: masks.map(of) },
    ],
    messages: { first: MESSAGE_SLOT, vectors: messages.map(of) },
    sums: sums.map(of),
    plus: ofEach(plus, of),
  };
}
