/** The sets by name. */
import { WarifuError } from '../../src/core/errors.js';
import { BENCHES } from '../catalogue.js';
import type { BenchSet } from './bench-set.js';

/** Each from 10^3 or 10^4 items up to what the memory of three nodes on one machine and a few minutes allow. */
const GROWTH: readonly { readonly name: string; readonly least: number; readonly most: number }[] = [
  { name: 'multiply', least: 1e3, most: 1e7 },
  { name: 'dot', least: 1e3, most: 1e7 },
  { name: 'less-than-64', least: 1e3, most: 1e7 },
  { name: 'shuffle', least: 1e4, most: 1e7 },
  { name: 'fixed-multiply', least: 1e4, most: 1e7 },
  { name: 'divide', least: 1e4, most: 1e6 },
  { name: 'sqrt', least: 1e4, most: 1e6 },
  { name: 'exp', least: 1e4, most: 1e6 },
  { name: 'sigmoid', least: 1e4, most: 1e6 },
  { name: 'sort-32', least: 1e4, most: 1e6 },
  { name: 'sort-64', least: 1e4, most: 1e6 },
  { name: 'join', least: 1e4, most: 1e6 },
  { name: 'group-by', least: 1e4, most: 1e6 },
  { name: 'median', least: 1e4, most: 1e7 },
  { name: 'query-million', least: 1e3, most: 1e7 },
];
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
    about:
      'benches of which more items may cost more each, from 10^3 or 10^4 items to 10^6 or 10^7, or to --n',
    members: (largest = Infinity) => {
      if (largest < 1e3) throw new WarifuError('USAGE', "'growth' begins at --n 1000");
      return GROWTH.flatMap(({ name, least, most }) =>
        GROWTH_SIZES.filter((n) => n >= least && n <= Math.min(most, largest)).map((n) => ({
          name,
          n,
          hasNetwork: true,
        })),
      );
    },
  },
];
