/** The real disk, stopped or full at a chosen operation: for what spans chunk files and the catalogue. */
import { type Disk, type DiskFile, nodeDisk } from '../../../src/server/store/disk.js';
import { Crash } from './simulated-disk.js';

export class FaultyDisk implements Disk {
  operations = 0;
  crashAt = Number.POSITIVE_INFINITY;
  fullAt = Number.POSITIVE_INFINITY;

  #step(): void {
    if (this.operations >= this.crashAt) throw new Crash('stopped');
    if (this.operations++ === this.fullAt)
      throw Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 });
  }

  async create(path: string): Promise<DiskFile> {
    this.#step();
    return this.#file(await nodeDisk.create(path));
  }

  async openToAppend(path: string): Promise<DiskFile> {
    return this.#file(await nodeDisk.openToAppend(path));
  }

  #file(file: DiskFile): DiskFile {
    return {
      write: async (bytes) => {
        this.#step();
        await file.write(bytes);
      },
      truncate: async (size) => {
        this.#step();
        await file.truncate(size);
      },
      // Durability is tested on the simulated disk; here it would only take time.
      sync: async () => this.#step(),
      close: () => file.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    await nodeDisk.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    this.#step();
    await nodeDisk.remove(path);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#step();
    await nodeDisk.makeDirectory(path);
  }

  async removeDirectory(path: string): Promise<void> {
    this.#step();
    await nodeDisk.removeDirectory(path);
  }

  async syncDirectory(): Promise<void> {
    this.#step();
  }

  list = nodeDisk.list;
  stat = nodeDisk.stat;
  openToRead = nodeDisk.openToRead;
}
