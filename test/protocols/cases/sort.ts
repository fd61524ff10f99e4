/** Sorting and order statistics. */
import type { Case } from './case.js';

export const SORT_CASES: readonly Case[] = [];
