/** AND of bits, and bits as integers. */
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { bitToRing } from '../../src/protocols/convert.js';
import { and } from '../../src/protocols/logic.js';
import type { ProtocolBench } from './protocol-bench.js';
import { bits } from './values.js';

const WORD = 64;

export const andBench: ProtocolBench = {
  name: 'and',
  about: 'AND of 64-bit words',
  items: 1_000_000,
  repeat: 1,
  prepare(deal, n) {
    const secret = (name: string) =>
      deal.bits({ name, length: WORD * n, values: () => bits(name, WORD * n) });
    const [x, y] = [secret('x'), secret('y')];
    return (ctx) => and(ctx.step('and'), x, y);
  },
  expected(n) {
    const y = bits('y', WORD * n).words;
    return new BitMatrix(
      1,
      WORD * n,
      bits('x', WORD * n).words.map((word, i) => word & y[i]!),
    );
  },
};

export const bitToRingBench: ProtocolBench = {
  name: 'b2a',
  about: 'bits to 0/1 values of the 64-bit ring',
  items: 1_000_000,
  repeat: 1,
  prepare(deal, n) {
    const bit = deal.bits({ name: 'bit', length: n, values: () => bits('bit', n) });
    return (ctx) => bitToRing(ctx.step('b2a'), bit, 64);
  },
  expected(n) {
    const { words } = bits('bit', n);
    return new RingVector(
      64,
      new BigUint64Array(n).map((_, i) => (words[Math.floor(i / WORD)]! >> BigInt(i % WORD)) & 1n),
    );
  },
};
