/** Elementwise arithmetic and sums in WebAssembly; contracts in `Kernels`. */
import type { Kernels } from '../kernels.js';
import { checkAlike, checkApart } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import { blockwise } from './blockwise.js';
import type { WasmModule } from './module.js';
import { BLOCK, SMALL, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

const [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH] = [0, 1, 2, 3, 4, 5, 6].map(slot) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

type Arithmetic = Pick<
  Kernels,
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'negate'
  | 'addConstant'
  | 'scale'
  | 'sum'
  | 'sumRange'
  | 'prefixSum'
  | 'multiplyReplicatedInto'
>;

export function wasmArithmetic(module: WasmModule, shortest: Shortest): Arithmetic {
  const { scratch } = module;

  const pairwise =
    (name: 'add' | 'subtract' | 'multiply') =>
    (x: RingVector, y: RingVector): RingVector => {
      if (x.length < shortest[x.width].pairwise) return reference[name](x, y);
      checkAlike(x, y);
      const out = RingVector.uninitialised(x.width, x.length);
      const kernel = module.of(x.width)[name];
      blockwise(scratch, [x.data, y.data], out.data, (bytes) => kernel(FIRST, SECOND, THIRD, bytes));
      return out;
    };

  const withConstant =
    (name: 'addConstant' | 'scale') =>
    (x: RingVector, c: bigint): RingVector => {
      if (x.length < shortest[x.width].pairwise) return reference[name](x, c);
      const out = RingVector.uninitialised(x.width, x.length);
      const kernel = module.of(x.width)[name];
      const constant = RingVector.fromBigInts(x.width, [c]).bytes();
      scratch.put(SMALL, constant, 0, constant.length);
      blockwise(scratch, [x.data], out.data, (bytes) => kernel(FIRST, SMALL, SECOND, bytes));
      return out;
    };

  const sum = (x: RingVector): RingVector => {
    if (x.length < shortest[x.width].pairwise) return reference.sum(x);
    const out = RingVector.zeros(x.width, 1);
    const kernel = module.of(x.width).sum;
    const source = x.bytes();
    scratch.clear(SMALL, 16);
    for (let start = 0; start < source.length; start += BLOCK) {
      const end = Math.min(source.length, start + BLOCK);
      scratch.put(FIRST, source, start, end);
      kernel(FIRST, SMALL, end - start);
    }
    scratch.take(SMALL, out.bytes(), 0, out.byteLength);
    return out;
  };

  const scale = withConstant('scale');
  return {
    add: pairwise('add'),
    subtract: pairwise('subtract'),
    multiply: pairwise('multiply'),
    negate: (x) => scale(x, -1n),
    addConstant: withConstant('addConstant'),
    scale,
    sum,
    sumRange: (x, start, end) => sum(x.slice(start, end)),

    prefixSum(x) {
      if (x.length < shortest[x.width].pairwise) return reference.prefixSum(x);
      const out = RingVector.uninitialised(x.width, x.length);
      const kernel = module.of(x.width).prefixSum;
      scratch.clear(SMALL, 16);
      blockwise(scratch, [x.data], out.data, (bytes) => kernel(FIRST, SMALL, SECOND, bytes));
      return out;
    },

    multiplyReplicatedInto(x0, x1, y0, y1, plus, minus, out) {
      if (x0.length < shortest[x0.width].replicated) {
        reference.multiplyReplicatedInto(x0, x1, y0, y1, plus, minus, out);
        return;
      }
      const masks = [plus, minus].filter((mask) => mask !== undefined);
      checkAlike(x0, x1, y0, y1, out, ...masks);
      checkApart(out.data, ...[x0, x1, y0, y1, ...masks].map(({ data }) => data));
      const kernel = module.of(x0.width).multiplyReplicated;
      if (plus !== undefined && minus !== undefined) {
        const operands = [x0.data, x1.data, y0.data, y1.data, plus.data, minus.data];
        blockwise(scratch, operands, out.data, (bytes) =>
          kernel(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, bytes),
        );
        return;
      }
      const [mask = out] = masks;
      scratch.clear(SEVENTH, BLOCK);
      const [added, taken] =
        plus === undefined ? [SEVENTH, minus === undefined ? SEVENTH : FIFTH] : [FIFTH, SEVENTH];
      blockwise(scratch, [x0.data, x1.data, y0.data, y1.data, mask.data], out.data, (bytes) =>
        kernel(FIRST, SECOND, THIRD, FOURTH, added, taken, SIXTH, bytes),
      );
    },
  };
}
