/**
 * The commitments to payloads that came in frames, remembered until their upload is committed: then they need not be
 * read from the disk again. What is not remembered (frames of an earlier run of the node) is read.
 */
import { type CommitmentContext, commitment } from '../../share/commitment.js';
import type { Section } from '../store/chunk-file.js';
import type { StoredChunk } from '../store/chunks.js';

/** The place of a chunk of one part, but for its columns. */
export type ChunkContext = Omit<CommitmentContext, 'column' | 'kind'>;

/** About 250,000 commitments. */
const MOST_BYTES = 8 << 20;

/** The commitment to each section of a chunk, in the order of the sections. */
export function commitmentsOf(place: ChunkContext, sections: readonly Section[]): Uint8Array[] {
  return sections.map(({ column, kind, salt, payload }) =>
    commitment(salt, { ...place, column, kind }, payload),
  );
}

export class ReceivedCommitments {
  /** By version, then chunk; the version that began longest ago is first. */
  readonly #versions = new Map<string, Map<string, readonly Uint8Array[]>>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Remembers the commitments to a chunk that is stored; where there are too many, the oldest upload's are forgotten. */
  add(version: string, chunk: StoredChunk, commitments: readonly Uint8Array[]): void {
    const chunks = this.#versions.get(version) ?? new Map<string, readonly Uint8Array[]>();
    this.#bytes += bytesOf(commitments) - bytesOf(chunks.get(keyOf(chunk)) ?? []);
    this.#versions.set(version, chunks.set(keyOf(chunk), commitments));
    while (this.#bytes > this.#mostBytes) {
      const [oldest] = this.#versions.keys();
      if (oldest === undefined) break;
      this.take(oldest);
    }
  }

  /** What is remembered of a version, which is forgotten here. */
  take(version: string): (chunk: StoredChunk) => readonly Uint8Array[] | undefined {
    const chunks = this.#versions.get(version);
    this.#versions.delete(version);
    for (const commitments of chunks?.values() ?? []) this.#bytes -= bytesOf(commitments);
    return (chunk) => chunks?.get(keyOf(chunk));
  }
}

function keyOf({ part, chunk }: StoredChunk): string {
  return `${part}/${chunk}`;
}

function bytesOf(commitments: readonly Uint8Array[]): number {
  return commitments.reduce((sum, { length }) => sum + length, 0);
}
