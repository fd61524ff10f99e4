/** A node of four did not answer what the other three did. */
import { printable } from '../client/printable.js';
import type { Terminal } from './terminal.js';

export function tellMissing(terminal: Terminal, name: string): void {
  terminal.tell(`node '${printable(name)}' was not reached: this is what the other three say`);
}
