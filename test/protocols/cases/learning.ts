/** Linear algebra and gradient descent. */
import type { Case } from './case.js';

export const LEARNING_CASES: readonly Case[] = [];
