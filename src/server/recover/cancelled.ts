/** A recovery that its operator interrupts. */
import { WarifuError } from '../../core/errors.js';

/** @throws WarifuError CANCELLED */
export function expectNotCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

/** What the promise brings; at once CANCELLED when the signal comes first, and what it brings then is ignored. */
export async function unlessCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  expectNotCancelled(signal);
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(cancelled());
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function cancelled(): WarifuError {
  return new WarifuError('CANCELLED', 'the recovery was interrupted: run the command again to go on');
}
