/** `warifu demo`: a guided tour on bundled sample hospitals. */
import { Command } from 'commander';
import { tour } from '../demo/tour.js';
import { withExamples } from '../examples.js';
import type { Terminal } from '../terminal.js';

export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .description('a guided tour: three sample hospitals, three nodes, a handful of questions')
    .action(() => tour(terminal));
  return withExamples(command, 'warifu demo', 'warifu demo | less');
}
