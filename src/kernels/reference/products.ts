/** Replicated products into vectors that the caller owns; contracts in `Kernels`. */
import type { ReplicatedPair } from '../kernels.js';
import { RingVector } from '../ring-vector.js';
import { checkAlike, checkApart, checkInnerProducts } from './checks.js';
import { loopsOf, type RingLoops, type Words, wordsOf } from './loops.js';

/** Elements that are multiplied at a time, so that all pairs find them in the cache. */
const BLOCK = 1024;

export function multiplyReplicatedInto(
  x0: RingVector,
  x1: RingVector,
  y0: RingVector,
  y1: RingVector,
  plus: RingVector | undefined,
  minus: RingVector | undefined,
  out: RingVector,
): void {
  const masks = [plus, minus].filter((mask) => mask !== undefined);
  checkAlike(x0, x1, y0, y1, out, ...masks);
  checkApart(out.data, ...[x0, x1, y0, y1, ...masks].map(({ data }) => data));
  const none = masks.length === 2 ? x0 : RingVector.zeros(x0.width, x0.length);
  loopsOf(x0.width).multiplyReplicated(
    wordsOf(x0),
    wordsOf(x1),
    wordsOf(y0),
    wordsOf(y1),
    wordsOf(plus ?? none),
    wordsOf(minus ?? none),
    wordsOf(out),
  );
}

export function addInnerProducts(
  sums: RingVector,
  xs: readonly ReplicatedPair[],
  ys: readonly ReplicatedPair[],
  start: number,
  end: number,
): void {
  checkInnerProducts(sums, xs, ys, start, end);
  const loops = loopsOf(sums.width);
  const both = RingVector.zeros(sums.width, Math.min(BLOCK, end - start));
  for (let from = start; from < end; from += BLOCK) {
    const to = Math.min(end, from + BLOCK);
    const factor = wordsOf(both.slice(0, to - from));
    const piece = (x: RingVector): Words => wordsOf(x.slice(from, to));
    ys.forEach((y, column) => {
      loops.add(piece(y[0]), piece(y[1]), factor);
      xs.forEach((x, row) => {
        if (x === y) return;
        const sum = sumAt(sums, row * ys.length + column);
        addProduct(loops, piece(x[0]), factor, sum, to - from);
        addProduct(loops, piece(x[1]), piece(y[0]), sum, to - from);
      });
      xs.forEach((x, row) => {
        if (x !== y) return;
        loops.add(piece(x[1]), piece(x[1]), factor);
        loops.add(factor, piece(x[0]), factor);
        addProduct(loops, piece(x[0]), factor, sumAt(sums, row * ys.length + column), to - from);
      });
    });
  }
}

function sumAt(sums: RingVector, at: number): Words {
  return wordsOf(sums.slice(at, at + 1));
}

/** sum += the inner product of two blocks. */
function addProduct(loops: RingLoops, x: Words, y: Words, sum: Words, n: number): void {
  loops.addProducts(x, y, sum, { rows: 1, inner: n, columns: 1 }, 0, n);
}
