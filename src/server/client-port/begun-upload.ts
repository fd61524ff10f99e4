/** The upload that was begun on a connection: what its frames and its manifest must belong to. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { WarifuError } from '../../core/errors.js';
import { partsHeldBy, schemeNamed } from '../../core/scheme.js';
import type { RequestOf } from '../../query/request.js';
import { decodeManifest, manifestDigest } from '../../query/request-manifest.js';
import { decodeUploadFrame, type UploadFrame } from '../../query/request-upload-frame.js';
import { MAX_WIRE_MESSAGE } from '../../query/request-wire.js';
import type { EnrolledUsers } from '../users/enrolled-users.js';
import type { PortContext } from './port-context.js';

export interface BegunUpload {
  readonly user: string;
  readonly table: string;
  readonly slice: string;
  readonly version: string;
}

/**
 * Reads a frame of the upload.
 *
 * @throws WarifuError REQUEST_INVALID (also: no such upload was begun here), REQUEST_MISADDRESSED, NOT_ENROLLED.
 */
export async function readUploadFrame(
  bytes: Uint8Array,
  upload: BegunUpload | undefined,
  { cluster, node, users }: PortContext,
): Promise<UploadFrame> {
  if (upload === undefined) throw notBegun('an upload frame');
  const enrolled = await users();
  const frame = decodeUploadFrame(bytes, {
    cluster: cluster.fingerprint,
    node,
    parts: partsHeldBy(schemeNamed(cluster.scheme), node),
    publicKeyOf: (user) => enrolled.publicKeyOf(user),
    maxBytes: MAX_WIRE_MESSAGE,
  });
  if (!isOf(upload, frame)) throw notBegun('an upload frame of another upload');
  return frame;
}

/**
 * Checks that a manifest is the one that a commit names, and speaks of the same upload.
 *
 * @throws WarifuError REQUEST_INVALID or NOT_ENROLLED.
 */
export function checkManifest(
  manifest: Uint8Array,
  commit: RequestOf<'upload-commit'>,
  users: EnrolledUsers,
): void {
  if (bytesToHex(manifestDigest(manifest)) !== commit.manifest_digest) {
    throw invalid('the manifest is not the one that the commit names');
  }
  const { head } = decodeManifest(manifest, (user) => users.publicKeyOf(user), MAX_WIRE_MESSAGE);
  if (head.cluster !== commit.cluster || !isOf(commit, head)) {
    throw invalid('the manifest belongs to another upload than the commit');
  }
}

/** @throws WarifuError REQUEST_INVALID: there is no upload that a manifest could belong to. */
export function expectBegun(upload: BegunUpload | undefined): void {
  if (upload === undefined) throw notBegun('a manifest');
}

function isOf(upload: BegunUpload, other: BegunUpload): boolean {
  return (
    other.user === upload.user &&
    other.table === upload.table &&
    other.slice === upload.slice &&
    other.version === upload.version
  );
}

function notBegun(what: string): WarifuError {
  return invalid(`${what} came, but no such upload was begun on this connection`);
}

function invalid(message: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', message);
}
