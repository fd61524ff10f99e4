/** How a failed command is told: one line with the code, a hint what to do, and the exit code that scripts read. */
import { CommanderError } from 'commander';
import { asWarifuError, type ErrorCode, EXIT, WarifuError } from '../core/errors.js';
import type { Terminal } from './terminal.js';

/** 128 + SIGINT, as shells have it. */
export const EXIT_INTERRUPTED = 130;

/** What to do, for errors whose message cannot know how the command was called. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  NODE_BUSY: 'run the same command again in a moment',
  SLICE_BUSY: 'run the same command again in a moment',
  NOT_ENROLLED:
    "every operator enrols a user at the own node, by the line that 'warifu user keygen' printed for that user",
  REQUEST_EXPIRED: "compare this computer's clock with the right time",
  SCHEMA_MISMATCH: "'warifu describe TABLE --schema' prints the table's schema",
};

const BACK = 'run the same command again when the node is back';
const CONNECTED =
  'the node is connected, but did not send: run the same command again, and if it recurs ask its operator to look at its log (docs/security.md: who keeps a computation waiting)';

/** When to run a command again, where a node is not there or does not send. */
const AGAIN: Readonly<Partial<Record<ErrorCode, string>>> = {
  NODE_UNREACHABLE: BACK,
  NODE_LOST: BACK,
  NO_PROGRESS: CONNECTED,
};

/** What became of the command that met it, and what to do; orders say it themselves. */
const NODE_HINTS: Readonly<Record<string, (again: string) => string>> = {
  try: () => 'nothing was released; run the same command again',
  demo: () => 'run the same command again',
  dev: () => 'the same command starts all nodes again, with their data',
  upload: (again) => `the upload goes on where it stopped; ${again}`,
  drop: () => 'all nodes drop it or none does, at the latest when all are back',
  tables: (again) => again,
  describe: (again) => again,
  query: (again) => `nothing was released; ${again}`,
  'node recover': (again) => `it goes on where it was; ${again}`,
};

/**
 * Tells a thrown thing and says with which code to exit.
 *
 * @param command as it is typed, without 'warifu'; undefined where none was understood.
 * @param json also print the error as one JSON object on stdout: {"error":{code,message,details}}.
 */
export function reportFailure(
  thrown: unknown,
  terminal: Terminal,
  { command, json = false }: { readonly command?: string | undefined; readonly json?: boolean } = {},
): number {
  // commander has printed its message, the help or the version already
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  terminal.progress(undefined);
  if (terminal.signal.aborted) {
    terminal.tell('interrupted: cancelled');
    return EXIT_INTERRUPTED;
  }
  const error = systemError(thrown) ?? asWarifuError(thrown);
  if (json) terminal.print(JSON.stringify({ error: error.toJSON() }));
  for (const line of failureLines(error, terminal, command)) terminal.tell(line);
  return error.exitCode;
}

function failureLines(error: WarifuError, terminal: Terminal, command = ''): string[] {
  const lines = [`${terminal.style('red', `error ${error.code}:`)} ${error.message}`];
  const again = AGAIN[error.code];
  const hint = again === undefined ? HINTS[error.code] : NODE_HINTS[command]?.(again);
  if (hint !== undefined && !isDoneNowhere(error)) lines.push(`  ${hint}`);
  const debug = (terminal.environment['WARIFU_DEBUG'] ?? '') !== '';
  if (debug && error.stack !== undefined) lines.push(error.stack);
  else if (error.code === 'INTERNAL') lines.push('  WARIFU_DEBUG=1 shows where it came from');
  return lines;
}

/** Of an order that was not given to any node: its message says what to do. */
function isDoneNowhere({ details }: WarifuError): boolean {
  return Array.isArray(details['done']) && details['done'].length === 0;
}

/** What the system says about a file or directory, in words. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it; check its owner and mode',
  EEXIST: 'it exists already, or is a file where a directory is needed',
  EISDIR: 'it is a directory',
  ENOENT: 'it, or the directory it lies in, does not exist',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EPERM: 'this user may not use it; check its owner and mode',
  EROFS: 'the file system is read-only',
};

/** A file that could not be read or written where nobody foresaw it: no fault of the program's. */
function systemError(thrown: unknown): WarifuError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  const where = path === undefined ? '' : ` '${path}'`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const at = where === '' ? '' : ` for${where}`;
    return new WarifuError('STORE_FULL', `no room on the disk${at} (${code}): free some, then try again`);
  }
  const reason = SYSTEM_REASONS[code];
  if (reason === undefined || path === undefined) return undefined;
  return new WarifuError('FILE_UNREADABLE', `cannot use${where}: ${reason} (${code})`, { file: path });
}
