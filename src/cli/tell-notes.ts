/** What nodes add to the answer to an order. */
import type { Terminal } from './terminal.js';

export function tellNotes(terminal: Terminal, notes: readonly string[]): void {
  for (const note of notes) terminal.tell(`note: ${note}`);
}
