/**
 * Cost formulas of the rep3 primitives: rounds and payload bytes sent by nodes 0, 1 and 2.
 *
 * The dry run adds these up; tests require the metered channel to measure exactly the same.
 */
import type { Cost } from '../../core/cost.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { PrimitiveCosts } from '../primitive-costs.js';
import { correctionWidth } from '../rescaling.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { layoutOf } from '../spans.js';
import { unitBytes } from './unit-form.js';

/** A digest stands for a copy that is longer than itself. */
export const DIGEST_BYTES = 32;

function each(rounds: number, bytes: number): Cost {
  return { rounds, bytes: [bytes, bytes, bytes] };
}

/** What takes a sum of two operands: before it, node 1 sends its term to node 0 and node 2 its own to node 1. */
function ofProducts(from: RingWidth, n: number, { rounds, bytes }: Cost): Cost {
  return {
    rounds: rounds + 1,
    bytes: bytes.map((sent, node) => sent + (node === 0 ? 0 : ringBytes(from, n))),
  };
}

export const rep3Costs: PrimitiveCosts = {
  input(from: number, width: RingWidth, n: number): Cost {
    return { rounds: 1, bytes: [0, 1, 2].map((node) => (node === from ? ringBytes(width, n) : 0)) };
  },
  multiply(width: RingWidth, n: number): Cost {
    return each(1, ringBytes(width, n));
  },
  productSums(width: RingWidth, n: number): Cost {
    return rep3Costs.multiply(width, n);
  },
  and(rows: number, n: number): Cost {
    return each(1, bitBytes(rows, n));
  },
  /** Node 0 sends the highest bit and the spans' products in round 1; nodes 1 and 2 exchange carries in round 2. */
  carrySpans(from: number, to: number, n: number): Cost {
    const { all, passing, products } = layoutOf(from, to);
    const second = bitBytes(all.length + passing.length, n);
    return { rounds: to > 1 ? 2 : 1, bytes: [bitBytes(1 + products, n), second, second] };
  },
  zeroBits(k: number, n: number): Cost {
    return { rounds: 1, bytes: [bitBytes(k, n), 0, 0] };
  },
  /** Node 0 sends all width-b high rows in round 1; nodes 1 and 2 exchange all but the lowest in round 2. */
  bandBits(width: RingWidth, b: number, n: number): Cost {
    const second = bitBytes(width - b - 1, n);
    return { rounds: 2, bytes: [bitBytes(width - b, n), second, second] };
  },
  /** Node 0 sends its operand and the correction's half; nodes 1 and 2 exchange the correction. */
  rescale(from: RingWidth, shift: number, to: RingWidth, n: number): Cost {
    const width = correctionWidth(from, shift, to);
    const correction = width === undefined ? 0 : ringBytes(width, n);
    return {
      rounds: width === undefined ? 1 : 2,
      bytes: [ringBytes(to, n) + correction, correction, correction],
    };
  },
  rescaleProducts(from: RingWidth, shift: number, to: RingWidth, n: number): Cost {
    return ofProducts(from, n, rep3Costs.rescale(from, shift, to, n));
  },
  /** Node 0 sends two factors for each amplitude; nodes 1 and 2 exchange the sums, which are rescaled. */
  sineSeries(amplitudes: number, shift: number, to: RingWidth, n: number): Cost {
    const { rounds, bytes } = rep3Costs.rescale(64, shift, to, n);
    return {
      rounds: rounds + 1,
      bytes: bytes.map((sent, node) => sent + ringBytes(64, n) * (node === 0 ? 2 * amplitudes : 1)),
    };
  },
  seriesOfProducts(from: RingWidth, amplitudes: number, shift: number, to: RingWidth, n: number): Cost {
    return ofProducts(from, n, rep3Costs.sineSeries(amplitudes, shift, to, n));
  },
  addendRounds: [1, 0],
  addends(k: number, n: number): Cost {
    return { rounds: 1, bytes: [bitBytes(k, n), 0, 0] };
  },
  /** Node 0 sends all but one entry of a unit vector for each digit; nodes 1 and 2 exchange an element for each result. */
  lookup(digits: readonly { readonly rows: number }[], width: RingWidth, n: number, results: number): Cost {
    const entries = digits.reduce((total, { rows }) => total + 2 ** rows - 1, 0);
    const exchanged = ringBytes(width, results);
    return { rounds: 2, bytes: [entries * ringBytes(width, n), exchanged, exchanged] };
  },
  /** A lookup of all but one entry of a unit vector. @param places in all. */
  unitVectors(bits: number, n: number, places: number): Cost {
    return each(2, unitBytes(2 ** bits - 1, n, places));
  },
  /** Two hops side by side, then an exchange between the nodes that hold the rows at the end. */
  permute(columns: readonly number[]): Cost {
    const columnBytes = columns.reduce((sum, own) => sum + own, 0);
    return { rounds: 2, bytes: [2 * columnBytes, columnBytes, columnBytes] };
  },
  /** The last exchange of the order goes to all. */
  permuteAndReveal(orderBytes: number, columns: readonly number[]): Cost {
    const [node0 = 0, node1 = 0, node2 = 0] = rep3Costs.permute(columns).bytes;
    return { rounds: 2, bytes: [node0 + 3 * orderBytes, node1 + orderBytes, node2 + 2 * orderBytes] };
  },
  refresh(width: RingWidth, n: number): Cost {
    return each(1, ringBytes(width, n));
  },
  open(bytes: number): Cost {
    return each(1, bytes + Math.min(bytes, DIGEST_BYTES));
  },
};
