import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../../src/server/store/disk.js';
import { Files } from '../../../src/server/store/files.js';
import { Crash, SimulatedDisk, seeded, thrownBy } from './simulated-disk.js';

const ROOT = '/node';
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (read: Uint8Array | undefined): string | undefined =>
  read === undefined ? undefined : Buffer.from(read).toString();

async function oldFile(): Promise<{ disk: SimulatedDisk; files: Files }> {
  const disk = new SimulatedDisk(ROOT);
  const files = new Files(disk, ROOT);
  await files.writeAtomically('/node/f', [bytes('old contents')]);
  disk.restart();
  return { disk, files };
}

describe('writeAtomically', () => {
  it('writes, syncs, renames and syncs the directory, in this order', async () => {
    const { disk, files } = await oldFile();
    disk.log.length = 0;
    await files.writeAtomically('/node/f', [bytes('new '), bytes('contents')]);
    expect(disk.log).toEqual([
      'create f.TMP',
      'write f.TMP',
      'write f.TMP',
      'sync f.TMP',
      'rename f',
      'syncDirectory node',
    ]);
  });

  it('leaves the old or the new file wherever the power goes, and the new one once it has returned', async () => {
    const seen = new Set<string>();
    for (let k = 0; k <= 6; k++) {
      for (let seed = 0; seed < 20; seed++) {
        const { disk, files } = await oldFile();
        disk.crashAt = k;
        const error = await thrownBy(files.writeAtomically('/node/f', [bytes('new '), bytes('contents')]));
        const done = error === undefined;
        expect(done || error instanceof Crash).toBe(true);
        expect(done).toBe(k === 6);
        disk.losePower(seeded(seed * 100 + k));
        const found = text(await new Files(disk, ROOT).read('/node/f', 0, 100));
        expect(done ? ['new contents'] : ['old contents', 'new contents']).toContain(found);
        seen.add(`${found}`);
        await new Files(disk, ROOT).removeTemporaries(ROOT);
        expect(await files.list(ROOT)).toEqual(['f']);
      }
    }
    expect(seen.size).toBe(2);
  });

  it('is what protects: without the fsync the simulated disk does lose contents', async () => {
    const lost = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const { disk } = await oldFile();
      const careless: Disk = {
        create: async (path) => ({ ...(await disk.create(path)), sync: async () => undefined }),
        openToAppend: (path) => disk.openToAppend(path),
        rename: (from, to) => disk.rename(from, to),
        remove: (path) => disk.remove(path),
        makeDirectory: (path) => disk.makeDirectory(path),
        removeDirectory: (path) => disk.removeDirectory(path),
        syncDirectory: (path) => disk.syncDirectory(path),
        list: (path) => disk.list(path),
        stat: (path) => disk.stat(path),
        openToRead: (path) => disk.openToRead(path),
      };
      await new Files(careless, ROOT).writeAtomically('/node/f', [bytes('new contents')]);
      disk.losePower(seeded(seed));
      lost.add(`${text(await new Files(disk, ROOT).read('/node/f', 0, 100))}`);
    }
    expect([...lost].some((found) => found !== 'old contents' && found !== 'new contents')).toBe(true);
  });

  it('reports a full disk at each operation, keeps the old file and works again afterwards', async () => {
    for (let k = 0; k < 5; k++) {
      const { disk, files } = await oldFile();
      disk.fullAt = k;
      await expect(
        files.writeAtomically('/node/f', [bytes('new '), bytes('contents')]),
      ).rejects.toMatchObject({
        code: 'STORE_FULL',
        details: { file: 'f' },
      });
      expect(await files.list(ROOT)).toEqual(['f']);
      expect(text(await files.read('/node/f', 0, 100))).toBe('old contents');
      await files.writeAtomically('/node/f', [bytes('third')]);
      expect(text(await files.read('/node/f', 0, 100))).toBe('third');
    }
  });
});

describe('append, truncate, directories', () => {
  it('appends durably', async () => {
    const { disk, files } = await oldFile();
    await files.append('/node/f', bytes(', more'));
    disk.losePower(seeded(1));
    expect(text(await files.read('/node/f', 4, 100))).toBe('contents, more');
  });

  it('does not begin a file anew that has vanished', async () => {
    const { files } = await oldFile();
    await files.remove('/node/f');
    await files.remove('/node/f');
    await expect(files.append('/node/f', bytes('x'))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { file: 'f', reason: 'ENOENT' },
    });
  });

  it('removes a directory with its files, again without complaint', async () => {
    const { disk, files } = await oldFile();
    await files.makeDirectory('/node/d');
    await files.makeDirectory('/node/d');
    await files.writeAtomically('/node/d/x', [bytes('1')]);
    await files.removeDirectory('/node/d');
    await files.removeDirectory('/node/d');
    disk.losePower(seeded(3));
    expect(await files.list(ROOT)).toEqual(['f']);
    expect(await files.stat('/node/d')).toBeUndefined();
    expect(await files.list('/node/d')).toEqual([]);
  });
});

describe('on the real disk', () => {
  it('does the same, for the owner alone', async () => {
    const root = await mkdtemp(join(tmpdir(), 'warifu-files-'));
    try {
      const files = new Files(nodeDisk, root);
      await files.makeDirectory(join(root, 'd'));
      const path = join(root, 'd', 'f');
      await files.writeAtomically(path, [bytes('abc'), bytes('def')]);
      await files.append(path, bytes('ghi'));
      expect(text(await files.read(path, 2, 4))).toBe('cdef');
      expect(text(await files.read(path, 7, 2 ** 40))).toBe('hi');
      expect(await files.read(path, 100, 4)).toHaveLength(0);
      await files.truncate(path, 4);
      expect(await files.stat(path)).toMatchObject({ size: 4, directory: false });
      expect(await files.read(join(root, 'none'), 0, 4)).toBeUndefined();
      await expect(files.read(join(root, 'd'), 0, 4)).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(await readdir(join(root, 'd'))).toEqual(['f']);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(join(root, 'd'))).mode & 0o777).toBe(0o700);
      await files.removeDirectory(join(root, 'd'));
      expect(await readdir(root)).toEqual([]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
