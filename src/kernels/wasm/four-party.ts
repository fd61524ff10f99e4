/** The products of one of four parties in WebAssembly; contracts in `Kernels`. */
import type { Kernels, ProductTerms } from '../kernels.js';
import { checkAlike, checkProductTerms, checkRingTerms } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import type { RingVector } from '../ring-vector.js';
import { blockwise } from './blockwise.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type FourParty = Pick<Kernels, 'multiplyTermsInto' | 'andTermsInto' | 'addInto' | 'subtractInto' | 'xorInto'>;

/** Three messages, then three sums. */
const MESSAGE_SLOT = 9;
const STEP = slot(1) - slot(0);
const [X, Y, MASKS, MESSAGES, SUMS, PLUS] = [0, 3, 6, MESSAGE_SLOT, 12, 15].map(slot) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

type Words = Uint32Array | BigUint64Array;

export function wasmFourParty(module: WasmModule, shortest: Shortest): FourParty {
  const { scratch, words } = module;

  const inPieces = (
    { x, y, masks, plus, messages, sums }: ProductTerms<Words>,
    add: (x: number, y: number, out: number, bytes: number) => void,
    run: (bytes: number) => void,
  ): void => {
    const sources = [...x, ...y, ...masks].map(bytesOf);
    const added = plus.map((own) => own.map(bytesOf));
    const targets = [...messages, ...sums].map(bytesOf);
    const total = targets[0]!.length;
    for (let start = 0; start < total; start += BLOCK) {
      const end = Math.min(total, start + BLOCK);
      const bytes = end - start;
      sources.forEach((source, k) => scratch.put(X + k * STEP, source, start, end));
      added.forEach((own, k) => {
        const sum = SUMS + k * STEP;
        if (own.length === 0) scratch.clear(sum, bytes);
        own.forEach((vector, i) => {
          scratch.put(i === 0 ? sum : PLUS, vector, start, end);
          if (i > 0) add(sum, PLUS, sum, bytes);
        });
      });
      run(bytes);
      targets.forEach((target, k) => scratch.takeBlock(MESSAGE_SLOT + k, target, start, bytes));
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
      const { x, y, masks, plus, crossed, messages, sums } = terms;
      const { width, length } = x[0];
      if (length < shortest[width].replicated) {
        reference.multiplyTermsInto(terms);
        return;
      }
      checkRingTerms(terms);
      const data = ([a, b, c]: typeof x) => [a.data, b.data, c.data] as const;
      const of = {
        x: data(x),
        y: data(y),
        masks: data(masks),
        plus: [plus[0], plus[1], plus[2]].map((own) => own.map((vector) => vector.data)),
        crossed,
        messages: data(messages),
        sums: data(sums),
      };
      const { add } = module.of(width);
      const flag = crossed ? 1 : 0;
      const kernel = width === 32 ? words.productTerms32 : words.productTerms64;
      inPieces(of as unknown as ProductTerms<Words>, add, (bytes) => {
        if (width === 128) productTerms128(crossed, bytes);
        else kernel(X, Y, MASKS, MESSAGES, SUMS, STEP, flag, bytes);
      });
    },

    andTermsInto(terms) {
      if (terms.x[0].length < shortest.words) {
        reference.andTermsInto(terms);
        return;
      }
      checkProductTerms(terms, (each) => each);
      const flag = terms.crossed ? 1 : 0;
      inPieces(terms, words.xorWords, (bytes) =>
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
