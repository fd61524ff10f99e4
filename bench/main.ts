/** The process around the bench command: exit code 1 for a bench that failed, 2 for a command that says nothing. */
import { CommanderError } from 'commander';
import { asWarifuError, WarifuError } from '../src/core/errors.js';

const FAILED = 1;
const USAGE = 2;

async function run(): Promise<number> {
  try {
    // Loaded here, so that kernels which cannot be loaded are told like any other error.
    const { createProgram } = await import('./program.js');
    const program = createProgram({
      print: (text) => process.stdout.write(`${text}\n`),
      tell: (text) => process.stderr.write(`${text}\n`),
    }).exitOverride();
    await program.parseAsync(process.argv);
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE;
    const { code, message } = asWarifuError(thrown);
    process.stderr.write(`error ${code}: ${message}\n`);
    if (!(thrown instanceof WarifuError)) process.stderr.write(`${String((thrown as Error).stack)}\n`);
    return code === 'USAGE' || code === 'CONFIG_INVALID' ? USAGE : FAILED;
  }
}

const code = await run();
// what was printed must reach a pipe before the process ends
process.stdout.write('', () => process.exit(code));
