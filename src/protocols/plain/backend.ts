/**
 * Backend `plain`: one party that holds every value in the clear. The oracle of the tests; the node binary
 * cannot load it (test/layers.test.ts forbids the import from src/server).
 */
import { PLAIN } from '../../core/scheme.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { BIT, type Bounds } from '../../share/bounds.js';
import { ArithmeticShare, BinaryShare, latest } from '../../share/shares.js';
import { type AndTerm, type Backend, type CarrySpans, type ProductSums, shapeOfTerms } from '../backend.js';
import type { Context } from '../context.js';

export class PlainBackend implements Backend {
  readonly scheme = PLAIN;
  readonly self = 0;
  readonly held = [0] as const;

  async input<W extends RingWidth>(
    ctx: Context,
    _from: number,
    values: RingVector | undefined,
    shape: { readonly width: W; readonly length: number; readonly bounds: Bounds },
  ): Promise<ArithmeticShare<W>> {
    ctx.claim();
    if (values === undefined) throw new TypeError('input: the dealer gives the values');
    return new ArithmeticShare({ ...shape, held: this.held, parts: [values], clock: 0 });
  }

  async multiply<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    y: ArithmeticShare<W>,
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>> {
    ctx.claim();
    return x.with({ bounds, clock: latest(x, y), parts: [kernels.multiply(vectorOf(x), vectorOf(y))] });
  }

  async innerProducts<W extends RingWidth>(
    ctx: Context,
    xs: readonly ArithmeticShare<W>[],
    ys: readonly ArithmeticShare<W>[],
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>> {
    const [template] = xs;
    if (template === undefined) throw new RangeError('inner products of no vector');
    const sums = this.productSums(template.width, xs.length, ys.length);
    await sums.add(xs, ys);
    return await sums.finish(ctx, bounds);
  }

  productSums<W extends RingWidth>(width: W, xs: number, ys: number): ProductSums<W> {
    let sums = RingVector.zeros(width, xs * ys);
    let clock = 0;
    return {
      add: async (lefts, rights) => {
        clock = Math.max(clock, latest(...lefts, ...rights));
        const products = lefts.flatMap((x) =>
          rights.map((y) => kernels.sum(kernels.multiply(vectorOf(x), vectorOf(y)))),
        );
        if (products.length > 0) sums = kernels.add(sums, RingVector.concat(products));
      },
      finish: async (ctx, bounds) => {
        ctx.claim();
        return new ArithmeticShare({
          width,
          bounds,
          length: sums.length,
          held: this.held,
          parts: [sums],
          clock,
        });
      },
    };
  }

  async and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
    ctx.claim();
    return this.#bits(BitMatrix.stack(terms.map(andOf)), shapeOfTerms(terms).clock);
  }

  /** A sum of one operand, which has no carry. */
  async carrySpans<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<CarrySpans> {
    ctx.claim();
    const none = this.#bits(BitMatrix.zeros(0, x.length), x.clock);
    const top = this.#bits(kernels.toBits(vectorOf(x), k).row(k - 1), x.clock);
    return { top, generate: none, propagate: none };
  }

  async zeroBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<BinaryShare> {
    ctx.claim();
    return this.#bits(kernels.not(kernels.toBits(vectorOf(x), k)), x.clock);
  }

  /** Bits above b that are equal to bit b: all of them where -2^b <= x < 2^b. */
  async bandBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, b: number): Promise<BinaryShare> {
    ctx.claim();
    const bits = kernels.toBits(vectorOf(x), x.width);
    const high = bits.rowsBetween(b + 1, x.width);
    const sign = BitMatrix.stack(Array.from({ length: high.rows }, () => bits.row(b)));
    return this.#bits(kernels.not(kernels.xor(high, sign)), x.clock);
  }

  async bitToRing<W extends RingWidth>(
    ctx: Context,
    bit: BinaryShare,
    width: W,
  ): Promise<ArithmeticShare<W>> {
    ctx.claim();
    const parts = [kernels.expandBit(bitsOf(bit), width)];
    return new ArithmeticShare({
      width,
      length: bit.length,
      bounds: BIT,
      held: this.held,
      parts,
      clock: bit.clock,
    });
  }

  async lift(ctx: Context, x: ArithmeticShare<64>): Promise<ArithmeticShare<128>> {
    ctx.claim();
    const { length, bounds, held, clock } = x;
    return new ArithmeticShare({
      width: 128,
      length,
      bounds,
      held,
      clock,
      parts: [kernels.extend(vectorOf(x), 128)],
    });
  }

  async refresh<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<ArithmeticShare<W>> {
    ctx.claim();
    return x;
  }

  async open<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<RingVector> {
    ctx.claim();
    return vectorOf(x);
  }

  async openBits(ctx: Context, x: BinaryShare): Promise<BitMatrix> {
    ctx.claim();
    return bitsOf(x);
  }

  #bits(bits: BitMatrix, clock: number): BinaryShare {
    return new BinaryShare({ rows: bits.rows, length: bits.length, held: this.held, parts: [bits], clock });
  }
}

function vectorOf<W extends RingWidth>(x: ArithmeticShare<W>): RingVector {
  const [vector] = x.parts;
  if (vector === undefined) throw new RangeError('a plain share has one part');
  return vector;
}

function bitsOf(x: BinaryShare): BitMatrix {
  const [bits] = x.parts;
  if (bits === undefined) throw new RangeError('a plain share has one part');
  return bits;
}

function andOf({ x, y, plus }: AndTerm): BitMatrix {
  const product = kernels.and(bitsOf(x), bitsOf(y));
  return plus === undefined ? product : kernels.xor(product, bitsOf(plus));
}
