/** `warifu table`: the settings of a table. */
import { Command, Option } from 'commander';
import { setTableSettings } from '../../client/owner/orders.js';
import { WarifuError } from '../../core/errors.js';
import { withExamples } from '../examples.js';
import {
  type ClusterOptions,
  clusterOption,
  collect,
  keyOption,
  parseMinCount,
  passphraseOption,
  reachedOnlyOption,
} from '../options.js';
import { openClient } from '../session.js';
import { tellNotes } from '../tell-notes.js';
import type { Terminal } from '../terminal.js';

interface TableOptions extends ClusterOptions {
  readonly minCount?: number;
  readonly contributor?: readonly string[];
  readonly allowThree?: 'yes' | 'no';
  readonly reachedOnly?: boolean;
}

export function tableCommand(terminal: Terminal): Command {
  const command = new Command('table')
    .description(
      'set the minimum count of a table, who may contribute to it, or whether three nodes may go on',
    )
    .argument('<name>', 'the table')
    .option(
      '--min-count <k>',
      'withhold cells from fewer than k rows; the strictest of owner, contributors and operators counts',
      parseMinCount,
    )
    .option(
      '--contributor <user>',
      "who may upload slices, besides you; the owner's alone (repeatable; replaces the list)",
      collect,
    )
    .addOption(
      new Option(
        '--allow-three <answer>',
        'in a cluster of four: whether queries may go on with three nodes when one is lost, although a lie is not caught then; the owner and every contributor who has rows in it must say yes',
      ).choices(['yes', 'no']),
    )
    .addOption(reachedOnlyOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((name: string, options: TableOptions) => table(terminal, name, options));
  return withExamples(
    command,
    'warifu table patients --min-count 20',
    'warifu table patients --contributor sato --contributor mori',
    'warifu table patients --allow-three yes',
  );
}

async function table(terminal: Terminal, name: string, options: TableOptions): Promise<void> {
  const { minCount, contributor: contributors, reachedOnly } = options;
  const allowThree = options.allowThree === undefined ? undefined : options.allowThree === 'yes';
  if (minCount === undefined && contributors === undefined && allowThree === undefined) {
    throw new WarifuError(
      'USAGE',
      "nothing to set: give --min-count, --contributor or --allow-three ('warifu describe' shows the settings)",
    );
  }
  const client = await openClient(terminal, options);
  const settings = { minCount, contributors, allowThree };
  const { signal } = terminal;
  tellNotes(terminal, await setTableSettings(client, name, settings, { signal, reachedOnly }));
  if (minCount !== undefined) terminal.tell(`your minimum count for '${name}' is ${minCount} now`);
  if (allowThree !== undefined) {
    terminal.tell(
      `you ${allowThree ? 'allow' : 'do not allow'} queries of '${name}' by three of four nodes now`,
    );
  }
  if (contributors !== undefined)
    terminal.tell(`contributors to '${name}' are now: ${contributors.join(', ')}`);
}
