/** `warifu drop`: removes a slice, or a whole table, at all nodes. */
import { Command } from 'commander';
import { dropTable } from '../../client/owner/orders.js';
import { withExamples } from '../examples.js';
import { type ClusterOptions, clusterOption, keyOption, passphraseOption } from '../options.js';
import { openClient } from '../session.js';
import { tellNotes } from '../tell-notes.js';
import type { Terminal } from '../terminal.js';

interface DropOptions extends ClusterOptions {
  readonly slice?: string;
}

export function dropCommand(terminal: Terminal): Command {
  const command = new Command('drop')
    .description('remove a slice of yours; or a table of yours, once the slices of others are withdrawn')
    .argument('<name>', 'the table')
    .option('--slice <name>', 'only this slice, which is yours')
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action(async (name: string, options: DropOptions) => {
      const client = await openClient(terminal, options);
      tellNotes(terminal, await dropTable(client, name, options.slice, { signal: terminal.signal }));
      const what =
        options.slice === undefined ? `table '${name}'` : `slice '${options.slice}' of table '${name}'`;
      terminal.tell(`dropped ${what} at all nodes`);
    });
  return withExamples(command, 'warifu drop patients --slice kita-2026', 'warifu drop patients');
}
