/** Passphrases: from a file, or typed unseen; never from the command line, which other users can list. */
import { WarifuError } from '../core/errors.js';
import { readPrivateFile } from '../server/users/key-storage.js';
import type { Terminal } from './terminal.js';

const VARIABLE = 'WARIFU_PASSPHRASE_FILE';
const SHORTEST = 8;

/**
 * The passphrase of something that exists.
 *
 * @param file from the command line, if given.
 * @throws WarifuError KEY_INVALID when there is no file and nobody to ask.
 */
export async function existingPassphrase(
  terminal: Terminal,
  file: string | undefined,
  question: string,
): Promise<string> {
  const path = passphraseFile(terminal, file);
  if (path !== undefined) return readPassphrase(path);
  if (!terminal.interactive) {
    throw new WarifuError(
      'KEY_INVALID',
      `a passphrase is needed and nobody can be asked: give --passphrase-file FILE or set ${VARIABLE}`,
    );
  }
  return asked(terminal, question);
}

/**
 * A passphrase for something new; typed twice.
 *
 * @param otherwise what else the caller offers, for the error.
 * @throws WarifuError USAGE when there is no file and nobody to ask, or the two differ, or it is too short.
 */
export async function newPassphrase(
  terminal: Terminal,
  file: string | undefined,
  { question, otherwise }: { readonly question: string; readonly otherwise: string },
): Promise<string> {
  const path = passphraseFile(terminal, file);
  if (path !== undefined) return readPassphrase(path);
  if (!terminal.interactive) {
    throw new WarifuError(
      'USAGE',
      `say how the key is protected: --passphrase-file FILE (or ${VARIABLE}), or ${otherwise}`,
    );
  }
  const first = await asked(terminal, question);
  if (first.length < SHORTEST) {
    throw new WarifuError('USAGE', `a passphrase has at least ${SHORTEST} characters`);
  }
  if ((await asked(terminal, 'The same again: ')) !== first) {
    throw new WarifuError('USAGE', 'the two passphrases differ; nothing was written');
  }
  return first;
}

async function asked(terminal: Terminal, question: string): Promise<string> {
  const typed = await terminal.askHidden(question);
  terminal.signal.throwIfAborted();
  return typed;
}

function passphraseFile(terminal: Terminal, file: string | undefined): string | undefined {
  const path = file ?? terminal.environment[VARIABLE];
  return path === '' ? undefined : path;
}

/** The first line of the file, which only its owner may read. */
async function readPassphrase(path: string): Promise<string> {
  const text = await readPrivateFile(path);
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  if (line === '') throw new WarifuError('KEY_INVALID', `'${path}' holds no passphrase in its first line`);
  return line;
}
