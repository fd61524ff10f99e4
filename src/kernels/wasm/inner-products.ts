/** Inner products of pairs in WebAssembly; contract in `Kernels`. */
import type { Kernels, ReplicatedPair } from '../kernels.js';
import { checkInnerProducts } from '../reference/checks.js';
import type { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, SLOTS, SMALL, slot } from './scratch.js';

/** Slots after those of the xs: a block of y, and of y0 + y1. */
const [Y0, Y1, BOTH] = [SLOTS - 3, SLOTS - 2, SLOTS - 1].map(slot) as [number, number, number];

/** Pairs of xs whose blocks are in the scratch memory together. */
const GROUP = Math.floor((SLOTS - 3) / 2);

export function wasmInnerProducts(module: WasmModule): Pick<Kernels, 'addInnerProducts'> {
  return {
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

type BytePair = readonly [Uint8Array, Uint8Array];

function bytesOfPair([first, second]: ReplicatedPair): BytePair {
  return [first.bytes(), second.bytes()];
}
