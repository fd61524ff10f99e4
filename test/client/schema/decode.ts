/** The inverse of the encoder, written on its own from the definition of the encoding: test oracle. */
import type { EncodedColumn } from '../../../src/client/schema/encode.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { formatDay, formatDecimal } from '../../../src/share/schema.js';

/** Canonical text of each slot, undefined where missing; identifiers as the hexadecimal of their key. */
export function decodeColumn({ column, values, validity }: EncodedColumn): (string | undefined)[] {
  return Array.from({ length: values.length }, (_, i) => {
    const value = values instanceof BitMatrix ? BigInt(values.get(0, i)) : values.get(i);
    if (validity !== undefined && validity.get(0, i) === 0) {
      if (value !== 0n) throw new Error(`missing slot ${i} is not 0`);
      return undefined;
    }
    const { type } = column;
    switch (type.kind) {
      case 'integer':
      case 'decimal':
        return formatDecimal(value + type.min, type.digits);
      case 'date':
        return formatDay(value + type.min);
      case 'category':
        return type.labels[Number(value)]!;
      case 'boolean':
        return (value === 1n ? type.true : type.false)[0]!;
      case 'identifier':
        // two little-endian words: the bytes of the key in order
        return Buffer.from(value.toString(16).padStart(32, '0'), 'hex').reverse().toString('hex');
    }
  });
}
