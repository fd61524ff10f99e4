/**
 * Every protocol with inputs and the answer that plain arithmetic gives; the suites of this folder run each case
 * on every backend, measure its cost, simulate its transcript and attack it.
 */
import { BASE_CASES } from './cases/base.js';
import type { Case } from './cases/case.js';
import { FIXED_CASES } from './cases/fixed.js';
import { JOIN_CASES } from './cases/join.js';
import { LEARNING_CASES } from './cases/learning.js';
import { LOOKUP_CASES } from './cases/lookup.js';
import { NOISE_CASES } from './cases/noise.js';
import { RESCALE_CASES } from './cases/rescale.js';
import { SCAN_CASES } from './cases/scan.js';
import { SELECT_CASES } from './cases/select.js';
import { SERIES_CASES } from './cases/series.js';
import { SHUFFLE_CASES } from './cases/shuffle.js';
import { SORT_CASES } from './cases/sort.js';

export type { AnyShare, Case } from './cases/case.js';

export const CASES: readonly Case[] = [
  ...BASE_CASES,
  ...RESCALE_CASES,
  ...SERIES_CASES,
  ...LOOKUP_CASES,
  ...SHUFFLE_CASES,
  ...SORT_CASES,
  ...SCAN_CASES,
  ...FIXED_CASES,
  ...SELECT_CASES,
  ...JOIN_CASES,
  ...NOISE_CASES,
  ...LEARNING_CASES,
];
