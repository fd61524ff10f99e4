/** Files that commands write for people: schemas, cluster files. Keys go through server/users/key-storage. */
import { open } from 'node:fs/promises';
import { WarifuError } from '../core/errors.js';
import type { Terminal } from './terminal.js';

/** The name that stands for stdout. */
export const STDOUT = '-';

/**
 * Writes a text to a file, or to stdout for '-'.
 *
 * @param overwrite whether a file that exists is replaced; otherwise it is an error.
 * @throws WarifuError USAGE when the file exists or cannot be written.
 */
export async function writeText(
  terminal: Terminal,
  path: string,
  text: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  if (path === STDOUT) {
    terminal.print(text);
    return;
  }
  try {
    const handle = await open(path, overwrite ? 'w' : 'wx');
    try {
      await handle.writeFile(text, 'utf8');
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
    if (reason === undefined) throw thrown;
    throw new WarifuError(
      'USAGE',
      reason === 'EEXIST'
        ? `'${path}' exists already: choose another name with --out, or add --force to replace it`
        : `cannot write '${path}': ${reason}`,
      { file: path },
    );
  }
}
