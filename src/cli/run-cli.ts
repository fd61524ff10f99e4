/** One run of the command line: arguments in, exit code out. It never throws. */
import { EXIT } from '../core/errors.js';
import { reportFailure } from './failure.js';
import type { Terminal } from './terminal.js';
import { WELCOME } from './welcome.js';

/** @param args without the names of the runtime and the script. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) {
    terminal.tell(WELCOME);
    return EXIT.done;
  }
  let json = false;
  let command: string | undefined;
  try {
    // Loaded here, so that kernels which cannot be loaded are told like any other error.
    const { commandPath, createProgram } = await import('./program.js');
    const program = createProgram(terminal).hook('preAction', (_program, action) => {
      json = action.opts()['json'] === true;
      command = commandPath(action).replace(/^warifu /, '');
    });
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (thrown) {
    return reportFailure(thrown, terminal, { command, json });
  } finally {
    terminal.progress(undefined);
  }
}
