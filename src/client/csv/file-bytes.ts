/** Reads a data file in chunks of bounded size, and says clearly why it cannot. */

import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { WarifuError } from '../../core/errors.js';

/** Memory for a file's bytes is one chunk, whatever the file's size. */
export const CHUNK_BYTES = 256 * 1024;

/** What a file looked like when it was opened; it must not change between the passes over it. */
export interface FileIdentity {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

/** @throws WarifuError FILE_MISSING, FILE_UNREADABLE (directory, device, no permission), FILE_EMPTY. */
export async function identifyFile(path: string): Promise<FileIdentity> {
  const found = await explained(path, () => stat(path));
  if (found.isDirectory()) {
    throw new WarifuError('FILE_UNREADABLE', `${path} is a directory: name one CSV file`, { file: path });
  }
  if (!found.isFile()) {
    // a pipe could not be read again, and the file is read more than once
    throw new WarifuError('FILE_UNREADABLE', `${path} is not a regular file: save the data to a file first`, {
      file: path,
    });
  }
  if (found.size === 0) throw emptyFile(path);
  return identityOf(path, found);
}

export function emptyFile(path: string): WarifuError {
  return new WarifuError('FILE_EMPTY', `${path} is empty: it needs a header row and at least one data row`, {
    file: path,
  });
}

function identityOf(path: string, found: Stats): FileIdentity {
  return { path, size: found.size, modifiedMs: found.mtimeMs, inode: found.ino };
}

/**
 * The file's bytes in order, each chunk a view that is valid until the next is asked for.
 *
 * @throws WarifuError FILE_CHANGED when the file is no longer the one identified, before the first byte and
 *   after the last; FILE_MISSING, FILE_UNREADABLE.
 */
export async function* fileChunks(identity: FileIdentity): AsyncGenerator<Uint8Array, void, undefined> {
  const { path } = identity;
  const file = await explained(path, () => open(path, 'r'));
  try {
    await expectUnchanged(identity, file);
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await explained(path, () => file.read(buffer, 0, CHUNK_BYTES, null));
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
    }
    await expectUnchanged(identity, file);
  } finally {
    await file.close();
  }
}

async function expectUnchanged(identity: FileIdentity, file: FileHandle): Promise<void> {
  const now = identityOf(identity.path, await file.stat());
  if (now.size !== identity.size || now.modifiedMs !== identity.modifiedMs || now.inode !== identity.inode) {
    throw new WarifuError(
      'FILE_CHANGED',
      `${identity.path} was changed while it was being read: run the command again when nothing writes to it`,
      { file: identity.path },
    );
  }
}

async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new WarifuError('FILE_MISSING', `${path} does not exist: check the path`, { file: path });
    }
    const why = code === 'EACCES' || code === 'EPERM' ? 'you have no permission' : `the system says ${code}`;
    throw new WarifuError('FILE_UNREADABLE', `${path} cannot be read: ${why}`, { file: path, reason: code });
  }
}
