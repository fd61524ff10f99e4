/** Stages the slices that the other nodes agree on and fetches what is missing of them; may be interrupted anywhere. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { asWarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import { type Manifest, manifestDigest } from '../../query/request-manifest.js';
import type { Section } from '../store/chunk-file.js';
import type { NodeStore } from '../store/node-store.js';
import { expectNotCancelled } from './cancelled.js';
import { type FetchOptions, fetchChunk, fetchManifest, openManifest } from './fetch-slice.js';
import { HelperRefusal } from './helper-session.js';
import { type LostChunk, lostChunksOf } from './own-store.js';
import type { Snapshot, SnapshotSlice } from './snapshot.js';

export interface RebuildOptions extends FetchOptions {
  readonly store: NodeStore;
  /** Parts of this node. */
  readonly held: readonly PartIndex[];
  /** Looked at between chunks. */
  readonly signal: AbortSignal;
  readonly onProgress: (stage: 'recover' | 'verify', done: number, total: number) => void;
}

/** What was done: chunks stored, and chunks that no other node has right. */
export interface Fetched {
  readonly chunks: number;
  readonly lost: readonly LostChunk[];
}

/** Chunks under way at once, for each other node: one is checked and stored while the next one comes. */
const ASKED_AHEAD = 2;

/** Fetches every slice of a lost catalogue as far as it is not here yet. Those not agreed on any more are dropped. */
export async function fetchSlices(options: RebuildOptions, agreed: Snapshot): Promise<Fetched> {
  const { store } = options;
  const wanted = new Set(agreed.slices.map(({ version }) => version));
  for (const { version, state } of await store.catalogue.versions()) {
    const staged = state === 'staged' && !wanted.has(version);
    if (staged && (await store.catalogue.manifest(version)) !== undefined)
      await store.catalogue.abandon(version);
  }
  const progress = counter(options, 'recover', agreed.slices);
  let chunks = 0;
  const lost: LostChunk[] = [];
  for (const slice of agreed.slices) {
    const manifest = await stageSlice(options, slice);
    const missing = await store.missingChunks(slice.version);
    progress(slice.chunks * options.held.length - missing.length);
    const got = await fetchChunks(
      options,
      manifest,
      missing.map((place) => ({ slice, ...place })),
      async (place, sections) => {
        await store.putChunk(slice.version, place, sections);
        progress(1);
      },
    );
    chunks += got.chunks;
    lost.push(...got.lost);
  }
  return { chunks, lost };
}

/** Replaces chunks that are damaged or missing in a store whose catalogue is whole. */
export async function repairSlices(options: RebuildOptions, agreed: Snapshot): Promise<Fetched> {
  const { store, held, signal } = options;
  const verified = counter(options, 'verify', agreed.slices);
  let chunks = 0;
  const lost: LostChunk[] = [];
  for (const slice of agreed.slices) {
    const bytes = await store.catalogue.manifest(slice.version);
    const manifest = openManifest(options, slice, bytes ?? new Uint8Array());
    const damaged = await lostChunksOf(store, slice, manifest, held, () => {
      expectNotCancelled(signal);
      verified(1);
    });
    const got = await fetchChunks(options, manifest, damaged, (place, sections) =>
      store.replaceChunk(slice.version, place, sections),
    );
    chunks += got.chunks;
    lost.push(...got.lost);
  }
  return { chunks, lost };
}

/** The slice as a staged one, with its manifest; what was fetched under another manifest is thrown away. */
async function stageSlice(options: RebuildOptions, slice: SnapshotSlice): Promise<Manifest> {
  const { store } = options;
  const { table, slice: name, version, contributor, schema, rows, chunkRows } = slice;
  await store.catalogue.stage({
    table,
    slice: name,
    version,
    contributor,
    schema,
    rows,
    chunkRows,
    replace: false,
  });
  const known = await store.catalogue.manifest(version);
  if (known !== undefined && bytesToHex(manifestDigest(known)) === slice.manifest) {
    return openManifest(options, slice, known);
  }
  if (known !== undefined) await store.restartChunks(version);
  const { bytes, list } = await fetchManifest(options, slice);
  await store.catalogue.stageManifest(version, bytes);
  return list;
}

/** Fetches some chunks of one slice, a few at a time. What no node has right is returned, not thrown. */
async function fetchChunks(
  options: RebuildOptions,
  manifest: Manifest,
  wanted: readonly LostChunk[],
  keep: (place: LostChunk, sections: readonly Section[]) => Promise<void>,
): Promise<Fetched> {
  const waiting = wanted.values();
  const lost: LostChunk[] = [];
  let chunks = 0;
  let failure: unknown;
  const work = async (): Promise<void> => {
    for (const place of waiting) {
      if (failure !== undefined) return;
      try {
        expectNotCancelled(options.signal);
        const { part, chunk } = place;
        const sections = await orLost(fetchChunk(options, place.slice, manifest, { part, chunk }));
        if (sections === undefined) lost.push(place);
        else {
          await keep(place, sections);
          chunks++;
        }
      } catch (thrown) {
        failure ??= thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: ASKED_AHEAD * options.helpers.length }, work));
  if (failure !== undefined) throw failure;
  return { chunks, lost };
}

/** Undefined when every holder has it wrong or not at all: each was reported. */
async function orLost(fetching: Promise<Section[]>): Promise<Section[] | undefined> {
  try {
    return await fetching;
  } catch (thrown) {
    const error = asWarifuError(thrown);
    if (error instanceof HelperRefusal || error.code === 'COMMITMENT_MISMATCH') return undefined;
    throw error;
  }
}

/** Counts chunks of all slices. */
function counter(
  { held, onProgress }: RebuildOptions,
  stage: 'recover' | 'verify',
  slices: readonly SnapshotSlice[],
): (done: number) => void {
  const total = slices.reduce((sum, { chunks }) => sum + chunks * held.length, 0);
  let done = 0;
  return (more) => {
    done += more;
    onProgress(stage, done, total);
  };
}
