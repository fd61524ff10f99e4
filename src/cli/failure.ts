/** How a failed command is told: one line with the code, a hint what to do, and the exit code that scripts read. */
import { CommanderError } from 'commander';
import { asWarifuError, type ErrorCode, EXIT, type WarifuError } from '../core/errors.js';
import type { Terminal } from './terminal.js';

/** 128 + SIGINT, as shells have it. */
export const EXIT_INTERRUPTED = 130;

/** What to do, for errors whose message cannot know how the command was called. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  SLICE_EXISTS: 'to put this file in its place, add --replace',
  NODE_UNREACHABLE: 'nothing was released; run the same command again when the node is back',
  NODE_LOST: 'nothing was released; run the same command again (an upload goes on where it stopped)',
  NO_PROGRESS: 'nothing was released; run the same command again (an upload goes on where it stopped)',
  NODE_BUSY: 'run the same command again in a moment',
  SLICE_BUSY: 'run the same command again in a moment',
  NOT_ENROLLED: "send the line that 'warifu user keygen' printed to the operator of each node",
  NOT_GRANTED: "the owner and every contributor of the table must run 'warifu grant TABLE USER'",
  REQUEST_EXPIRED: "compare this computer's clock with the right time",
  SCHEMA_MISMATCH: "'warifu describe TABLE --schema' prints the table's schema",
};

/**
 * Tells a thrown thing and says with which code to exit.
 *
 * @param json also print the error as one JSON object on stdout: {"error":{code,message,details}}.
 */
export function reportFailure(thrown: unknown, terminal: Terminal, json: boolean): number {
  // commander has printed its message, the help or the version already
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  terminal.progress(undefined);
  if (terminal.signal.aborted) {
    terminal.tell('interrupted: cancelled');
    return EXIT_INTERRUPTED;
  }
  const error = asWarifuError(thrown);
  if (json) terminal.print(JSON.stringify({ error: error.toJSON() }));
  for (const line of failureLines(error, terminal)) terminal.tell(line);
  return error.exitCode;
}

function failureLines(error: WarifuError, terminal: Terminal): string[] {
  const lines = [`${terminal.style('red', `error ${error.code}:`)} ${error.message}`];
  const hint = HINTS[error.code];
  if (hint !== undefined) lines.push(`  ${hint}`);
  const debug = (terminal.environment['WARIFU_DEBUG'] ?? '') !== '';
  if (debug && error.stack !== undefined) lines.push(error.stack);
  else if (error.code === 'INTERNAL') lines.push('  WARIFU_DEBUG=1 shows where it came from');
  return lines;
}
