/** Inner products of pairs in WebAssembly; contract in `Kernels`. */
import type { Kernels, ReplicatedPair, Three } from '../kernels.js';
import { checkInnerProducts, checkInnerTerms } from '../reference/checks.js';
import type { RingVector, RingWidth } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, SLOTS, SMALL, slot } from './scratch.js';

/** Slots after those of the xs: a block of y, and of y0 + y1. */
const [Y0, Y1, BOTH] = [SLOTS - 3, SLOTS - 2, SLOTS - 1].map(slot) as [number, number, number];

/** Pairs of xs whose blocks are in the scratch memory together. */
const GROUP = Math.floor((SLOTS - 3) / 2);

/** The first of three slots of a triple's block of y; in the one after them its y0 + y1, where it is needed. */
const TERMS_Y = SLOTS - 4;

/** Triples of xs whose blocks are in the scratch memory together. */
const TERMS_GROUP = Math.floor(TERMS_Y / 3);

/** Between slots. */
const STEP = slot(1) - slot(0);

export function wasmInnerProducts(module: WasmModule): Pick<Kernels, 'addInnerProducts' | 'addInnerTerms'> {
  return {
    addInnerTerms(sums, xs, ys, start, end) {
      checkInnerTerms(sums, xs, ys, start, end);
      for (let first = 0; first < xs.length; first += TERMS_GROUP) {
        const group = xs.slice(first, first + TERMS_GROUP);
        addTermsOfGroup(module, sums, first * ys.length, group, ys, start, end);
      }
    },

    addInnerProducts(sums, xs, ys, start, end) {
      checkInnerProducts(sums, xs, ys, start, end);
      for (let first = 0; first < xs.length; first += GROUP) {
        const group = xs.slice(first, first + GROUP);
        const ofGroup = sums.slice(first * ys.length, (first + group.length) * ys.length);
        addGroup(module, ofGroup, group, ys, start, end);
      }
    },
  };
}

/** `addInnerProducts` for xs that fit into the scratch memory. */
function addGroup(
  module: WasmModule,
  sums: RingVector,
  xs: readonly ReplicatedPair[],
  ys: readonly ReplicatedPair[],
  start: number,
  end: number,
): void {
  const { scratch } = module;
  const kernel = module.of(sums.width);
  const size = sums.width / 8;
  const xBytes = xs.map(bytesOfPair);
  const yBytes = ys.map(bytesOfPair);
  const sumBytes = sums.bytes();
  for (let from = start * size; from < end * size; from += BLOCK) {
    const to = Math.min(end * size, from + BLOCK);
    const putPair = (pair: BytePair, first: number, second: number): void => {
      scratch.put(first, pair[0], from, to);
      scratch.put(second, pair[1], from, to);
    };
    xBytes.forEach((x, row) => putPair(x, slot(2 * row), slot(2 * row + 1)));
    ys.forEach((y, column) => {
      const shared = xs.indexOf(y);
      const [y0, y1] = shared < 0 ? [Y0, Y1] : [slot(2 * shared), slot(2 * shared + 1)];
      if (shared < 0) putPair(yBytes[column]!, Y0, Y1);
      if (xs.some((x) => x !== y)) kernel.add(y0, y1, BOTH, to - from);
      xs.forEach((x, row) => {
        const at = (row * ys.length + column) * size;
        const [x0, x1] = [slot(2 * row), slot(2 * row + 1)];
        scratch.put(SMALL, sumBytes, at, at + size);
        if (x === y) kernel.addSquares(x0, x1, SMALL, to - from);
        else kernel.addInnerProduct(x0, x1, BOTH, y0, SMALL, to - from);
        scratch.take(SMALL, sumBytes, at, size);
      });
    });
  }
}

/** `addInnerTerms` for xs that fit into the scratch memory. @param at where their sums begin. */
function addTermsOfGroup(
  module: WasmModule,
  sums: Three<RingVector>,
  at: number,
  xs: readonly Three<RingVector>[],
  ys: readonly Three<RingVector>[],
  start: number,
  end: number,
): void {
  const { scratch } = module;
  const size = sums[0].width / 8;
  const sumBytes = sums.map((own) => own.bytes());
  const bytesOfParts = (parts: Three<RingVector>): Uint8Array[] => parts.map((own) => own.bytes());
  const [xBytes, yBytes] = [xs.map(bytesOfParts), ys.map(bytesOfParts)];
  for (let from = start * size; from < end * size; from += BLOCK) {
    const to = Math.min(end * size, from + BLOCK);
    const putParts = (parts: readonly Uint8Array[], first: number): void => {
      for (const [k, part] of parts.entries()) scratch.put(slot(first + k), part, from, to);
    };
    for (const [row, parts] of xBytes.entries()) putParts(parts, 3 * row);
    for (const [column, parts] of yBytes.entries()) {
      putParts(parts, TERMS_Y);
      for (const row of xs.keys()) {
        const cell = (at + row * ys.length + column) * size;
        for (const [k, own] of sumBytes.entries())
          scratch.put(SMALL + k * size, own, cell, cell + size, size);
        innerTerms(module, sums[0].width, slot(3 * row), to - from);
        for (const [k, own] of sumBytes.entries()) scratch.take(SMALL + k * size, own, cell, size);
      }
    }
  }
}

/** One block of x, and that of y, into the sums at `SMALL`. */
function innerTerms(module: WasmModule, width: RingWidth, x: number, bytes: number): void {
  const { words } = module;
  const y = slot(TERMS_Y);
  if (width === 32) words.innerTerms32(x, y, STEP, SMALL, bytes);
  else if (width === 64) words.innerTerms64(x, y, STEP, SMALL, bytes);
  else {
    const { addInnerProduct, add } = module.of(width);
    const [x0, x1, x2] = [x, x + STEP, x + 2 * STEP];
    const [y0, y1, y2] = [y, y + STEP, y + 2 * STEP];
    addInnerProduct(x2, x0, y0, y2, SMALL + 16, bytes);
    addInnerProduct(x2, x1, y1, y2, SMALL + 32, bytes);
    add(y0, y1, BOTH, bytes);
    addInnerProduct(x0, x1, BOTH, BOTH, SMALL, bytes);
  }
}

type BytePair = readonly [Uint8Array, Uint8Array];

function bytesOfPair([first, second]: ReplicatedPair): BytePair {
  return [first.bytes(), second.bytes()];
}
