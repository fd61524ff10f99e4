/** `warifu demo`: a guided tour on bundled sample hospitals. */
import { Command } from 'commander';
import { tour } from '../demo/tour.js';
import { withExamples } from '../examples.js';
import { type NodesChoice, nodesOf, nodesOption } from '../options.js';
import type { Terminal } from '../terminal.js';

export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .description('a guided tour: three sample hospitals, three or four nodes, a handful of questions')
    .addOption(nodesOption())
    .action(({ nodes }: { nodes: NodesChoice }) => tour(terminal, nodesOf(nodes)));
  return withExamples(command, 'warifu demo', 'warifu demo --nodes 4 | less');
}
