/** The one part of a plain share. */
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import type { BinaryShare } from '../../share/shares.js';

export function vectorOf(x: { readonly parts: readonly RingVector[] }): RingVector {
  const [vector] = x.parts;
  if (vector === undefined) throw new RangeError('a plain share has one part');
  return vector;
}

export function bitsOf(x: BinaryShare): BitMatrix {
  const [bits] = x.parts;
  if (bits === undefined) throw new RangeError('a plain share has one part');
  return bits;
}
