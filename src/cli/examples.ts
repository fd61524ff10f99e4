/** The examples that every command's --help ends with. */
import type { Command } from 'commander';

/** Adds "Examples:" with one command line a line. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', ['', 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n'));
}
