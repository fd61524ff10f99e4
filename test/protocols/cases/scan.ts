/** Compaction, prefix sums and copies. */
import type { Case } from './case.js';

export const SCAN_CASES: readonly Case[] = [];
