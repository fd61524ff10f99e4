/**
 * A node's data directory: its lock, key, catalogue and chunks, opened and recovered together.
 *
 *     node.lock   key.json   catalogue.db (-wal, .lock/)   chunks/VERSION/pPART-CHUNK.chunk
 *
 * Chunks are durable before the catalogue speaks of them as prepared, and go only after it has stopped to.
 */
import { WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import type { Catalogue, SliceVersion } from './catalogue.js';
import { tidyCatalogueFile } from './catalogue-file.js';
import type { ChunkPlace, Section, SectionKey } from './chunk-file.js';
import { ChunkStore, type StoredChunk } from './chunks.js';
import { lockDirectory } from './data-lock.js';
import { type Disk, nodeDisk } from './disk.js';
import { Files } from './files.js';
import { type RecoveryReport, recover } from './recovery.js';
import { IN_MEMORY, SqliteCatalogue } from './sqlite-catalogue.js';
import { cataloguePath, chunksPath, hasStore } from './store-files.js';
import { Vault, type VaultSecret } from './vault.js';

export interface StoreOptions {
  /** Must exist. */
  readonly directory: string;
  /** 'ephemeral': key and catalogue are in memory only, and what the directory holds can never be read again. */
  readonly secret: VaultSecret | 'ephemeral';
  /** The parts that this node holds. */
  readonly parts: readonly PartIndex[];
  readonly disk?: Disk;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class NodeStore {
  readonly catalogue: Catalogue;
  /** What the start found and repaired. */
  readonly recovery: RecoveryReport;
  /** Different at each start of the node. */
  readonly epoch: number;
  readonly #chunks: ChunkStore;
  readonly #vault: Vault;
  readonly #parts: readonly PartIndex[];
  readonly #release: () => void;
  /** How many readers hold each version. */
  readonly #readers = new Map<string, number>();

  private constructor(opened: {
    catalogue: Catalogue;
    recovery: RecoveryReport;
    epoch: number;
    chunks: ChunkStore;
    vault: Vault;
    parts: readonly PartIndex[];
    release: () => void;
  }) {
    this.catalogue = opened.catalogue;
    this.recovery = opened.recovery;
    this.epoch = opened.epoch;
    this.#chunks = opened.chunks;
    this.#vault = opened.vault;
    this.#parts = opened.parts;
    this.#release = opened.release;
  }

  /**
   * Locks, unlocks and recovers a data directory (new-store.ts makes one).
   *
   * @throws WarifuError STORE_MISSING, STORE_LOCKED, STORE_KEY, STORE_FORMAT, STORE_DAMAGED, STORE_FULL, STORE_FAILED.
   */
  static async open(options: StoreOptions): Promise<NodeStore> {
    const { directory, secret, parts, now = Date.now } = options;
    const lock = lockDirectory(directory);
    let catalogue: SqliteCatalogue | undefined;
    try {
      const files = new Files(options.disk ?? nodeDisk, directory);
      const [file, chunkDirectory] = [cataloguePath(directory), chunksPath(directory)];
      await expectFilesOf(files, directory, secret);
      const lasting = secret !== 'ephemeral';
      const vault = lasting ? await Vault.open(files, directory, secret) : Vault.ephemeral();
      if (lasting) await tidyCatalogueFile(files, file);
      catalogue = new SqliteCatalogue(lasting ? file : IN_MEMORY, now);
      await files.makeDirectory(chunkDirectory);
      const temporaries = await files.removeTemporaries(directory);
      const chunks = new ChunkStore(files, chunkDirectory, vault);
      const found = await recover(catalogue, chunks, parts);
      const recovery = { ...found, tookOver: lock.tookOver, temporaries: found.temporaries + temporaries };
      const epoch = await catalogue.nextEpoch();
      return new NodeStore({ catalogue, recovery, epoch, chunks, vault, parts, release: lock.release });
    } catch (thrown) {
      catalogue?.close();
      lock.release();
      throw thrown;
    }
  }

  /**
   * Stores a chunk of a staged upload; false when it was here. A version that is no longer staged takes no more.
   *
   * @throws WarifuError UNKNOWN_SLICE, SLICE_STATE, CHUNK_DIFFERS, STORE_FULL, STORE_FAILED; RangeError for a
   *   part that this node does not hold or a chunk beyond the slice's rows.
   */
  async putChunk(version: string, chunk: StoredChunk, sections: readonly Section[]): Promise<boolean> {
    const slice = await this.#staged(version);
    if (!this.#parts.includes(chunk.part)) throw new RangeError(`part ${chunk.part} is not of this node`);
    if (chunk.chunk >= slice.chunks) throw new RangeError(`the slice has ${slice.chunks} chunks`);
    return this.#chunks.put(placeOf(slice, chunk), sections);
  }

  /** Puts a chunk in the place of a missing or damaged one, whatever the version's state. Errors as those of put. */
  async replaceChunk(version: string, chunk: StoredChunk, sections: readonly Section[]): Promise<void> {
    const place = placeOf(await this.#known(version), chunk);
    try {
      await this.#chunks.put(place, sections);
    } catch (thrown) {
      if (!(thrown instanceof WarifuError) || thrown.code !== 'CHUNK_DIFFERS') throw thrown;
      await this.#chunks.removeChunk(version, chunk);
      await this.#chunks.put(place, sections);
    }
  }

  /** Removes all chunks of a staged version: what they were checked by has changed. */
  async restartChunks(version: string): Promise<void> {
    await this.#staged(version);
    await this.#chunks.remove(version);
  }

  /** One column's payload of a chunk, with its salt. Errors: UNKNOWN_SLICE, CHUNK_DAMAGED, STORE_FORMAT. */
  async getChunk(version: string, chunk: StoredChunk, key: SectionKey): Promise<Section> {
    return this.#chunks.get(placeOf(await this.#known(version), chunk), key);
  }

  /**
   * Several sections of one chunk of a slice version that the catalogue has given, in the order of the keys.
   *
   * @throws WarifuError CHUNK_DAMAGED, STORE_FORMAT.
   */
  readChunk(slice: SliceVersion, chunk: StoredChunk, keys: readonly SectionKey[]): Promise<Section[]> {
    return this.#chunks.getAll(placeOf(slice, chunk), keys);
  }

  /** The chunks of an upload that are not here yet, by part, then chunk: what a resuming client has to send. */
  async missingChunks(version: string): Promise<StoredChunk[]> {
    const slice = await this.#known(version);
    const here = new Set((await this.#chunks.list(version)).map(({ part, chunk }) => `${part} ${chunk}`));
    return expectedChunks(slice, this.#parts).filter(({ part, chunk }) => !here.has(`${part} ${chunk}`));
  }

  /**
   * First phase of an upload's commit, once all its chunks are here.
   *
   * @throws WarifuError SLICE_STATE when chunks are missing, and as Catalogue.prepareUpload.
   */
  async prepareUpload(attempt: string, version: string, manifest: Uint8Array): Promise<void> {
    const missing = await this.missingChunks(version);
    const [first] = missing;
    if (first !== undefined) {
      throw new WarifuError(
        'SLICE_STATE',
        `the upload is not complete: ${missing.length} chunks are missing, the first is part ${first.part}, chunk ${first.chunk}`,
        { version, missing: missing.length },
      );
    }
    await this.catalogue.prepareUpload(attempt, version, manifest);
  }

  /** Keeps the chunks of these versions readable, whatever is dropped meanwhile, until the result is called. */
  hold(versions: readonly string[]): () => void {
    for (const version of versions) this.#readers.set(version, (this.#readers.get(version) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const version of versions) {
        const left = (this.#readers.get(version) ?? 1) - 1;
        if (left === 0) this.#readers.delete(version);
        else this.#readers.set(version, left);
      }
    };
  }

  /**
   * Removes the chunks of dropped versions, and uploads at which nothing happened since `abandonedBefore`
   * (milliseconds since 1970). Versions that a reader holds wait for the next time.
   *
   * @returns the versions removed.
   */
  async collectGarbage(abandonedBefore: number): Promise<string[]> {
    const removed: string[] = [];
    await this.catalogue.forgetUnknown(abandonedBefore);
    for (const slice of await this.catalogue.versions()) {
      const { version } = slice;
      if (this.#readers.has(version) || !(await this.#isGarbage(slice, abandonedBefore))) continue;
      await this.#chunks.remove(version);
      await this.catalogue.forget(version);
      removed.push(version);
    }
    return removed;
  }

  /** Gives up staged uploads of a user until at most `most` are left: first where nothing happened for longest. */
  async limitStaged(contributor: string, most: number): Promise<void> {
    const staged = (await this.catalogue.versions()).filter(
      (slice) => slice.state === 'staged' && slice.contributor === contributor,
    );
    const active = await Promise.all(staged.map((slice) => this.#activeAt(slice)));
    const oldestFirst = staged
      .map(({ version }, i) => ({ version, at: active[i] ?? 0 }))
      .toSorted((a, b) => a.at - b.at);
    for (const { version } of oldestFirst.slice(0, Math.max(0, staged.length - most))) {
      await this.catalogue.abandon(version);
    }
  }

  async #activeAt({ version, changed }: SliceVersion): Promise<number> {
    return Math.max(changed, (await this.#chunks.lastChange(version)) ?? 0);
  }

  async #isGarbage(slice: SliceVersion, abandonedBefore: number): Promise<boolean> {
    const { version, state } = slice;
    if (state === 'dropped') return true;
    if (state !== 'staged') return false;
    return (await this.#activeAt(slice)) < abandonedBefore && (await this.catalogue.abandon(version));
  }

  async #known(version: string): Promise<SliceVersion> {
    const slice = await this.catalogue.version(version);
    if (slice !== undefined) return slice;
    throw new WarifuError('UNKNOWN_SLICE', 'this upload is not known here: start it again', { version });
  }

  async #staged(version: string): Promise<SliceVersion> {
    const slice = await this.#known(version);
    if (slice.state === 'staged') return slice;
    throw new WarifuError('SLICE_STATE', `the slice version is ${slice.state}: it takes no more chunks`, {
      version,
      state: slice.state,
    });
  }

  /** Closes the catalogue, wipes the key and gives the directory back. Nothing may be under way. */
  close(): void {
    this.catalogue.close();
    this.#vault.wipe();
    this.#release();
  }
}

/** A lasting node has its store, an ephemeral one none. @throws WarifuError STORE_MISSING, STORE_KEY, STORE_DAMAGED. */
async function expectFilesOf(
  files: Files,
  directory: string,
  secret: VaultSecret | 'ephemeral',
): Promise<void> {
  if (secret !== 'ephemeral') {
    if (await hasStore(files, directory)) return;
    throw new WarifuError(
      'STORE_MISSING',
      `the store of the node in '${directory}' is lost (there is no catalogue.db): rebuild it from the other nodes with 'warifu node recover'. Only if nothing was ever stored in this cluster, start the node once with 'warifu node run --new-store'`,
      { directory },
    );
  }
  const lasting =
    (await Vault.exists(files, directory)) || (await files.stat(cataloguePath(directory))) !== undefined;
  if (!lasting) return;
  throw new WarifuError(
    'STORE_KEY',
    'this is the directory of a lasting node: an ephemeral one needs another',
  );
}

function placeOf({ table, slice, version }: SliceVersion, { part, chunk }: StoredChunk): ChunkPlace {
  return { table, slice, version, part, chunk };
}

/** Every chunk of every part that a node holds of a slice, by part, then chunk. */
export function expectedChunks(
  { chunks }: Pick<SliceVersion, 'chunks'>,
  parts: readonly PartIndex[],
): StoredChunk[] {
  return parts
    .toSorted((a, b) => a - b)
    .flatMap((part) => Array.from({ length: chunks }, (_, chunk) => ({ part, chunk })));
}
