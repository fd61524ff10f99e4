/** Joins and groups. */
import type { Case } from './case.js';

export const JOIN_CASES: readonly Case[] = [];
