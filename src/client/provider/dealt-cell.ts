/**
 * The parts of one cell, as they were dealt: for showing a person what splitting means. Only the provider can
 * do this, with the secret of its upload.
 */
import type { Scheme } from '../../core/scheme.js';
import { deriveSeed, expandRing, explicitPart } from '../../share/deal.js';

/**
 * The parts of the first row's value of a column that is dealt at 64 bits.
 *
 * @param uploadSecret 32 bytes.
 * @param value as it is stored: the distance from the declared minimum.
 * @returns a residue for each part; their sum is the value modulo 2^64.
 */
export function firstCellParts(
  scheme: Scheme,
  uploadSecret: Uint8Array,
  column: string,
  value: bigint,
): bigint[] {
  const chunk = 0;
  const explicit = explicitPart(scheme, chunk);
  const parts = scheme.parts.map((part) => {
    if (part === explicit) return 0n;
    const seed = deriveSeed(uploadSecret, { column, kind: 'values', part, chunk });
    return expandRing(seed, 64, 1).get(0);
  });
  const seeded = parts.reduce((sum, part) => sum + part, 0n);
  parts[explicit] = BigInt.asUintN(64, value - seeded);
  return parts;
}
