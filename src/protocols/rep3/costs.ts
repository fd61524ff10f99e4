/**
 * Cost formulas of the rep3 primitives: rounds and payload bytes sent by nodes 0, 1 and 2.
 *
 * The dry run adds these up; tests require the metered channel to measure exactly the same.
 */
import type { Cost } from '../../core/cost.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { carryRows, productRows, spansOf } from './spans.js';

/** A digest stands for a copy that is longer than itself. */
export const DIGEST_BYTES = 32;

function each(rounds: number, bytes: number): Cost {
  return { rounds, bytes: [bytes, bytes, bytes] };
}

export const rep3Costs = {
  input(from: number, width: RingWidth, n: number): Cost {
    return { rounds: 1, bytes: [0, 1, 2].map((node) => (node === from ? ringBytes(width, n) : 0)) };
  },
  multiply(width: RingWidth, n: number): Cost {
    return each(1, ringBytes(width, n));
  },
  and(rows: number, n: number): Cost {
    return each(1, bitBytes(rows, n));
  },
  /** Node 0 sends the highest bit and the spans' products in round 1; nodes 1 and 2 exchange carries in round 2. */
  carrySpans(k: number, n: number): Cost {
    const spans = spansOf(k - 1);
    const second = bitBytes(carryRows(spans), n);
    return { rounds: k > 1 ? 2 : 1, bytes: [bitBytes(1 + productRows(spans), n), second, second] };
  },
  zeroBits(k: number, n: number): Cost {
    return { rounds: 1, bytes: [bitBytes(k, n), 0, 0] };
  },
  /** Node 0 sends all width-b high rows in round 1; nodes 1 and 2 exchange all but the lowest in round 2. */
  bandBits(width: RingWidth, b: number, n: number): Cost {
    const second = bitBytes(width - b - 1, n);
    return { rounds: 2, bytes: [bitBytes(width - b, n), second, second] };
  },
  bitToRing(width: RingWidth, n: number): Cost {
    return each(2, ringBytes(width, n));
  },
  lift(n: number): Cost {
    return {
      rounds: 2,
      bytes: [
        ringBytes(64, n) + ringBytes(128, n),
        ringBytes(64, n) + ringBytes(128, n),
        2 * ringBytes(128, n),
      ],
    };
  },
  refresh(width: RingWidth, n: number): Cost {
    return each(1, ringBytes(width, n));
  },
  open(bytes: number): Cost {
    return each(1, bytes + Math.min(bytes, DIGEST_BYTES));
  },
};
