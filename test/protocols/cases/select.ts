/** Selection: extremes, clamps, signs. */
import type { Case } from './case.js';

export const SELECT_CASES: readonly Case[] = [];
