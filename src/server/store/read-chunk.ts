/** What is read of a chunk file (chunk-file.ts): its head, and the sections that are wanted. */
import { decodeHead, MAX_HEAD_BYTES, type SectionEntry } from './chunk-file.js';
import type { DiskReader } from './disk.js';

/** Read at once: every head fits, and small chunks as a whole. */
const FIRST_READ_BYTES = Math.max(1 << 15, MAX_HEAD_BYTES);

export interface ChunkHead {
  readonly entries: readonly SectionEntry[];
  /** The first bytes of the file: small chunks are in it whole. */
  readonly start: Uint8Array;
}

/** Undefined when the file is not a whole one. @param name that an error tells. */
export async function readHead(file: DiskReader, name: string): Promise<ChunkHead | undefined> {
  const start = await file.read(0, FIRST_READ_BYTES);
  const entries = decodeHead(start, file.size, name);
  return entries === undefined ? undefined : { entries, start };
}

export interface SealedSections {
  /** The sealed bytes of each entry: views of the stretches. */
  readonly sealed: readonly Uint8Array[];
  /** What was read of the file. */
  readonly stretches: readonly Uint8Array[];
}

/** Sections that are neighbours in the file are read together. @param start what `readHead` gave. */
export async function readSealed(
  file: DiskReader,
  start: Uint8Array,
  entries: readonly SectionEntry[],
): Promise<SealedSections> {
  const sealed: Uint8Array[] = [];
  const stretches = [start];
  let bytes = start;
  let from = 0;
  for (const [i, { offset, sealedBytes }] of entries.entries()) {
    const end = offset + sealedBytes;
    if (offset < from || end > from + bytes.length) {
      from = offset;
      bytes = await file.read(from, neighboursEnd(entries, i) - from);
      stretches.push(bytes);
    }
    sealed.push(bytes.subarray(offset - from, end - from));
  }
  return { sealed, stretches };
}

/** Where the stretch of sections ends that begins with entry `first` and has no gap. */
function neighboursEnd(entries: readonly SectionEntry[], first: number): number {
  let end = entries[first]?.offset ?? 0;
  for (const entry of entries.slice(first)) {
    if (entry.offset !== end) break;
    end += entry.sealedBytes;
  }
  return end;
}
