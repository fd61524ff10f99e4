/** What must happen however the process ends: by itself, by an error, or by Ctrl-C. */

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
const duties = new Set<() => void>();

/**
 * Runs `duty` when the process ends; it cannot wait for anything.
 *
 * @returns what to call when there is nothing left to do.
 */
export function onEnd(duty: () => void): () => void {
  if (duties.size === 0) listen();
  duties.add(duty);
  return () => duties.delete(duty);
}

let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('exit', () => {
    for (const duty of duties) duty();
  });
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => process.exit(128 + number));
  }
}
