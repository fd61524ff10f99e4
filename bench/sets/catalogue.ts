/** The sets by name. */
import { BENCHES } from '../catalogue.js';
import type { BenchSet } from './bench-set.js';

const GROWTH_NAMES = ['multiply', 'dot', 'less-than-64', 'query-million'];
const GROWTH_SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];

export const SETS: readonly BenchSet[] = [
  {
    name: 'all',
    about: 'every bench above at its own size, as a table for docs/performance.md',
    members: () => BENCHES.map(({ name }) => ({ name })),
  },
  {
    name: 'growth',
    about: `${GROWTH_NAMES.join(', ')} from 10^3 to 10^7 items, or to --n`,
    members: (largest = Infinity) =>
      GROWTH_NAMES.flatMap((name) => GROWTH_SIZES.filter((n) => n <= largest).map((n) => ({ name, n }))),
  },
];
