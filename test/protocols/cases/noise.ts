/** Randomness on shares. */
import type { Case } from './case.js';

export const NOISE_CASES: readonly Case[] = [];
