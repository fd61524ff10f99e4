/**
 * The chunk files of a node: chunks/VERSION/pPART-CHUNK.chunk, sealed (vault.ts), one file per part and chunk.
 *
 * A file is written once and whole. Putting the same contents again does nothing, so an upload may be resumed
 * by sending again what may not have arrived; other contents for the same place are refused.
 */
import { join } from 'node:path';
import { equalBytes } from '../../core/digest.js';
import { WarifuError } from '../../core/errors.js';
import { release } from '../../core/release.js';
import type { PartIndex } from '../../core/scheme.js';
import { Turns } from '../../protocols/turn.js';
import { SALT_BYTES } from '../../share/commitment.js';
import { MAX_COLUMNS } from '../../share/schema.js';
import {
  type ChunkPlace,
  encodeHead,
  type Section,
  type SectionEntry,
  type SectionKey,
  sealedLength,
  sectionContext,
} from './chunk-file.js';
import type { Files } from './files.js';
import { readHead, readSealed } from './read-chunk.js';
import type { Sealer, Vault } from './vault.js';

const VERSION_ID = /^[0-9a-f]{32}$/;
const FILE_NAME = /^p([0-3])-(0|[1-9]\d{0,9})\.chunk$/;
const MAX_CHUNK = 2 ** 32 - 1;
/** A chunk file that is larger is a programming error: clients send at most 64 MiB in a frame. */
const MAX_CHUNK_FILE = 2 ** 30;

/** A chunk of a slice version that is here. */
export interface StoredChunk {
  readonly part: PartIndex;
  readonly chunk: number;
}

export class ChunkStore {
  readonly #files: Files;
  readonly #directory: string;
  readonly #vault: Vault;
  /** Puts to one place, one after the other; entries go when nothing waits. */
  readonly #writing = new Map<string, Promise<unknown>>();
  /** Opening sections is work that whoever computes at this node must not wait for long. */
  readonly #turns = new Turns();

  /** @param directory where chunk files live; it must exist. */
  constructor(files: Files, directory: string, vault: Vault) {
    this.#files = files;
    this.#directory = directory;
    this.#vault = vault;
  }

  /**
   * Stores a chunk of one part with all its columns, durable when this resolves.
   *
   * @returns false when the same contents were here already.
   * @throws WarifuError CHUNK_DIFFERS when the place holds other contents, STORE_FULL, STORE_FAILED; RangeError
   *   for a malformed place or section.
   */
  async put(place: ChunkPlace, sections: readonly Section[]): Promise<boolean> {
    checkSections(sections);
    const path = this.#path(place);
    const before = this.#writing.get(path) ?? Promise.resolve();
    const now = before.catch(() => undefined).then(() => this.#put(path, place, sections));
    this.#writing.set(path, now);
    try {
      return await now;
    } finally {
      if (this.#writing.get(path) === now) this.#writing.delete(path);
    }
  }

  async #put(path: string, place: ChunkPlace, sections: readonly Section[]): Promise<boolean> {
    const directory = this.#versionDirectory(place.version);
    await this.#files.makeDirectory(directory);
    const stored = await this.#storedSections(place);
    if (stored !== undefined) {
      if (!sameSections(stored, sections)) throw differs(place);
      // An earlier put may have failed between its rename and this.
      await this.#files.syncDirectory(directory);
      return false;
    }
    const sealer = this.#sealer(place);
    const sealed = sections.map((section) =>
      sealer.seal(sectionContext(place, section), section.salt, section.payload),
    );
    await this.#files.writeAtomically(path, [encodeHead(sections), ...sealed]);
    return true;
  }

  /** All sections of a chunk; undefined when it is absent or damaged, and may therefore be written again. */
  async #storedSections(place: ChunkPlace): Promise<Section[] | undefined> {
    const sections = await this.#sections(place, (entries) => entries);
    return sections?.every((section) => section !== undefined) === true ? sections : undefined;
  }

  /**
   * One column's payload and its salt. The payload starts at a multiple of 8 in its buffer.
   *
   * @throws WarifuError CHUNK_DAMAGED when it is missing, altered or moved; STORE_FORMAT when it is newer.
   */
  async get(place: ChunkPlace, key: SectionKey): Promise<Section> {
    const [section] = (await this.getAll(place, [key])) as [Section];
    return section;
  }

  /** As `get`, several sections in the order of the keys: the file is opened once. */
  async getAll(place: ChunkPlace, keys: readonly SectionKey[]): Promise<Section[]> {
    const sections = await this.#sections(place, (entries) =>
      keys.map((key) => {
        const entry = entries.find(({ column, kind }) => column === key.column && kind === key.kind);
        if (entry === undefined) throw damaged(place, key);
        return entry;
      }),
    );
    return keys.map((key, i) => {
      const section = sections?.[i];
      if (section === undefined) throw damaged(place, key);
      return section;
    });
  }

  /** Whether a chunk's file is here with a whole head and the size that the head announces. */
  async isWhole(place: ChunkPlace): Promise<boolean> {
    return (await this.#entries(place)) !== undefined;
  }

  /** The chunks of a version that are here, by part, then chunk. */
  async list(version: string): Promise<StoredChunk[]> {
    const names = await this.#files.list(this.#versionDirectory(version));
    return names
      .map(parseName)
      .filter((chunk) => chunk !== undefined)
      .toSorted((a, b) => a.part - b.part || a.chunk - b.chunk);
  }

  /** Removes one chunk. */
  removeChunk(version: string, chunk: StoredChunk): Promise<void> {
    return this.#files.remove(join(this.#versionDirectory(version), fileName(chunk)));
  }

  /** Removes all chunks of a version. */
  remove(version: string): Promise<void> {
    return this.#files.removeDirectory(this.#versionDirectory(version));
  }

  /** The versions of which chunks are here. */
  async versions(): Promise<string[]> {
    return (await this.#files.list(this.#directory)).filter((name) => VERSION_ID.test(name));
  }

  /** Removes what interrupted writes of a version left behind. */
  removeTemporaries(version: string): Promise<number> {
    return this.#files.removeTemporaries(this.#versionDirectory(version));
  }

  /** When a chunk of the version last came or went, in milliseconds since 1970; undefined when none is here. */
  async lastChange(version: string): Promise<number | undefined> {
    return (await this.#files.stat(this.#versionDirectory(version)))?.modified;
  }

  async #entries(place: ChunkPlace): Promise<readonly SectionEntry[] | undefined> {
    return await this.#files.reading(
      this.#path(place),
      async (file) => (await readHead(file, fileName(place)))?.entries,
    );
  }

  /** The sections of some entries, undefined where one was altered; undefined when the file is not a whole one. */
  async #sections(
    place: ChunkPlace,
    choose: (entries: readonly SectionEntry[]) => readonly SectionEntry[],
  ): Promise<(Section | undefined)[] | undefined> {
    const read = await this.#files.reading(this.#path(place), async (file) => {
      const head = await readHead(file, fileName(place));
      if (head === undefined) return undefined;
      const chosen = choose(head.entries);
      return { chosen, ...(await readSealed(file, head.start, chosen)) };
    });
    if (read === undefined) return undefined;
    const sealer = this.#sealer(place);
    const opened: (Section | undefined)[] = [];
    for (const [i, entry] of read.chosen.entries()) {
      await this.#turns.next(entry.sealedBytes);
      opened.push(openSection(sealer, place, entry, read.sealed[i]));
    }
    release(read.stretches);
    return opened;
  }

  #sealer(place: ChunkPlace): Sealer {
    return this.#vault.sealer(`chunks of ${place.version}`);
  }

  #path(place: ChunkPlace): string {
    if (!(Number.isInteger(place.chunk) && place.chunk >= 0 && place.chunk <= MAX_CHUNK)) {
      throw new RangeError(`chunk ${place.chunk} is not in [0, 2^32)`);
    }
    return join(this.#versionDirectory(place.version), fileName(place));
  }

  #versionDirectory(version: string): string {
    if (!VERSION_ID.test(version)) throw new RangeError('a slice version is 32 hexadecimal digits');
    return join(this.#directory, version);
  }
}

function openSection(
  sealer: Sealer,
  place: ChunkPlace,
  entry: SectionEntry,
  sealed: Uint8Array | undefined,
): Section | undefined {
  if (sealed === undefined) return undefined;
  const opened = sealer.open(sectionContext(place, entry), sealed);
  if (opened === undefined) return undefined;
  const { column, kind } = entry;
  return { column, kind, salt: opened.slice(0, SALT_BYTES), payload: opened.subarray(SALT_BYTES) };
}

function fileName({ part, chunk }: StoredChunk): string {
  return `p${part}-${chunk}.chunk`;
}

function parseName(name: string): StoredChunk | undefined {
  const match = FILE_NAME.exec(name);
  if (match === null) return undefined;
  return { part: Number(match[1]) as PartIndex, chunk: Number(match[2]) };
}

function checkSections(sections: readonly Section[]): void {
  const seen = new Set<string>();
  let bytes = 0;
  for (const { column, kind, salt, payload } of sections) {
    if (!(Number.isInteger(column) && column >= 0 && column < MAX_COLUMNS)) {
      throw new RangeError(`column ${column} is not in [0, ${MAX_COLUMNS})`);
    }
    if (salt.length !== SALT_BYTES)
      throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
    if (seen.has(`${column} ${kind}`)) throw new RangeError(`column ${column}: ${kind} given twice`);
    seen.add(`${column} ${kind}`);
    bytes += sealedLength(payload.length);
  }
  if (sections.length === 0 || bytes > MAX_CHUNK_FILE) {
    throw new RangeError(`a chunk has 1 section or more and at most ${MAX_CHUNK_FILE} bytes`);
  }
}

function sameSections(stored: readonly Section[], given: readonly Section[]): boolean {
  return (
    stored.length === given.length &&
    given.every((section) => {
      const same = stored.find(({ column, kind }) => column === section.column && kind === section.kind);
      return (
        same !== undefined && equalBytes(same.salt, section.salt) && equalBytes(same.payload, section.payload)
      );
    })
  );
}

function placeText({ table, slice, part, chunk }: ChunkPlace, key?: SectionKey): string {
  const column = key === undefined ? '' : `column ${key.column + 1} (${key.kind}), `;
  return `table '${table}', slice '${slice}', ${column}part ${part}, chunk ${chunk}`;
}

function differs(place: ChunkPlace): WarifuError {
  const { table, slice, part, chunk } = place;
  return new WarifuError(
    'CHUNK_DIFFERS',
    `${placeText(place)} is already stored with other contents: the file or the key changed since the upload began; start a new upload`,
    { table, slice, part, chunk },
  );
}

function damaged(place: ChunkPlace, key: SectionKey): WarifuError {
  const { table, slice, version, part, chunk } = place;
  const { column, kind } = key;
  return new WarifuError(
    'CHUNK_DAMAGED',
    `${placeText(place, key)} is missing or was altered on disk: its operator recovers the node ('warifu node recover'), or the slice is uploaded again`,
    { table, slice, version, column, kind, part, chunk },
  );
}
