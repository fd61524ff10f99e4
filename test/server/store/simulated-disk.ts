/**
 * A disk in memory that can stop at any operation, run out of room, and lose power.
 *
 * It promises no more than POSIX does: contents are durable after `sync`, names after `syncDirectory`. On power
 * loss each directory keeps some prefix of its changes of names, and what was written to a file but not synced
 * is kept, cut, zero-filled or lost.
 */
import { posix } from 'node:path';
import type { Disk, DiskFile, DiskReader, DiskStat } from '../../../src/server/store/disk.js';

/** What a stopped disk throws, at once and for ever after. */
export class Crash extends Error {}

interface Inode {
  durable: Uint8Array;
  current: Uint8Array;
  modified: number;
}
type Entry = Inode | 'directory';
type Change = { readonly name: string; readonly entry: Entry | undefined };

interface Folder {
  readonly durable: Map<string, Entry>;
  readonly current: Map<string, Entry>;
  pending: Change[][];
}

export class SimulatedDisk implements Disk {
  readonly #folders = new Map<string, Folder>();
  /** Operations that change something, so far. */
  operations = 0;
  /** The disk stops before the operation of this number. */
  crashAt = Number.POSITIVE_INFINITY;
  /** The operation of this number fails with ENOSPC, half done where that can be. */
  fullAt = Number.POSITIVE_INFINITY;
  /** The operations in order, by kind and file. */
  readonly log: string[] = [];
  clock = 1_000;

  constructor(root: string) {
    this.#folders.set(root, { durable: new Map(), current: new Map(), pending: [] });
  }

  async create(path: string): Promise<DiskFile> {
    this.#step('create', path);
    const folder = this.#folder(posix.dirname(path));
    const name = posix.basename(path);
    if (folder.current.has(name)) throw errno('EEXIST');
    const inode: Inode = { durable: new Uint8Array(), current: new Uint8Array(), modified: this.clock };
    this.#change(folder, [{ name, entry: inode }]);
    return this.#file(path, inode);
  }

  async openToAppend(path: string): Promise<DiskFile> {
    return this.#file(path, this.#inode(path));
  }

  #file(path: string, inode: Inode): DiskFile {
    return {
      write: async (bytes) => {
        try {
          this.#step('write', path);
        } catch (thrown) {
          // Half of it may be there when the power goes or the room ends.
          if (thrown instanceof Crash || !(thrown instanceof Error)) throw thrown;
          inode.current = joined(inode.current, bytes.subarray(0, bytes.length >> 1));
          throw thrown;
        }
        inode.current = joined(inode.current, bytes);
        inode.modified = this.clock;
      },
      truncate: async (size) => {
        this.#step('truncate', path);
        inode.current = inode.current.slice(0, size);
      },
      sync: async () => {
        this.#step('sync', path);
        inode.durable = inode.current;
      },
      close: async () => undefined,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step('rename', to);
    const folder = this.#folder(posix.dirname(from));
    if (posix.dirname(from) !== posix.dirname(to))
      throw new Error('the simulated disk renames in place only');
    const entry = folder.current.get(posix.basename(from));
    if (entry === undefined) throw errno('ENOENT');
    this.#change(folder, [
      { name: posix.basename(from), entry: undefined },
      { name: posix.basename(to), entry },
    ]);
  }

  async remove(path: string): Promise<void> {
    this.#step('remove', path);
    this.#inode(path);
    this.#change(this.#folder(posix.dirname(path)), [{ name: posix.basename(path), entry: undefined }]);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#step('makeDirectory', path);
    const folder = this.#folder(posix.dirname(path));
    if (folder.current.has(posix.basename(path))) throw errno('EEXIST');
    this.#change(folder, [{ name: posix.basename(path), entry: 'directory' }]);
    this.#folders.set(path, { durable: new Map(), current: new Map(), pending: [] });
  }

  async removeDirectory(path: string): Promise<void> {
    this.#step('removeDirectory', path);
    if (this.#folder(path).current.size > 0) throw errno('ENOTEMPTY');
    this.#change(this.#folder(posix.dirname(path)), [{ name: posix.basename(path), entry: undefined }]);
    this.#folders.delete(path);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#step('syncDirectory', path);
    const folder = this.#folder(path);
    for (const change of folder.pending.flat()) apply(folder.durable, change);
    folder.pending = [];
  }

  async list(path: string): Promise<string[]> {
    return [...this.#folder(path).current.keys()];
  }

  async stat(path: string): Promise<DiskStat> {
    const entry = this.#entry(path);
    if (entry === 'directory') return { directory: true, size: 0, modified: this.clock };
    return { directory: false, size: entry.current.length, modified: entry.modified };
  }

  async openToRead(path: string): Promise<DiskReader> {
    const { current } = this.#inode(path);
    return {
      size: current.length,
      read: async (offset, length) => current.slice(offset, offset + length),
      close: async () => undefined,
    };
  }

  /** Flips one bit of a file, as a failing disk or an intruder would. */
  flip(path: string, at: number): void {
    const inode = this.#inode(path);
    inode.current = inode.current.slice();
    inode.current[at] = (inode.current[at] ?? 0) ^ 1;
    inode.durable = inode.current;
  }

  /** Sets a file's contents outright. */
  overwrite(path: string, bytes: Uint8Array): void {
    const inode = this.#inode(path);
    inode.current = bytes;
    inode.durable = bytes;
  }

  /** The contents of all files together, for searches. */
  everything(): Uint8Array {
    const contents = [...this.#folders.values()].flatMap((folder) =>
      [...folder.current.values()].map((entry) => (entry === 'directory' ? new Uint8Array() : entry.current)),
    );
    return contents.reduce(joined, new Uint8Array());
  }

  /** The machine restarts; nothing was lost (the process died, the system went on). */
  restart(): void {
    this.crashAt = Number.POSITIVE_INFINITY;
    this.fullAt = Number.POSITIVE_INFINITY;
    this.operations = 0;
  }

  /** The machine restarts after a power loss. @param random integers in [0, below). */
  losePower(random: (below: number) => number): void {
    for (const folder of this.#folders.values()) {
      const kept = random(folder.pending.length + 1);
      for (const change of folder.pending.slice(0, kept).flat()) apply(folder.durable, change);
      folder.pending = [];
      folder.current.clear();
      for (const [name, entry] of folder.durable) {
        if (entry !== 'directory') entry.current = entry.durable = torn(entry, random);
        folder.current.set(name, entry);
      }
    }
    this.#forgetUnnamedFolders();
    this.restart();
  }

  #forgetUnnamedFolders(): void {
    for (const path of this.#folders.keys()) {
      const parent = this.#folders.get(posix.dirname(path));
      if (parent !== undefined && !parent.current.has(posix.basename(path))) this.#folders.delete(path);
    }
    for (const [path, folder] of this.#folders) {
      for (const [name, entry] of folder.current) {
        const child = posix.join(path, name);
        // A directory whose removal was lost comes back empty.
        if (entry === 'directory' && !this.#folders.has(child)) {
          this.#folders.set(child, { durable: new Map(), current: new Map(), pending: [] });
        }
      }
    }
  }

  #step(name: string, path: string): void {
    if (this.operations >= this.crashAt) throw new Crash(`stopped at operation ${this.crashAt}`);
    this.operations++;
    this.log.push(`${name} ${posix.basename(path).replace(/\.[0-9a-f]{16}\.tmp$/, '.TMP')}`);
    if (this.operations - 1 === this.fullAt) throw errno('ENOSPC');
  }

  #folder(path: string): Folder {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw errno('ENOENT');
    return folder;
  }

  #entry(path: string): Entry {
    const entry = this.#folders.has(path)
      ? 'directory'
      : this.#folder(posix.dirname(path)).current.get(posix.basename(path));
    if (entry === undefined) throw errno('ENOENT');
    return entry;
  }

  #inode(path: string): Inode {
    const entry = this.#entry(path);
    if (entry === 'directory') throw errno('EISDIR');
    return entry;
  }

  #change(folder: Folder, changes: Change[]): void {
    for (const change of changes) apply(folder.current, change);
    folder.pending.push(changes);
  }
}

function apply(names: Map<string, Entry>, { name, entry }: Change): void {
  if (entry === undefined) names.delete(name);
  else names.set(name, entry);
}

function torn({ durable, current }: Inode, random: (below: number) => number): Uint8Array {
  if (durable === current) return durable;
  const cut = durable.length + random(Math.max(1, current.length - durable.length));
  switch (random(4)) {
    case 0:
      return current;
    case 1:
      return durable;
    case 2:
      return current.slice(0, cut);
    default: {
      const zeroed = current.slice();
      zeroed.fill(0, cut);
      return zeroed;
    }
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code, errno: -1 });
}

/** A small keyed generator (mulberry32), so that a failing case can be run again. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What a promise is rejected with; undefined when it is fulfilled. */
export async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
