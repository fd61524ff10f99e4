/**
 * What a start does after a crash: it removes what interrupted writes left, chunks that no catalogue row speaks
 * of, and uploaded chunks that are not whole; and it reports visible slices with chunks missing or cut.
 */
import type { PartIndex } from '../../core/scheme.js';
import type { Catalogue, SliceVersion } from './catalogue.js';
import type { ChunkPlace } from './chunk-file.js';
import type { ChunkStore } from './chunks.js';

export interface RecoveryReport {
  /** The last process to use the directory ended without closing it. */
  readonly tookOver: boolean;
  /** Temporary files removed. */
  readonly temporaries: number;
  /** Versions without a catalogue row, removed. */
  readonly orphans: readonly string[];
  /** Chunks of unfinished uploads that were not whole, removed: their client sends them again. */
  readonly discarded: number;
  /** Chunks of prepared or visible versions that are missing or not whole: reading them is CHUNK_DAMAGED. */
  readonly damaged: readonly ChunkPlace[];
}

/** Recovers the chunk directory; safe to repeat, also after a crash in the middle of it. */
export async function recover(
  catalogue: Catalogue,
  chunks: ChunkStore,
  parts: readonly PartIndex[],
): Promise<Omit<RecoveryReport, 'tookOver'>> {
  const versions = new Map((await catalogue.versions()).map((slice) => [slice.version, slice]));
  const orphans: string[] = [];
  let temporaries = 0;
  let discarded = 0;
  for (const version of await chunks.versions()) {
    const slice = versions.get(version);
    if (slice === undefined) {
      await chunks.remove(version);
      orphans.push(version);
      continue;
    }
    temporaries += await chunks.removeTemporaries(version);
    if (slice.state === 'staged') discarded += await discardBroken(chunks, slice);
  }
  const damaged: ChunkPlace[] = [];
  for (const slice of versions.values()) {
    if (slice.state !== 'prepared' && slice.state !== 'visible') continue;
    damaged.push(...(await brokenChunks(chunks, slice, parts)));
  }
  return { temporaries, orphans, discarded, damaged };
}

async function discardBroken(chunks: ChunkStore, slice: SliceVersion): Promise<number> {
  let discarded = 0;
  for (const chunk of await chunks.list(slice.version)) {
    if (await chunks.isWhole({ ...placeOf(slice), ...chunk })) continue;
    await chunks.removeChunk(slice.version, chunk);
    discarded++;
  }
  return discarded;
}

async function brokenChunks(
  chunks: ChunkStore,
  slice: SliceVersion,
  parts: readonly PartIndex[],
): Promise<ChunkPlace[]> {
  const broken: ChunkPlace[] = [];
  for (const part of parts) {
    for (let chunk = 0; chunk < slice.chunks; chunk++) {
      const place = { ...placeOf(slice), part, chunk };
      if (!(await chunks.isWhole(place))) broken.push(place);
    }
  }
  return broken;
}

function placeOf({ table, slice, version }: SliceVersion): Pick<ChunkPlace, 'table' | 'slice' | 'version'> {
  return { table, slice, version };
}
