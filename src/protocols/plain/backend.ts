/**
 * Backend `plain`: one party that holds every value in the clear. The oracle of the tests; the node binary
 * cannot load it (test/layers.test.ts forbids the import from src/server).
 */
import { hmacSha256 } from '../../core/digest.js';
import { PLAIN } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix, clearTails } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { KEY_BYTES, Keystream } from '../../kernels/keystream.js';
import { randomPermutation } from '../../kernels/permutation.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { BIT, type Bounds } from '../../share/bounds.js';
import { ArithmeticShare, BinaryShare, type Column, latest } from '../../share/shares.js';
import {
  type AndTerm,
  type Backend,
  type CarrySpans,
  type DigitTables,
  type LookupShape,
  type ProductSums,
  type Rescaling,
  type Revealed,
  type Shuffle,
  type SineSeries,
  shapeOfTerms,
} from '../backend.js';
import { withParts } from '../columns.js';
import type { Context } from '../context.js';
import { bitBytes } from '../sizes.js';
import { uniformBelow } from '../uniform-below.js';
import { bitsOf, vectorOf } from './parts.js';
import { PlainProductSums, rescaled, seriesAt } from './product-sums.js';

export class PlainBackend implements Backend {
  readonly scheme = PLAIN;
  readonly self = 0;
  readonly held = [0] as const;
  readonly #seed: Uint8Array;

  /** @param seed of all that is random here, 32 bytes; by default a fresh one. */
  constructor(seed: Uint8Array = globalThis.crypto.getRandomValues(new Uint8Array(32))) {
    this.#seed = seed;
  }

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

  productSums<W extends RingWidth>(width: W, length: number): ProductSums<W> {
    return new PlainProductSums(this.held, width, length);
  }

  async rescale<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    ctx.claim();
    return rescaled(this.held, vectorOf(x), to, x.clock);
  }

  async sineSeries<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    ctx.claim();
    return seriesAt(this.held, vectorOf(x), series, to, x.clock);
  }

  async and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
    ctx.claim();
    return this.#bits(BitMatrix.stack(terms.map(andOf)), shapeOfTerms(terms).clock);
  }

  /** A sum of one operand, which has no carry. */
  async carrySpans<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    from: number,
    to: number,
  ): Promise<CarrySpans> {
    ctx.claim();
    const none = this.#bits(BitMatrix.zeros(0, x.length), x.clock);
    const halfSum = this.#bits(kernels.toBits(vectorOf(x), to).rowsBetween(from, to), x.clock);
    return { halfSum, spans: [], generate: none, propagate: none };
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

  async addends<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    k: number,
  ): Promise<readonly BinaryShare[]> {
    ctx.claim();
    return [this.#bits(kernels.toBits(vectorOf(x), k), x.clock)];
  }

  async lookup<W extends RingWidth>(
    ctx: Context,
    digits: readonly BinaryShare[],
    tables: readonly DigitTables[],
    { width, bounds, summed = false }: LookupShape<W>,
  ): Promise<ArithmeticShare<W>> {
    ctx.claim();
    const numbers = digits.map((digit) => kernels.fromBits(bitsOf(digit), 32).data as Uint32Array);
    const sums = tables.map((own) =>
      own
        .map((table, g) => kernels.gather(RingVector.fromBigInts(width, table), numbers[g] as Uint32Array))
        .reduce(kernels.add),
    );
    const vector = RingVector.concat(summed ? sums.map(kernels.sum) : sums);
    const { length } = vector;
    const { held } = this;
    return new ArithmeticShare({ width, length, bounds, held, parts: [vector], clock: latest(...digits) });
  }

  async unitVectors(ctx: Context, digit: BinaryShare): Promise<ArithmeticShare<32>> {
    ctx.claim();
    const length = (2 ** digit.rows - 1) * digit.length;
    const parts = [kernels.unitEntries(bitsOf(digit), RingVector.zeros(32, length))];
    return new ArithmeticShare({
      width: 32,
      length,
      bounds: BIT,
      held: this.held,
      parts,
      clock: digit.clock,
    });
  }

  randomBits(ctx: Context, rows: number, length: number): BinaryShare {
    const stream = this.#stream(ctx.claim());
    const bits = new BitMatrix(rows, length, new BigUint64Array(stream.next(bitBytes(rows, length)).buffer));
    clearTails(bits);
    return this.#bits(bits, 0);
  }

  randomSums<W extends RingWidth>(
    ctx: Context,
    modulus: bigint,
    width: W,
    length: number,
  ): ArithmeticShare<W> {
    const parts = [uniformBelow(this.#stream(ctx.claim()), modulus, width, length)];
    const bounds = { min: 0n, max: modulus - 1n };
    return new ArithmeticShare({ width, length, bounds, held: this.held, parts, clock: 0 });
  }

  drawShuffle(ctx: Context, length: number): PlainShuffle {
    return { length, permutation: randomPermutation(this.#stream(ctx.claim()), length) };
  }

  async permute<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    columns: C,
    direction: 'forward' | 'inverse',
  ): Promise<C> {
    ctx.claim();
    const move = direction === 'forward' ? kernels.gather : kernels.scatter;
    const { permutation } = shuffle as PlainShuffle;
    return withParts(columns, latest(...columns), (column) => [move(vectorOf(column), permutation)]);
  }

  async permuteAndReveal<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    order: ArithmeticShare<32>,
    columns: C,
  ): Promise<Revealed<C>> {
    const [shuffled, ...moved] = await this.permute(ctx, shuffle, [order, ...columns] as const, 'forward');
    return {
      order: vectorOf(shuffled).data as Uint32Array,
      clock: shuffled.clock,
      columns: moved as readonly Column[] as C,
    };
  }

  /** A stream of its own for each step. */
  #stream(step: StepPath): Keystream {
    return new Keystream(hmacSha256(this.#seed, step).subarray(0, KEY_BYTES));
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

interface PlainShuffle extends Shuffle {
  readonly permutation: Uint32Array;
}

function andOf({ x, y, plus }: AndTerm): BitMatrix {
  const product = kernels.and(bitsOf(x), bitsOf(y));
  return plus === undefined ? product : kernels.xor(product, bitsOf(plus));
}
