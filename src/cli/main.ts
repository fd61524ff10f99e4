#!/usr/bin/env node
/** The process around one run: signals, output that ends early, and the exit code. */
import { asWarifuError } from '../core/errors.js';
import { EXIT_INTERRUPTED } from './failure.js';
import { runCli } from './run-cli.js';
import { ProcessTerminal } from './terminal.js';

/** After a signal, cancelling at the nodes and cleaning up may take so long; then the process ends anyway. */
const CANCEL_LIMIT_MS = 15_000;
const SIGNAL_NUMBER = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

const abort = new AbortController();
let signalExit: number | undefined;

for (const [signal, number] of Object.entries(SIGNAL_NUMBER)) {
  process.on(signal, () => {
    // the second time, the person means it
    if (signalExit !== undefined) process.exit(128 + number);
    signalExit = 128 + number;
    abort.abort();
    setTimeout(() => process.exit(128 + number), CANCEL_LIMIT_MS).unref();
  });
}

/** A reader that went away (`| head`) is no failure of ours, and there is nobody left to tell. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

function lastWords(thrown: unknown): void {
  const { code, message, stack } = asWarifuError(thrown);
  const debug = (process.env['WARIFU_DEBUG'] ?? '') !== '';
  process.stderr.write(
    `error ${code}: ${message}\n${debug ? `${stack ?? ''}\n` : '  WARIFU_DEBUG=1 shows where it came from\n'}`,
  );
  process.exit(1);
}
process.on('uncaughtException', lastWords);
process.on('unhandledRejection', lastWords);

const code = await runCli(process.argv.slice(2), new ProcessTerminal(process, abort.signal));
// a node or a local cluster that was asked to stop, and did, has done its work
const exitCode = code === EXIT_INTERRUPTED ? (signalExit ?? code) : code;
// What was printed must reach a pipe before the process ends; open connections must not keep it alive.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
