/**
 * Below which length a kernel's reference is as fast as the way through the scratch memory, which costs about a
 * microsecond (inner products are faster there at any length). Measured by bench/kernels.ts; decision 0007.
 */
import type { RingWidth } from '../ring-vector.js';

interface OfWidth {
  /** Elements of operations on one or two vectors. */
  readonly pairwise: number;
  /** Elements of a replicated product. */
  readonly replicated: number;
  /** Multiplications of a matrix product. */
  readonly products: number;
}

export type Shortest = Readonly<Record<RingWidth, OfWidth>> & {
  /** Words of bitwise operations. */
  readonly words: number;
  /** Words of a row of a span. */
  readonly spans: number;
  /** Elements of conversions. */
  readonly bits: number;
};

export const SHORTEST: Shortest = {
  32: { pairwise: 512, replicated: 256, products: 2048 },
  64: { pairwise: 512, replicated: 256, products: 1024 },
  128: { pairwise: 64, replicated: 16, products: 256 },
  words: 256,
  spans: 16,
  bits: 128,
};

/** Never the reference, for tests. */
export const ALWAYS: Shortest = {
  32: { pairwise: 0, replicated: 0, products: 0 },
  64: { pairwise: 0, replicated: 0, products: 0 },
  128: { pairwise: 0, replicated: 0, products: 0 },
  words: 0,
  spans: 0,
  bits: 0,
};
