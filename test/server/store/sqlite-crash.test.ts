/**
 * The catalogue's own writes: SQLite is stopped at each write, fsync and truncation in turn, and loses what was
 * not synced. node-sqlite3-wasm calls node:fs through its module object, so replacing functions there reaches it.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqliteCatalogue } from '../../../src/server/store/sqlite-catalogue.js';
import { parseSchema } from '../../../src/share/schema.js';
import { seeded, thrownBy } from './simulated-disk.js';

type Change = (contents: Buffer) => Buffer;

/** Between construction and `end`, the files of SQLite behave as a disk that stops at operation `stopAt`. */
class FaultyFs {
  operations = 0;
  readonly #real = {
    write: fs.writeSync,
    sync: fs.fsyncSync,
    truncate: fs.ftruncateSync,
    unlink: fs.unlinkSync,
  };
  readonly #files = new Map<number, { readonly path: string; durable: Buffer; pending: Change[] }>();

  /** @param once fail that operation only, as a full disk does; otherwise all from there on. */
  constructor(stopAt: number, once = false) {
    const step = (fd: number): void => {
      const at = this.operations++;
      if (at === stopAt || (at > stopAt && !once))
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      this.#track(fd);
    };
    fs.writeSync = ((
      fd: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ): number => {
      step(fd);
      const kept = Buffer.from(bytes.subarray(offset, offset + length));
      this.#files.get(fd)?.pending.push((contents) => {
        const grown = Buffer.alloc(Math.max(contents.length, position + length));
        contents.copy(grown);
        kept.copy(grown, position);
        return grown;
      });
      return this.#real.write(fd, bytes, offset, length, position);
    }) as typeof fs.writeSync;
    fs.ftruncateSync = (fd, size) => {
      step(fd);
      this.#files.get(fd)?.pending.push((contents) => contents.subarray(0, size ?? 0));
      this.#real.truncate(fd, size);
    };
    fs.unlinkSync = (path) => {
      if (this.operations > stopAt && !once) throw new Error('stopped');
      this.#real.unlink(path);
    };
    fs.fsyncSync = (fd) => {
      step(fd);
      const file = this.#files.get(fd);
      if (file === undefined) return;
      file.durable = fs.readFileSync(file.path);
      file.pending = [];
    };
  }

  #track(fd: number): void {
    if (this.#files.has(fd)) return;
    const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
    this.#files.set(fd, { path, durable: fs.readFileSync(path), pending: [] });
  }

  /** Gives node:fs back. */
  end(): void {
    fs.writeSync = this.#real.write;
    fs.fsyncSync = this.#real.sync;
    fs.ftruncateSync = this.#real.truncate;
    fs.unlinkSync = this.#real.unlink;
  }

  /** Of what was not synced, some of the writes are lost. */
  losePower(random: (below: number) => number): void {
    for (const { path, durable, pending } of this.#files.values()) {
      const kept = pending.filter(() => random(2) === 0);
      fs.writeFileSync(
        path,
        kept.reduce<Buffer>((contents, change) => change(contents), durable),
      );
    }
  }
}

const schema = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: 'age', type: 'integer', min: '0', max: '120', nullable: false }],
});
const OLD = 'a'.repeat(32);
const NEW = 'b'.repeat(32);
const ATTEMPT = 'c'.repeat(32);
// Larger than a few pages, so that a transaction writes many.
const manifest = randomBytes(9_000);

// The double decides what is durable; waiting for the real disk would only take time.
const realSync = fs.fsyncSync;
beforeAll(() => {
  fs.fsyncSync = () => undefined;
});
afterAll(() => {
  fs.fsyncSync = realSync;
});

let directory: string;
let whole: Buffer;
beforeEach(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), 'warifu-sqlite-'));
  const path = join(directory, 'whole.db');
  const catalogue = new SqliteCatalogue(path);
  await catalogue.stage(upload(OLD));
  await catalogue.prepareUpload('d'.repeat(32), OLD, manifest);
  await catalogue.commit('d'.repeat(32));
  await catalogue.stage(upload(NEW));
  await catalogue.prepareUpload(ATTEMPT, NEW, manifest);
  catalogue.close();
  whole = fs.readFileSync(path);
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const upload = (version: string) =>
  ({
    table: 't',
    slice: 's',
    version,
    contributor: 'u',
    schema,
    rows: 5,
    chunkRows: 5,
    replace: true,
  }) as const;

/** A fresh copy of the catalogue in which NEW is prepared, with its log there. */
function copy(name: string): { path: string; catalogue: SqliteCatalogue } {
  const path = join(directory, name);
  fs.writeFileSync(path, whole);
  fs.writeFileSync(`${path}-wal`, '');
  return { path, catalogue: new SqliteCatalogue(path) };
}

/** Old or new, never both, never neither, and the attempt's outcome agrees. */
async function visibleVersion(path: string): Promise<string> {
  const catalogue = new SqliteCatalogue(path);
  try {
    const visible = (await catalogue.visibleSlices('t')).map(({ version }) => version);
    const outcome = await catalogue.outcome(ATTEMPT);
    expect([
      [[OLD], 'prepared'],
      [[NEW], 'committed'],
    ]).toContainEqual([visible, outcome]);
    await catalogue.commit(ATTEMPT);
    expect((await catalogue.visibleSlices('t')).map(({ version }) => version)).toEqual([NEW]);
    expect(await catalogue.manifest(NEW)).toEqual(new Uint8Array(manifest));
    return visible[0] ?? '';
  } finally {
    catalogue.close();
  }
}

// The double names files by /proc.
describe.runIf(process.platform === 'linux')('a transaction that makes a version visible', () => {
  it('is whole or not at all, wherever it stops and whatever the power takes', async () => {
    const seen = new Set<string>();
    let done = false;
    let stop = 0;
    for (; !done; stop++) {
      for (let seed = 0; seed < 2; seed++) {
        const { path, catalogue } = copy(`${stop}-${seed}.db`);
        const faulty = new FaultyFs(stop);
        try {
          done = (await thrownBy(catalogue.commit(ATTEMPT))) === undefined;
          catalogue.close();
        } catch {
          // A stopped disk refuses what closing writes, too.
        } finally {
          faulty.end();
        }
        if (seed > 0) faulty.losePower(seeded(stop * 10 + seed));
        const found = await visibleVersion(path);
        seen.add(found);
        expect(done ? found : NEW).toBe(NEW);
      }
    }
    expect([...seen].toSorted()).toEqual([OLD, NEW].toSorted());
    expect(stop).toBeGreaterThan(8);
  });

  it('fails as a whole on a failed write, and the catalogue can be used at once', async () => {
    let failures = 0;
    for (let done = false; !done; ) {
      const { path, catalogue } = copy(`full-${failures}.db`);
      const faulty = new FaultyFs(failures, true);
      const error = await thrownBy(catalogue.commit(ATTEMPT)).finally(() => faulty.end());
      done = error === undefined;
      expect(done ? { code: 'STORE_FAILED' } : error).toMatchObject({ code: 'STORE_FAILED' });
      failures += done ? 0 : 1;
      await catalogue.commit(ATTEMPT);
      catalogue.close();
      expect(await visibleVersion(path)).toBe(NEW);
    }
    expect(failures).toBeGreaterThan(8);
  });
});
