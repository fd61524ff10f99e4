/**
 * Cost formulas of the rep4 primitives: rounds and payload bytes sent by nodes 0 to 3, tags included.
 */
import type { Cost } from '../../core/cost.js';
import { type NodeIndex, REP4 } from '../../core/scheme.js';
import { TAG_BYTES } from '../../kernels/message-tag.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { PrimitiveCosts } from '../primitive-costs.js';
import { correctionWidth } from '../rescaling.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { layoutOf } from '../spans.js';
import { isCut, pieceRows } from './lookup-halves.js';
import type { Route } from './party.js';
import { piecesOf } from './product-messages.js';
import { LAST, MESSAGES, ORDER, ROUNDS, routeOf, type Turn } from './shuffle-messages.js';
import { ALL_TERMS, HIGH, LOW, MIXED, REFRESHING, SIDES, type Term } from './terms.js';

/** What each node sends when terms of so many bytes are shared, in pieces with a tag each. */
function shared(terms: readonly Term[], bytes: number, pieces = 1): number[] {
  return plus(...terms.map(({ route }) => told(route, bytes, pieces)));
}

/** What each node sends of a joint message. */
function told({ sender, backups }: Route, bytes: number, pieces = 1): number[] {
  return REP4.nodes.map((node) => {
    if (node === sender) return bytes;
    return backups.includes(node) ? pieces * TAG_BYTES : 0;
  });
}

/** What each node sends when a column is shuffled; the inverse costs the same. */
function shuffled(bytes: number, turn: Turn): number[] {
  return plus(...MESSAGES.map(({ to }, number) => told(routeOf(number, to, turn), bytes)));
}

function plus(...costs: readonly (readonly number[])[]): number[] {
  return REP4.nodes.map((node) => costs.reduce((sum, own) => sum + (own[node] ?? 0), 0));
}

/** What follows the mixed terms of products in the making. */
function ofProducts(from: RingWidth, n: number, { rounds, bytes }: Cost): Cost {
  return { rounds: rounds + 1, bytes: plus(bytes, shared(MIXED, ringBytes(from, n))) };
}

export const rep4Costs: PrimitiveCosts = {
  input(from: NodeIndex, width: RingWidth, n: number): Cost {
    const [a, b] = REP4.nodes.filter((node) => node !== from);
    const bytes = REP4.nodes.map((node) => {
      if (node === from) return 2 * ringBytes(width, n);
      return node === a || node === b ? TAG_BYTES : 0;
    });
    return { rounds: 2, bytes };
  },
  multiply(width: RingWidth, n: number): Cost {
    const bytes = ringBytes(width, n);
    return { rounds: 1, bytes: shared(ALL_TERMS, bytes, piecesOf(bytes)) };
  },
  productSums(width: RingWidth, n: number): Cost {
    return { rounds: 1, bytes: shared(ALL_TERMS, ringBytes(width, n)) };
  },
  and(rows: number, n: number): Cost {
    const bytes = bitBytes(rows, n);
    return { rounds: 1, bytes: shared(ALL_TERMS, bytes, piecesOf(bytes)) };
  },
  /** Both sides share their factors; of the series come the mixed terms. */
  sineSeries(amplitudes: number, shift: number, to: RingWidth, n: number): Cost {
    const { rounds, bytes } = rep4Costs.rescale(64, shift, to, n);
    const factors = shared(SIDES, ringBytes(64, 2 * amplitudes * n));
    return { rounds: rounds + 2, bytes: plus(bytes, factors, shared(MIXED, ringBytes(64, n))) };
  },
  seriesOfProducts(from: RingWidth, amplitudes: number, shift: number, to: RingWidth, n: number): Cost {
    return ofProducts(from, n, rep4Costs.sineSeries(amplitudes, shift, to, n));
  },
  /** Both sides share the highest bit and the spans' products; of these come carries. */
  carrySpans(from: number, to: number, n: number): Cost {
    const { all, passing, products } = layoutOf(from, to);
    const first = shared(SIDES, bitBytes(1 + products, n));
    if (all.length === 0) return { rounds: 1, bytes: first };
    return { rounds: 2, bytes: plus(first, shared(MIXED, bitBytes(all.length + passing.length, n))) };
  },
  zeroBits(k: number, n: number): Cost {
    return { rounds: 1, bytes: shared(SIDES, bitBytes(k, n)) };
  },
  /** The low side shares its high rows, the high side its own but the lowest and what changes in them. */
  bandBits(width: RingWidth, b: number, n: number): Cost {
    const rows = width - b - 1;
    return {
      rounds: 2,
      bytes: plus(
        shared([LOW], bitBytes(rows + 1, n)),
        shared([HIGH], bitBytes(2 * rows, n)),
        shared(MIXED, bitBytes(rows, n)),
      ),
    };
  },
  addends(k: number, n: number): Cost {
    return { rounds: 1, bytes: shared(SIDES, bitBytes(k, n)) };
  },
  rescale(from: RingWidth, shift: number, to: RingWidth, n: number): Cost {
    const quotient = shared(SIDES, ringBytes(to, n));
    const width = correctionWidth(from, shift, to);
    if (width === undefined) return { rounds: 1, bytes: quotient };
    const correction = ringBytes(width, n);
    return { rounds: 2, bytes: plus(quotient, shared(SIDES, correction), shared(MIXED, correction)) };
  },
  rescaleProducts(from: RingWidth, shift: number, to: RingWidth, n: number): Cost {
    return ofProducts(from, n, rep4Costs.rescale(from, shift, to, n));
  },
  permute(columns: readonly number[]): Cost {
    const bytes = columns.map((own, index) => shuffled(own, { index, direction: 'forward' }));
    return { rounds: ROUNDS.length, bytes: plus(...bytes) };
  },
  /** Instead of the messages of the last round to three nodes the same, and as many to the fourth. */
  permuteAndReveal(orderBytes: number, columns: readonly number[]): Cost {
    const { rounds, bytes } = rep4Costs.permute(columns);
    const toLast = ROUNDS[2].map((number) => told(routeOf(number, LAST, ORDER), orderBytes));
    return { rounds, bytes: plus(bytes, shuffled(orderBytes, ORDER), ...toLast) };
  },
  addendRounds: [1, 1],
  /** Unit vectors of both sides, those of halves of digits, results. */
  lookup(digits: readonly { readonly rows: number }[], width: RingWidth, n: number, results: number): Cost {
    const entriesOf = (some: typeof digits): number =>
      some
        .flatMap(({ rows }) => pieceRows(rows))
        .reduce((total, [low, high]) => total + 2 ** (high - low) - 1, 0);
    const bytes = (terms: readonly Term[], count: number): number[] => shared(terms, ringBytes(width, count));
    const units = bytes(SIDES, entriesOf(digits) * n);
    const cut = digits.filter(isCut);
    if (cut.length === 0) return { rounds: 2, bytes: plus(units, bytes(MIXED, results)) };
    return { rounds: 3, bytes: plus(units, bytes(MIXED, entriesOf(cut) * n), bytes(ALL_TERMS, results)) };
  },
  unitVectors(bits: number, n: number): Cost {
    return { rounds: 2, bytes: shared(ALL_TERMS, ringBytes(32, (2 ** bits - 1) * n)) };
  },
  refresh(width: RingWidth, n: number): Cost {
    return { rounds: 1, bytes: shared(REFRESHING, ringBytes(width, n)) };
  },
  /** One sends a node its missing part, two others tags of it. */
  open(bytes: number): Cost {
    return { rounds: 1, bytes: REP4.nodes.map(() => bytes + 2 * TAG_BYTES) };
  },
};
