/** What a node that is to be recovered still has: nothing, a part of an earlier recovery, or a store of its own. */
import { asWarifuError, WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import type { Manifest } from '../../query/request-manifest.js';
import type { StoredChunk } from '../store/chunks.js';
import { expectedChunks, NodeStore, type StoreOptions } from '../store/node-store.js';
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

/** Opens the store; what cannot be opened is told with the way out. */
export async function openOwnStore(options: StoreOptions): Promise<NodeStore> {
  try {
    return await NodeStore.open(options);
  } catch (thrown) {
    const error = asWarifuError(thrown);
    if (error.code !== 'STORE_DAMAGED' && error.code !== 'STORE_KEY') throw error;
    throw new WarifuError(error.code, `${error.message}; ${HINT}`, error.details);
  }
}

/** 'lost': nothing is decided or visible here; 'begun': a recovery was interrupted; 'kept': a catalogue is here. */
export async function stateOf({ catalogue }: NodeStore): Promise<'lost' | 'begun' | 'kept'> {
  if (await catalogue.isRebuilding()) return 'begun';
  const versions = await catalogue.versions();
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
