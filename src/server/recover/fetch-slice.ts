/**
 * The parts of one slice from the other nodes. Whatever comes is checked against the client's signed manifest before
 * it is stored; where it does not fit, the node that sent it is named and the part's next holder is asked.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { equalBytes } from '../../core/digest.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { type NodeIndex, partsHeldBy, type Scheme } from '../../core/scheme.js';
import {
  decodeManifest,
  MAX_MANIFEST_BYTES,
  type Manifest,
  manifestDigest,
} from '../../query/request-manifest.js';
import { expectCommitment } from '../../share/commitment.js';
import type { Section } from '../store/chunk-file.js';
import type { StoredChunk } from '../store/chunks.js';
import { commitmentsOf } from '../work/received-commitments.js';
import { chunkPayloadBytes, decodeChunkPayload } from './chunk-payload.js';
import { HelperRefusal, type HelperSession } from './helper-session.js';
import type { SnapshotSlice } from './snapshot.js';

/** What a node sent that is wrong, or said that it cannot send. */
export interface Fault {
  readonly node: NodeIndex;
  readonly name: string;
  readonly slice: SnapshotSlice;
  readonly error: WarifuError;
}

export interface FetchOptions {
  readonly helpers: readonly HelperSession[];
  readonly scheme: Scheme;
  /** Fingerprint of the cluster file. */
  readonly cluster: string;
  /** The key of a user who may have signed a manifest: also of one who was revoked since. */
  readonly publicKeyOf: (user: string) => Uint8Array | undefined;
  readonly onFault: (fault: Fault) => Promise<void>;
}

/**
 * The manifest of a slice: of the digest on which all nodes agree, signed by its contributor.
 *
 * @throws WarifuError of the last node, when none has it; REQUEST_INVALID for a manifest that is not the slice's.
 */
export async function fetchManifest(
  options: FetchOptions,
  slice: SnapshotSlice,
): Promise<{ readonly bytes: Uint8Array; readonly list: Manifest }> {
  const { helpers, onFault } = options;
  const what = `the manifest of ${nameOf(slice)}`;
  const bytes = await firstRight(helpers, slice, onFault, async (helper) => {
    const came = await helper.ask(
      { kind: 'manifest', version: slice.version },
      { most: MAX_MANIFEST_BYTES },
      what,
    );
    if (bytesToHex(manifestDigest(came)) === slice.manifest) return came;
    throw new WarifuError('COMMITMENT_MISMATCH', `node ${helper.name} sent other bytes than ${what}`, {
      node: helper.name,
    });
  });
  return { bytes, list: openManifest(options, slice, bytes) };
}

/** Checks signature and place. @throws WarifuError REQUEST_INVALID, NOT_ENROLLED. */
export function openManifest(
  { cluster, scheme, publicKeyOf }: Pick<FetchOptions, 'cluster' | 'scheme' | 'publicKeyOf'>,
  slice: SnapshotSlice,
  bytes: Uint8Array,
): Manifest {
  const list = decodeManifest(bytes, publicKeyOf);
  const { head } = list;
  const { columns } = slice.schema;
  const fits =
    head.cluster === cluster &&
    head.user === slice.contributor &&
    head.table === slice.table &&
    head.slice === slice.slice &&
    head.version === slice.version &&
    head.rows === slice.rows &&
    head.chunkRows === slice.chunkRows &&
    head.parts === scheme.parts.length &&
    head.nullable.length === columns.length &&
    head.nullable.every((nullable, i) => nullable === columns[i]?.nullable);
  if (fits) return list;
  throw new WarifuError('REQUEST_INVALID', `the manifest of ${nameOf(slice)} is of another slice`);
}

/**
 * One part of one chunk, from whichever other holder has it right.
 *
 * @throws WarifuError of the last holder when none has; NODE_LOST, NO_PROGRESS when a holder is lost.
 */
export async function fetchChunk(
  { helpers, scheme, onFault }: FetchOptions,
  slice: SnapshotSlice,
  manifest: Manifest,
  place: StoredChunk,
): Promise<Section[]> {
  const holders = helpers.filter(({ node }) => partsHeldBy(scheme, node).includes(place.part));
  // Holders take turns, so that all of them give about as much.
  const first = holders.length === 0 ? 0 : place.chunk % holders.length;
  const inTurn = [...holders.slice(first), ...holders.slice(0, first)];
  return await firstRight(inTurn, slice, onFault, async (helper) => {
    const { version } = slice;
    const what = `part ${place.part} of chunk ${place.chunk} of ${nameOf(slice)}`;
    const exactly = chunkPayloadBytes(slice, place.chunk);
    const bytes = await helper.ask({ kind: 'chunk', version, ...place }, { exactly }, what);
    const sections = decodeChunkPayload(slice, place.chunk, bytes);
    checkSections(manifest, place, sections, helper.name);
    return sections;
  });
}

/** @throws WarifuError COMMITMENT_MISMATCH naming the node and the place. */
function checkSections(
  manifest: Manifest,
  place: StoredChunk,
  sections: readonly Section[],
  sender: string,
): void {
  const { cluster, table, slice, version } = manifest.head;
  const computed = commitmentsOf({ cluster, table, slice, version, ...place }, sections);
  for (const [i, { column, kind }] of sections.entries()) {
    const context = manifest.contextOf({ ...place, column, kind });
    try {
      expectCommitment(manifest.commitmentAt(context), computed[i], context);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      throw new WarifuError(error.code, `node ${sender} sent a wrong part: ${error.message}`, {
        ...error.details,
        node: sender,
      });
    }
  }
}

/** Whether a chunk that is here is what its contributor committed to. */
export function isCommittedTo(manifest: Manifest, place: StoredChunk, sections: readonly Section[]): boolean {
  const { cluster, table, slice, version } = manifest.head;
  const computed = commitmentsOf({ cluster, table, slice, version, ...place }, sections);
  return sections.every(({ column, kind }, i) => {
    const own = computed[i];
    return own !== undefined && equalBytes(own, manifest.commitmentAt({ ...place, column, kind }));
  });
}

/** The first right answer; a node that gives another, or none, is reported. A node that is lost ends it all. */
async function firstRight<T>(
  helpers: readonly HelperSession[],
  slice: SnapshotSlice,
  onFault: FetchOptions['onFault'],
  askOne: (helper: HelperSession) => Promise<T>,
): Promise<T> {
  let last = new WarifuError('INTERNAL', `no other node holds what is missing of ${nameOf(slice)}`);
  for (const helper of helpers) {
    try {
      return await askOne(helper);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      if (!(error instanceof HelperRefusal) && error.code !== 'COMMITMENT_MISMATCH') throw error;
      last = error;
      await onFault({ node: helper.node, name: helper.name, slice, error });
    }
  }
  throw last;
}

export function nameOf({ table, slice }: Pick<SnapshotSlice, 'table' | 'slice'>): string {
  return `slice '${slice}' of table '${table}'`;
}
