/**
 * Whole-file operations that leave either the old or the new state, whenever the machine stops.
 *
 * A file is replaced by writing a temporary one beside it, fsync, rename, and fsync of the directory; a log
 * grows by append and fsync. Failures of the disk are STORE_FULL (no room) or STORE_FAILED, naming the file
 * relative to the node's directory; nothing is visible half, and the caller may simply try again.
 */
import { randomBytes } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { WarifuError } from '../../core/errors.js';
import type { Disk, DiskFile, DiskReader, DiskStat } from './disk.js';

const TEMPORARY = '.tmp';

export class Files {
  readonly #disk: Disk;
  readonly #root: string;

  /** @param root the node's directory; errors name files relative to it. */
  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** Creates or replaces a file, durable when this resolves. The parts are written one after the other. */
  async writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
    const temporary = `${path}.${randomBytes(8).toString('hex')}${TEMPORARY}`;
    await this.#named('write', path, async () => {
      try {
        await this.#fill(await this.#disk.create(temporary), parts);
        await this.#disk.rename(temporary, path);
      } catch (thrown) {
        // Best effort: what stays behind is swept away at the next start.
        await this.#disk.remove(temporary).catch(() => undefined);
        throw thrown;
      }
      await this.#disk.syncDirectory(dirname(path));
    });
  }

  async #fill(file: DiskFile, parts: readonly Uint8Array[]): Promise<void> {
    await closing(file, async () => {
      for (const part of parts) await file.write(part);
      await file.sync();
    });
  }

  /** Appends to a file that exists, durable when this resolves. After a failure, `truncate` to the old size. */
  append(path: string, bytes: Uint8Array): Promise<void> {
    return this.#named('write', path, async () => {
      const file = await this.#disk.openToAppend(path);
      await closing(file, async () => {
        await file.write(bytes);
        await file.sync();
      });
    });
  }

  /** Cuts a file to that size, durable when this resolves. */
  truncate(path: string, size: number): Promise<void> {
    return this.#named('shorten', path, async () => {
      const file = await this.#disk.openToAppend(path);
      await closing(file, async () => {
        await file.truncate(size);
        await file.sync();
      });
    });
  }

  /** Up to `length` bytes from `offset`; undefined when there is no such file. */
  read(path: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    return this.reading(path, (file) => file.read(offset, length));
  }

  /** Several reads of one file, opened once; undefined when there is no such file. */
  reading<T>(path: string, use: (file: DiskReader) => Promise<T>): Promise<T | undefined> {
    return this.#named('read', path, async () => {
      const file = await unlessMissing(this.#disk.openToRead(path));
      return file === undefined ? undefined : await closing(file, () => use(file));
    });
  }

  /** Undefined when there is no such file or directory. */
  stat(path: string): Promise<DiskStat | undefined> {
    return this.#named('read', path, () => unlessMissing(this.#disk.stat(path)));
  }

  /** Names in a directory in code unit order; none when it does not exist. */
  async list(path: string): Promise<string[]> {
    const names = await this.#named('list', path, () => unlessMissing(this.#disk.list(path)));
    return (names ?? []).toSorted();
  }

  /** Removes a file, durable when this resolves; nothing to do when it is gone. */
  async remove(path: string): Promise<void> {
    await this.#named('remove', path, async () => {
      await unlessMissing(this.#disk.remove(path));
      await this.#disk.syncDirectory(dirname(path));
    });
  }

  /** Makes a directory unless it is there; its name is durable when this resolves. */
  async makeDirectory(path: string): Promise<void> {
    await this.#named('make', path, async () => {
      const found = await unlessMissing(this.#disk.stat(path));
      if (found === undefined) await this.#disk.makeDirectory(path).catch(unlessThere);
      await this.#disk.syncDirectory(dirname(path));
    });
  }

  /** Removes a directory and the files in it (not deeper); nothing to do when it is gone. */
  async removeDirectory(path: string): Promise<void> {
    for (const name of await this.list(path)) {
      await this.#named('remove', path, () => unlessMissing(this.#disk.remove(`${path}/${name}`)));
    }
    await this.#named('remove', path, async () => {
      await unlessMissing(this.#disk.removeDirectory(path));
      await this.#disk.syncDirectory(dirname(path));
    });
  }

  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void> {
    return this.#named('write', path, () => this.#disk.syncDirectory(path));
  }

  /** Removes what interrupted writes left in a directory; the number of files removed. */
  async removeTemporaries(path: string): Promise<number> {
    const left = (await this.list(path)).filter((name) => name.endsWith(TEMPORARY));
    for (const name of left) await this.remove(`${path}/${name}`);
    return left.length;
  }

  async #named<T>(verb: string, path: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (thrown) {
      throw diskError(verb, relative(this.#root, path) || '.', thrown);
    }
  }
}

/** A file system error as STORE_FULL or STORE_FAILED; anything else unchanged. */
export function diskError(verb: string, file: string, thrown: unknown): unknown {
  const code = errnoOf(thrown);
  if (code === undefined) return thrown;
  if (code === 'ENOSPC' || code === 'EDQUOT') return storeFull(file);
  return new WarifuError('STORE_FAILED', `cannot ${verb} '${file}' in the node's directory: ${code}`, {
    file,
    reason: code,
  });
}

export function storeFull(file: string): WarifuError {
  return new WarifuError(
    'STORE_FULL',
    `no room to write '${file}' in the node's directory: free disk space, then try again; nothing was stored`,
    { file },
  );
}

function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown instanceof WarifuError || !('errno' in thrown)) return undefined;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

async function closing<T>(file: { close(): Promise<void> }, use: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await use();
  } catch (thrown) {
    await file.close().catch(() => undefined);
    throw thrown;
  }
  await file.close();
  return result;
}

async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function unlessThere(thrown: unknown): void {
  if (errnoOf(thrown) !== 'EEXIST') throw thrown;
}
