/** Functions of binary fractions. */
import type { Case } from './case.js';

export const FIXED_CASES: readonly Case[] = [];
