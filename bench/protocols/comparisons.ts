/**
 * Order and equality of 64-bit ring elements.
 *
 * `less-than-k` is the sign of a difference that is proved to need exactly k bits: x and y lie in
 * [-2^(k-2), 2^(k-2)). `equal-k` compares values in [0, 2^k), whose difference is 0 exactly where its low k bits are.
 */
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { equals } from '../../src/protocols/equality.js';
import { lessThan } from '../../src/protocols/less-than.js';
import type { ProtocolBench } from './protocol-bench.js';
import { signed, signedView, unsigned, withTies } from './values.js';

export function lessThanBench(k: 16 | 32 | 64): ProtocolBench {
  const half = 2n ** BigInt(k - 2);
  const bounds = { min: -half, max: half - 1n };
  const valuesOf = (name: string, n: number) => signed(name, n, k - 2);
  return {
    name: `less-than-${k}`,
    about: `x < y, where x - y needs ${k} bits`,
    items: 1_000_000,
    repeat: 1,
    prepare(deal, n) {
      const x = deal.ring({ name: 'x', length: n, bounds, values: () => valuesOf('x', n) });
      const y = deal.ring({
        name: 'y',
        length: n,
        bounds,
        values: () => withTies(valuesOf('x', n), valuesOf('y', n)),
      });
      return (ctx) => lessThan(ctx.step('less-than'), x, y);
    },
    expected(n) {
      const x = signedView(valuesOf('x', n));
      const y = signedView(withTies(valuesOf('x', n), valuesOf('y', n)));
      return packed(n, (i) => x[i]! < y[i]!);
    },
  };
}

export function equalBench(k: 32): ProtocolBench {
  const bounds = { min: 0n, max: 2n ** BigInt(k) - 1n };
  const valuesOf = (name: string, n: number) => unsigned(name, n, k);
  return {
    name: `equal-${k}`,
    about: `x = y for ${k}-bit values`,
    items: 1_000_000,
    repeat: 1,
    prepare(deal, n) {
      const x = deal.ring({ name: 'x', length: n, bounds, values: () => valuesOf('x', n) });
      const y = deal.ring({
        name: 'y',
        length: n,
        bounds,
        values: () => withTies(valuesOf('x', n), valuesOf('y', n)),
      });
      return (ctx) => equals(ctx.step('equal'), x, y);
    },
    expected(n) {
      const x = valuesOf('x', n);
      const y = withTies(x, valuesOf('y', n));
      return packed(n, (i) => x.data[i] === y.data[i]);
    },
  };
}

/** A row of bits from their positions. */
function packed(n: number, isSet: (i: number) => boolean): BitMatrix {
  const out = BitMatrix.zeros(1, n);
  const bytes = out.bytes();
  for (let i = 0; i < n; i++) if (isSet(i)) bytes[i >> 3] = bytes[i >> 3]! | (1 << (i & 7));
  return out;
}
