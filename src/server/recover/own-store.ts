/** What a node that is to be recovered still has: nothing, a part of an earlier recovery, or a store of its own. */
import { asWarifuError, WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import type { Manifest } from '../../query/request-manifest.js';
import type { StoredChunk } from '../store/chunks.js';
import { ensureStoreToRebuild } from '../store/new-store.js';
import { expectedChunks, NodeStore, type StoreOptions } from '../store/node-store.js';
import type { VaultSecret } from '../store/vault.js';
import { expectedSections } from '../work/expand-frame.js';
import { differencesAmong } from './agreement.js';
import { isCommittedTo, nameOf } from './fetch-slice.js';
import { type Snapshot, type SnapshotSlice, takeSnapshot } from './snapshot.js';

/** A chunk of a slice that is missing or altered here. */
export interface LostChunk extends StoredChunk {
  readonly slice: SnapshotSlice;
}

const HINT =
  "'--set-aside' moves what is here of the store (key, catalogue, chunks) into a directory of its own and recovers everything";

/** What was left of a store when the recovery began: nothing, some of an earlier recovery, or a catalogue. */
export type Found = 'lost' | 'begun' | 'kept';

/**
 * Opens the store. One in which nothing is known has the mark of a rebuilding from here on, before anything is asked
 * of the other nodes: wherever the recovery ends, the node does not start on it. What cannot be opened is told with
 * the way out.
 */
export async function openOwnStore(
  options: StoreOptions & { readonly secret: VaultSecret },
): Promise<{ readonly store: NodeStore; readonly found: Found }> {
  try {
    await ensureStoreToRebuild(options);
    const store = await NodeStore.open(options);
    try {
      const found = await stateOf(store);
      if (found !== 'kept') await store.catalogue.beginRebuild();
      return { store, found };
    } catch (thrown) {
      store.close();
      throw thrown;
    }
  } catch (thrown) {
    const { code, message, details } = asWarifuError(thrown);
    if (code !== 'STORE_DAMAGED' && code !== 'STORE_KEY') throw thrown;
    throw new WarifuError(code, `${message}; ${HINT}`, details);
  }
}

async function stateOf({ catalogue }: NodeStore): Promise<Found> {
  const versions = await catalogue.versions();
  if (await catalogue.isRebuilding()) return versions.length === 0 ? 'lost' : 'begun';
  const shown = versions.some(({ state }) => state === 'prepared' || state === 'visible');
  return shown || (await catalogue.tables()).length > 0 ? 'kept' : 'lost';
}

/**
 * A catalogue that is here must say what all other nodes say: recovery neither drops what only this node has, nor
 * takes its owner's word back.
 *
 * @throws WarifuError STATE_DIFFERS naming the first differences.
 */
export async function expectSame(store: NodeStore, agreed: Snapshot): Promise<void> {
  const own = await takeSnapshot(store);
  const differences = differencesAmong([
    { name: 'this node', snapshot: own },
    { name: 'the others', snapshot: agreed },
  ]);
  if (differences.length === 0) return;
  const facts = differences.map(({ fact }) => fact);
  const more = facts.length > 5 ? ` and ${facts.length - 5} more` : '';
  throw new WarifuError(
    'STATE_DIFFERS',
    `this node's catalogue is whole, but says otherwise than all other nodes about ${facts.slice(0, 5).join(', ')}${more}. If it is an old copy, ${HINT} from the others`,
    { facts: facts.slice(0, 5) },
  );
}

/** Reads every chunk of a visible slice and compares it with the contributor's commitment. */
export async function lostChunksOf(
  store: NodeStore,
  slice: SnapshotSlice,
  manifest: Manifest,
  held: readonly PartIndex[],
  onChecked: () => void,
): Promise<LostChunk[]> {
  const version = await store.catalogue.version(slice.version);
  if (version === undefined) throw new WarifuError('INTERNAL', `${nameOf(slice)} is gone`);
  const keys = expectedSections(slice);
  const lost: LostChunk[] = [];
  for (const { part, chunk } of expectedChunks(slice, held)) {
    const place = { part, chunk };
    try {
      const sections = await store.readChunk(version, place, keys);
      if (!isCommittedTo(manifest, place, sections)) lost.push({ slice, ...place });
    } catch (thrown) {
      if (asWarifuError(thrown).code !== 'CHUNK_DAMAGED') throw thrown;
      lost.push({ slice, ...place });
    }
    onChecked();
  }
  return lost;
}
