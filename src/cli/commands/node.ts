/** `warifu node`: one organisation's node. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.js';
import { nodeDoubtCommand } from './node-doubt.js';
import { nodeInitCommand } from './node-init.js';
import { nodeRecoverCommand } from './node-recover.js';
import { nodeRunCommand } from './node-run.js';
import { nodeStatusCommand } from './node-status.js';

export function nodeCommand(terminal: Terminal): Command {
  return new Command('node')
    .description("make, run, ask after and recover one organisation's node")
    .addCommand(nodeInitCommand(terminal))
    .addCommand(nodeRunCommand(terminal))
    .addCommand(nodeStatusCommand(terminal))
    .addCommand(nodeDoubtCommand(terminal))
    .addCommand(nodeRecoverCommand(terminal));
}
