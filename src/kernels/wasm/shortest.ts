/**
 * Below which length a kernel's reference is as fast as the way through the scratch memory, which costs about a
 * microsecond. Measured by bench/kernels.ts; docs/decisions/0007.
 */
import type { RingWidth } from '../ring-vector.js';

interface OfWidth {
  /** Elements of operations on one or two vectors, and of inner products. */
  readonly pairwise: number;
  /** Elements of a replicated product. */
  readonly replicated: number;
  /** Multiplications of a matrix product. */
  readonly products: number;
}

export type Shortest = Readonly<Record<RingWidth, OfWidth>> & {
  /** Words of bitwise operations. */
  readonly words: number;
  /** Elements of conversions. */
  readonly bits: number;
};

export const SHORTEST: Shortest = {
  32: { pairwise: 1024, replicated: 1024, products: 4096 },
  64: { pairwise: 512, replicated: 512, products: 2048 },
  128: { pairwise: 64, replicated: 64, products: 256 },
  words: 512,
  bits: 128,
};

/** Never the reference, for tests. */
export const ALWAYS: Shortest = {
  32: { pairwise: 0, replicated: 0, products: 0 },
  64: { pairwise: 0, replicated: 0, products: 0 },
  128: { pairwise: 0, replicated: 0, products: 0 },
  words: 0,
  bits: 0,
};
