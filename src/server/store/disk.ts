/**
 * The few primitive operations of a file system that a node's storage is made of.
 *
 * They are this small so that tests can stop a node at each write, fsync and rename in turn, and can lose
 * whatever was not synced. What the primitives promise is only what a POSIX file system does: written bytes
 * survive a power loss after `sync` of the file, a new or changed name after `syncDirectory`.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { uninitialised } from '../../core/uninitialised.js';

/** A file that is open for writing. */
export interface DiskFile {
  /** Appends all the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Cuts the file to that size. */
  truncate(size: number): Promise<void>;
  /** Makes the contents durable (fsync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskStat {
  readonly directory: boolean;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A file that is open for reading. */
export interface DiskReader {
  readonly size: number;
  /** The bytes at `offset`, fewer than `length` only where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface Disk {
  /** Creates a file that must not exist yet, readable by its owner alone. */
  create(path: string): Promise<DiskFile>;
  /** Opens a file that exists; writes go to its end. */
  openToAppend(path: string): Promise<DiskFile>;
  /** Replaces `to` in one step if it exists. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Names in a directory. */
  list(path: string): Promise<string[]>;
  stat(path: string): Promise<DiskStat>;
  openToRead(path: string): Promise<DiskReader>;
}

/** The disk of this machine. Errors are those of node:fs. */
export const nodeDisk: Disk = {
  create: async (path) => diskFile(await open(path, 'wx', 0o600)),
  // Not O_CREAT: a log that vanished must be noticed, not begun anew.
  openToAppend: async (path) => diskFile(await open(path, constants.O_WRONLY | constants.O_APPEND)),
  rename,
  remove: unlink,
  makeDirectory: async (path) => {
    await mkdir(path, { mode: 0o700 });
  },
  removeDirectory: rmdir,
  syncDirectory: async (path) => {
    // Windows cannot open a directory for fsync; NTFS keeps its names in a journal of its own.
    if (process.platform === 'win32') return;
    await using(await open(path, 'r'), (handle) => handle.sync());
  },
  list: (path) => readdir(path),
  stat: async (path) => {
    const found = await stat(path);
    return { directory: found.isDirectory(), size: found.size, modified: found.mtimeMs };
  },
  openToRead: async (path) => {
    const handle = await open(path, 'r');
    try {
      return diskReader(handle, (await handle.stat()).size);
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  },
};

async function using<T>(handle: FileHandle, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

function diskFile(handle: FileHandle): DiskFile {
  return {
    write: async (bytes) => {
      let done = 0;
      while (done < bytes.length) done += (await handle.write(bytes, done)).bytesWritten;
    },
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

function diskReader(handle: FileHandle, size: number): DiskReader {
  return {
    size,
    read: async (offset, length) => {
      // Never more than the file has, whatever the caller was told to expect.
      const bytes = new Uint8Array(uninitialised(Math.max(0, Math.min(length, size - offset))));
      let got = 0;
      while (got < bytes.length) {
        const { bytesRead } = await handle.read(bytes, got, bytes.length - got, offset + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
      return got === bytes.length ? bytes : bytes.slice(0, got);
    },
    close: () => handle.close(),
  };
}
