/** `warifu grant` and `warifu revoke`: who may query a table. */
import { Command } from 'commander';
import { grantTable, revokeTable } from '../../client/owner/orders.js';
import { withExamples } from '../examples.js';
import {
  type ClusterOptions,
  clusterOption,
  keyOption,
  passphraseOption,
  reachedOnlyOption,
} from '../options.js';
import { openClient } from '../session.js';
import { tellNotes } from '../tell-notes.js';
import type { Terminal } from '../terminal.js';

interface GrantOptions extends ClusterOptions {
  readonly reachedOnly?: boolean;
}

export function grantCommand(terminal: Terminal): Command {
  const command = new Command('grant')
    .description(
      'let a user query a table; a query runs only if its owner and every contributor who has rows in it did',
    )
    .argument('<table>', 'the table')
    .argument('<user>', 'the analyst')
    .addOption(reachedOnlyOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action(async (table: string, user: string, options: GrantOptions) => {
      const client = await openClient(terminal, options);
      const { signal } = terminal;
      const { reachedOnly } = options;
      tellNotes(terminal, await grantTable(client, table, user, { signal, reachedOnly }));
      terminal.tell(`granted: '${user}' may query '${table}', as far as you have a say`);
    });
  return withExamples(command, 'warifu grant patients tanaka');
}

export function revokeCommand(terminal: Terminal): Command {
  const command = new Command('revoke')
    .description('take your grant back; it counts from the next query on')
    .argument('<table>', 'the table')
    .argument('<user>', 'the analyst')
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action(async (table: string, user: string, options: ClusterOptions) => {
      const client = await openClient(terminal, options);
      tellNotes(terminal, await revokeTable(client, table, user, { signal: terminal.signal }));
      terminal.tell(`revoked: '${user}' may not query '${table}' any more`);
    });
  return withExamples(command, 'warifu revoke patients tanaka');
}
