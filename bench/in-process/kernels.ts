/** The kernels alone, by bench/kernels.ts in a process of its own: it prints its table itself. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WarifuError } from '../../src/core/errors.js';
import type { BenchOptions } from '../request.js';
import { onEnd } from '../support/on-end.js';

export const KERNELS_NAME = 'kernels';
const MODULE = fileURLToPath(new URL('../kernels.js', import.meta.url));

/** @throws WarifuError USAGE for options that say nothing to it. */
export async function showKernels({ n, json, plain, latency, bandwidth }: BenchOptions): Promise<void> {
  if (json === true || plain === true || [n, latency, bandwidth].some((option) => option !== undefined)) {
    throw new WarifuError('USAGE', `'${KERNELS_NAME}' prints one table of fixed sizes, and takes no options`);
  }
  const child = spawn(process.execPath, [MODULE], { stdio: 'inherit' });
  const forget = onEnd(() => child.kill());
  const code = await new Promise((resolve) => child.once('close', resolve));
  forget();
  if (code !== 0) throw new WarifuError('INTERNAL', 'the bench of the kernels failed');
}
