/** Kernels that move elements to other places; contracts in `Kernels`. */
import { RingVector } from '../ring-vector.js';
import { checkIndices } from './checks.js';
import { limbsOf } from './loops.js';

export function gather(x: RingVector, indices: Uint32Array): RingVector {
  checkIndices(indices, x.length);
  const out = RingVector.zeros(x.width, indices.length);
  const [from, to] = [limbsOf(x), limbsOf(out)];
  const limbs = x.width / 32;
  for (let i = 0; i < indices.length; i++) {
    const source = indices[i]! * limbs;
    for (let limb = 0; limb < limbs; limb++) to[i * limbs + limb] = from[source + limb]!;
  }
  return out;
}

export function scatter(x: RingVector, indices: Uint32Array): RingVector {
  if (indices.length !== x.length) throw new RangeError(`${indices.length} indices for ${x.length} elements`);
  checkIndices(indices, x.length);
  const out = RingVector.zeros(x.width, x.length);
  const [from, to] = [limbsOf(x), limbsOf(out)];
  const limbs = x.width / 32;
  for (let i = 0; i < indices.length; i++) {
    const target = indices[i]! * limbs;
    for (let limb = 0; limb < limbs; limb++) to[target + limb] = from[i * limbs + limb]!;
  }
  return out;
}
