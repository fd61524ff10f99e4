/** `warifu describe`: one table, or its schema for other providers' files. */
import { Command } from 'commander';
import { describeTable } from '../../client/owner/tables.js';
import { printable } from '../../client/printable.js';
import { schemaFileText } from '../../client/schema/infer.js';
import { describedSchema } from '../../client/schema/schema-file.js';
import { columnsText } from '../columns-text.js';
import { withExamples } from '../examples.js';
import {
  type ClusterOptions,
  clusterOption,
  jsonOption,
  keyOption,
  passphraseOption,
  refuseBoth,
} from '../options.js';
import { openClient } from '../session.js';
import { tellMissing } from '../tell-missing.js';
import type { Terminal } from '../terminal.js';

interface DescribeOptions extends ClusterOptions {
  readonly schema?: boolean;
  readonly json?: boolean;
}

export function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .description('columns, slices and settings of a table')
    .argument('<name>', 'the table')
    .option('--schema', 'print the schema file, for providers who upload a slice')
    .addOption(jsonOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((name: string, options: DescribeOptions) => describe(terminal, name, options));
  return withExamples(
    command,
    'warifu describe patients',
    'warifu describe patients --schema > patients.schema.json',
  );
}

async function describe(terminal: Terminal, name: string, options: DescribeOptions): Promise<void> {
  refuseBoth({ '--schema': options.schema === true, '--json': options.json === true });
  const client = await openClient(terminal, options);
  const found = await describeTable(client, name, {
    signal: terminal.signal,
    onMissing: (node) => tellMissing(terminal, node),
  });
  if (options.json === true) {
    terminal.print(JSON.stringify(found));
    return;
  }
  const schema = describedSchema(found.name, found.schema);
  if (options.schema === true) {
    terminal.print(schemaFileText(schema));
    return;
  }
  terminal.print(
    `${printable(found.name)}: ${found.rows} rows; owner ${printable(found.owner)}; minimum count ${found.min_count}`,
  );
  if (client.cluster.scheme === 'rep4') {
    terminal.print(`queries by three of four nodes: ${found.allow_three ? 'allowed' : 'not allowed'}`);
  }
  terminal.print(columnsText(found.schema));
  for (const { slice, contributor, rows } of found.slices) {
    terminal.print(`slice ${printable(slice)}: ${rows} rows of ${printable(contributor)}`);
  }
}
