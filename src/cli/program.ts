/** All commands, assembled. */
import { Command } from 'commander';
import { SOFTWARE_VERSION } from '../server/version.js';
import { auditCommand } from './commands/audit.js';
import { clusterCommand } from './commands/cluster.js';
import { demoCommand } from './commands/demo.js';
import { describeCommand } from './commands/describe.js';
import { devCommand } from './commands/dev.js';
import { dropCommand } from './commands/drop.js';
import { grantCommand, revokeCommand } from './commands/grant.js';
import { nodeCommand } from './commands/node.js';
import { queryCommand } from './commands/query.js';
import { schemaCommand } from './commands/schema-infer.js';
import { tableCommand } from './commands/table.js';
import { tablesCommand } from './commands/tables.js';
import { tryCommand } from './commands/try.js';
import { uploadCommand } from './commands/upload.js';
import { userCommand } from './commands/user.js';
import type { Terminal } from './terminal.js';

/** @returns the program; it throws CommanderError where commander would end the process. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('warifu')
    .description('Statistics together, over data that none may pool.')
    .version(SOFTWARE_VERSION, '-V, --version', 'print the version')
    .addCommand(tryCommand(terminal))
    .addCommand(demoCommand(terminal))
    .addCommand(devCommand(terminal))
    .addCommand(schemaCommand(terminal))
    .addCommand(uploadCommand(terminal))
    .addCommand(tableCommand(terminal))
    .addCommand(grantCommand(terminal))
    .addCommand(revokeCommand(terminal))
    .addCommand(tablesCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(dropCommand(terminal))
    .addCommand(queryCommand(terminal))
    .addCommand(userCommand(terminal))
    .addCommand(nodeCommand(terminal))
    .addCommand(clusterCommand(terminal))
    .addCommand(auditCommand(terminal))
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 failed; 2 wrong usage, SQL or data; 3 refused by policy; 4 a node was not reached.',
    );
  applySettings(program, terminal);
  return program;
}

/** commander's settings are each command's own. */
function applySettings(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.tell(text.replace(/\n$/, '')),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) =>
        write(
          `${text.replace(/\n$/, '')}${hint(command, text)}\n  ${commandPath(command)} --help shows how it is used`,
        ),
    });
  for (const child of command.commands) applySettings(child, terminal);
}

/** `warifu node run`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** Shells cut SQL without quotes into words. */
function hint(command: Command, text: string): string {
  const cut = text.includes('too many arguments') && command.registeredArguments[0]?.name() === 'sql';
  return cut ? '\n  put the whole SELECT between double quotes (")' : '';
}
