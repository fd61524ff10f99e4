/** `warifu node doubt`: what failed a check, and that the operator has looked into it. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { printable } from '../../client/printable.js';
import { WarifuError } from '../../core/errors.js';
import { FileDoubts } from '../../server/jobs/doubts.js';
import { withExamples } from '../examples.js';
import { jsonOption } from '../options.js';
import type { Terminal } from '../terminal.js';

interface DoubtOptions {
  readonly dir: string;
  readonly clear?: boolean;
  readonly json?: boolean;
}

export function nodeDoubtCommand(terminal: Terminal): Command {
  const command = new Command('doubt')
    .description('show the check that failed, for which the node refuses to go on with three of four nodes')
    .requiredOption('--dir <directory>', "the node's directory")
    .option('--clear', 'take it away, once the operators know what it was; the running node notices')
    .addOption(jsonOption())
    .action((options: DoubtOptions) => doubt(terminal, options));
  return withExamples(
    command,
    'warifu node doubt --dir /var/lib/warifu',
    'warifu node doubt --dir /var/lib/warifu --clear',
  );
}

async function doubt(terminal: Terminal, { dir, clear, json }: DoubtOptions): Promise<void> {
  if (!existsSync(dir))
    throw new WarifuError('FILE_MISSING', `there is no directory '${dir}'`, { file: dir });
  const doubts = new FileDoubts(dir);
  const found = await doubts.read();
  if (clear === true) await doubts.clear();
  if (json === true) {
    terminal.print(JSON.stringify({ doubt: found ?? null, cleared: clear === true }));
    return;
  }
  if (found === undefined) {
    terminal.print('no check has failed');
    return;
  }
  terminal.print(
    `${new Date(found.time).toISOString()} ${printable(found.code)}: ${printable(found.message)}`,
  );
  if (clear === true) terminal.tell('taken away: the node goes on with three again where tables allow it');
  else terminal.tell('The audit logs of all nodes say more. When you know what it was: --clear');
}
