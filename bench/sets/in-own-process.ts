/** A bench in a process of its own, so that none profits or suffers from the one before. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LinkOptions } from '../../src/cli/link-options.js';
import { WarifuError } from '../../src/core/errors.js';
import type { Figures } from '../result/measured.js';
import { onEnd } from '../support/on-end.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** What every bench of a set is given. */
export interface SetOptions extends LinkOptions {
  readonly runs: number;
  readonly nodes?: 3 | 4;
}

/** @throws WarifuError INTERNAL for a bench that failed; it has told why on stderr. */
export async function figuresFromOwnProcess(
  name: string,
  { runs, latency, bandwidth, nodes }: SetOptions,
  n?: number,
): Promise<Figures> {
  const options = { n, runs, latency, bandwidth, nodes };
  const given = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, String(value)],
  );
  const child = spawn(process.execPath, [MAIN, name, '--json', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const forget = onEnd(() => child.kill());
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  forget();
  if (code !== 0) throw new WarifuError('INTERNAL', `bench '${name}' failed`);
  return JSON.parse(printed) as Figures;
}
