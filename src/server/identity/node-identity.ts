/**
 * What a node is: its name, its Ed25519 key and the certificate over it; kept in the node's directory, or in
 * memory only.
 */
import { join } from 'node:path';
import { CARD_FORMAT, type NodeCard } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { decodeKeyFile, encodeKeyFile, type NamedKey, newNamedKey } from '../../core/key-file.js';
import { readPrivateFile, readPublicFile, writeNewFile } from '../users/key-storage.js';
import { certificatePin, createCertificate, keyPin } from './certificate.js';

const KEY_FILE = 'node-key.json';
const CERTIFICATE_FILE = 'node-certificate.pem';
/** Names of the files in a node's directory. */
export const IDENTITY_FILES = [KEY_FILE, CERTIFICATE_FILE];

export interface NodeIdentity {
  readonly key: NamedKey;
  /** PEM. */
  readonly certificate: string;
}

/**
 * A new node's identity, not stored anywhere.
 *
 * @param now milliseconds since 1970.
 */
export async function createNodeIdentity(name: string, now: number): Promise<NodeIdentity> {
  const key = newNamedKey('node', name);
  return { key, certificate: await createCertificate(key, now) };
}

/**
 * Writes an identity into a node's directory; what is there is never overwritten.
 *
 * @param passphrase undefined leaves the key in clear, in a file of mode 0600.
 * @throws WarifuError KEY_INVALID when there is one already.
 */
export async function saveNodeIdentity(
  directory: string,
  identity: NodeIdentity,
  passphrase: string | undefined,
): Promise<void> {
  await writeNewFile(join(directory, KEY_FILE), await encodeKeyFile(identity.key, passphrase));
  await writeNewFile(join(directory, CERTIFICATE_FILE), identity.certificate);
}

/**
 * Reads the identity of a node's directory.
 *
 * @throws WarifuError FILE_MISSING or KEY_INVALID.
 */
export async function loadNodeIdentity(directory: string, passphrase?: string): Promise<NodeIdentity> {
  const key = await decodeKeyFile(await readPrivateFile(join(directory, KEY_FILE)), 'node', passphrase);
  const certificate = await readPublicFile(join(directory, CERTIFICATE_FILE));
  if (certificatePin(certificate) !== keyPin(key.publicKey)) {
    throw new WarifuError(
      'KEY_INVALID',
      `${CERTIFICATE_FILE} is not the certificate of the key in ${KEY_FILE}; restore both from the same backup`,
    );
  }
  return { key, certificate };
}

/** How a node introduces itself: its public card. Addresses are HOST:PORT. */
export function createCard(
  identity: NodeIdentity,
  addresses: { readonly peer: string; readonly client: string },
): NodeCard {
  return {
    warifu_card: CARD_FORMAT,
    name: identity.key.name,
    peer: addresses.peer,
    client: addresses.client,
    certificates: [identity.certificate],
    pins: [certificatePin(identity.certificate)],
  };
}
