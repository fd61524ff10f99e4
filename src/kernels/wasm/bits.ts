/** Bitwise kernels in WebAssembly; contracts in `Kernels`. */
import { BitMatrix, clearTails, wordsPerRow } from '../bit-matrix.js';
import type { Kernels } from '../kernels.js';
import { checkAlike, checkSameShape, checkWords } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import { blockwise } from './blockwise.js';
import type { WasmModule } from './module.js';
import { slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type Bits = Pick<Kernels, 'xor' | 'xorElements' | 'and' | 'not' | 'xorConstantRows' | 'andReplicatedInto'>;

export function wasmBits(module: WasmModule, shortest: Shortest): Bits {
  const { scratch, words } = module;

  const pairwise =
    (name: 'xor' | 'and') =>
    (a: BitMatrix, b: BitMatrix): BitMatrix => {
      if (a.words.length < shortest.words) return reference[name](a, b);
      checkSameShape(a, b);
      const out = BitMatrix.uninitialised(a.rows, a.length);
      const kernel = words[`${name}Words`];
      blockwise(scratch, [a.words, b.words], out.words, (bytes) => kernel(slot(0), slot(1), slot(2), bytes));
      return out;
    };

  const flip = (from: BigUint64Array, to: BigUint64Array): void =>
    blockwise(scratch, [from], to, (bytes) => words.notWords(slot(0), slot(1), bytes));

  return {
    xor: pairwise('xor'),
    and: pairwise('and'),

    xorElements(x, y) {
      if (x.length < shortest.bits) return reference.xorElements(x, y);
      checkAlike(x, y);
      const out = RingVector.uninitialised(x.width, x.length);
      blockwise(scratch, [x.data, y.data], out.data, (bytes) =>
        words.xorWords(slot(0), slot(1), slot(2), bytes),
      );
      return out;
    },

    not(a) {
      if (a.words.length < shortest.words) return reference.not(a);
      const out = BitMatrix.uninitialised(a.rows, a.length);
      flip(a.words, out.words);
      clearTails(out);
      return out;
    },

    xorConstantRows(a, bits) {
      if (wordsPerRow(a.length) < shortest.words) return reference.xorConstantRows(a, bits);
      if (bits.length !== a.rows) throw new RangeError(`${bits.length} bits for ${a.rows} rows`);
      const out = new BitMatrix(a.rows, a.length, a.words.slice());
      bits.forEach((bit, row) => {
        if (bit === 1) flip(a.row(row).words, out.row(row).words);
      });
      clearTails(out);
      return out;
    },

    andReplicatedInto(a0, a1, b0, b1, extra, plus, minus, out) {
      if (out.length < shortest.words) {
        reference.andReplicatedInto(a0, a1, b0, b1, extra, plus, minus, out);
        return;
      }
      const operands = [a0, a1, b0, b1, plus, minus, ...(extra === undefined ? [] : [extra])];
      checkWords(out, operands);
      const [first, second, third, fourth, fifth, sixth] = [0, 1, 2, 3, 4, 5].map(slot) as Slots;
      const result = slot(operands.length);
      blockwise(scratch, operands, out, (bytes) => {
        words.andReplicatedWords(first, second, third, fourth, fifth, sixth, result, bytes);
        if (extra !== undefined) words.xorWords(slot(6), result, result, bytes);
      });
    },
  };
}

type Slots = [number, number, number, number, number, number];
