/** `warifu tables`: what tables there are. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { listTables } from '../../client/owner/tables.js';
import { printable } from '../../client/printable.js';
import { withExamples } from '../examples.js';
import { type ClusterOptions, clusterOption, jsonOption, keyOption, passphraseOption } from '../options.js';
import { openClient } from '../session.js';
import { tellMissing } from '../tell-missing.js';
import type { Terminal } from '../terminal.js';

interface TablesOptions extends ClusterOptions {
  readonly json?: boolean;
}

export function tablesCommand(terminal: Terminal): Command {
  const command = new Command('tables')
    .description('the tables that the nodes hold, and whether you may query them')
    .addOption(jsonOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((options: TablesOptions) => tables(terminal, options));
  return withExamples(command, 'warifu tables', 'warifu tables --json');
}

async function tables(terminal: Terminal, options: TablesOptions): Promise<void> {
  const client = await openClient(terminal, options);
  const found = await listTables(client, {
    signal: terminal.signal,
    onMissing: (name) => tellMissing(terminal, name),
  });
  if (options.json === true) {
    terminal.print(JSON.stringify({ tables: found }));
    return;
  }
  if (found.length === 0) {
    terminal.tell('there are no tables yet');
    return;
  }
  const table = new Table({
    head: ['table', 'owner', 'contributors', 'slices', 'rows', 'columns', 'min count', 'you may query'],
    style: { head: [], border: [] },
  });
  for (const { name, owner, contributors, slices, rows, columns, min_count, granted } of found) {
    const people = contributors.map((user) => printable(user)).join(', ');
    table.push([
      printable(name),
      printable(owner),
      people,
      slices.length,
      rows,
      columns,
      min_count,
      granted ? 'yes' : 'no',
    ]);
  }
  terminal.print(table.toString());
}
