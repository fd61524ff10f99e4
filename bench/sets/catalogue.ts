/** The sets by name. */
import { WarifuError } from '../../src/core/errors.js';
import { BENCHES } from '../catalogue.js';
import type { BenchSet } from './bench-set.js';

const GROWTH_NAMES = ['multiply', 'dot', 'less-than-64', 'query-million'];
const GROWTH_SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];

export const SETS: readonly BenchSet[] = [
  {
    name: 'all',
    about: 'every bench above at its own size, as a table for docs/performance.md',
    members: (n) => {
      if (n === undefined) return BENCHES.map(({ name, nodes }) => ({ name, hasNetwork: nodes !== 'none' }));
      throw new WarifuError('USAGE', "'all' runs every bench at its own size: leave --n away");
    },
  },
  {
    name: 'growth',
    about: `${GROWTH_NAMES.join(', ')} from 10^3 to 10^7 items, or to --n`,
    members: (largest = Infinity) => {
      const sizes = GROWTH_SIZES.filter((n) => n <= largest);
      if (sizes.length === 0) throw new WarifuError('USAGE', "'growth' begins at --n 1000");
      return GROWTH_NAMES.flatMap((name) => sizes.map((n) => ({ name, n, hasNetwork: true })));
    },
  },
];
