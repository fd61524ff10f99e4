/** Key files on disk: made once with mode 0600, refused when others could read them. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { WarifuError } from '../../core/errors.js';
import { MAX_KEY_FILE } from '../../core/key-file.js';

const MAX_PUBLIC_FILE = 64 * 1024;
/** Permission bits of the group and of everybody. */
const OTHERS = 0o077;

/**
 * Writes a file that does not exist yet, readable by its owner alone, durable when this resolves.
 *
 * @throws WarifuError KEY_INVALID when there is a file: a key is never overwritten.
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') {
      throw new WarifuError(
        'KEY_INVALID',
        `'${path}' exists already and is not overwritten; choose another name, or move it away`,
        { file: path },
      );
    }
    throw unusable(path, thrown);
  }
  try {
    // The process's umask may have taken bits away; more than 0600 it cannot give.
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Reads a file that only its owner may read.
 *
 * @throws WarifuError FILE_MISSING, or KEY_INVALID saying which mode it has and how to set it.
 */
export async function readPrivateFile(path: string): Promise<string> {
  return reading(path, async (handle) => {
    const { mode, size } = await regularFile(path, handle);
    // Windows has no such bits; its files inherit the access list of the user's profile.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new WarifuError(
        'KEY_INVALID',
        `'${path}' can be read by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 '${path}'`,
        { file: path },
      );
    }
    return readBounded(path, handle, size, MAX_KEY_FILE);
  });
}

/** Reads a small public file, such as a certificate; throws FILE_MISSING or KEY_INVALID. */
export async function readPublicFile(path: string): Promise<string> {
  return reading(path, async (handle) => {
    const { size } = await regularFile(path, handle);
    return readBounded(path, handle, size, MAX_PUBLIC_FILE);
  });
}

async function reading<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    // Non-blocking, so that a named pipe in its place cannot make us wait for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    throw unusable(path, thrown);
  }
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function regularFile(path: string, handle: FileHandle): Promise<{ mode: number; size: number }> {
  const found = await handle.stat();
  if (!found.isFile()) throw new WarifuError('KEY_INVALID', `'${path}' is not a file`, { file: path });
  return { mode: found.mode, size: found.size };
}

async function readBounded(path: string, handle: FileHandle, size: number, limit: number): Promise<string> {
  if (size > limit) {
    throw new WarifuError('KEY_INVALID', `'${path}' has ${size} bytes, more than a key file can have`, {
      file: path,
    });
  }
  return handle.readFile('utf8');
}

function unusable(path: string, thrown: unknown): unknown {
  const code = errnoOf(thrown);
  if (code === 'ENOENT') {
    return new WarifuError('FILE_MISSING', `there is no file '${path}'`, { file: path });
  }
  if (code === undefined) return thrown;
  return new WarifuError('KEY_INVALID', `cannot open '${path}': ${code}`, { file: path, reason: code });
}

function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
