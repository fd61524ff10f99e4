/** A user's public key as one line to send to an operator: `warifu-user ed25519 NAME BASE64`. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { WarifuError } from '../../core/errors.js';
import { wordField } from '../../core/fields.js';

const KEY_BYTES = 32;

export interface PublicUserKey {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function userKeyLine({ name, publicKey }: PublicUserKey): string {
  return `warifu-user ed25519 ${name} ${Buffer.from(publicKey).toString('base64')}`;
}

/**
 * Parses such a line.
 *
 * @throws WarifuError KEY_INVALID saying what is wrong with it.
 */
export function parseUserKeyLine(line: string): PublicUserKey {
  const words = line.trim().split(/\s+/);
  const [tag, algorithm, name, key] = words;
  if (words.length !== 4 || tag !== 'warifu-user' || algorithm !== 'ed25519' || key === undefined) {
    throw invalid(
      "a user's public key is one line: warifu-user ed25519 NAME BASE64, as 'warifu user keygen' prints it",
    );
  }
  const checkedName = wordField.safeParse(name);
  if (!checkedName.success) {
    throw invalid(`the name in the key line ${checkedName.error.issues[0]?.message ?? 'is not valid'}`);
  }
  return { name: checkedName.data, publicKey: decodePublicKey(key) };
}

/**
 * The bytes of a public key in base64.
 *
 * @throws WarifuError KEY_INVALID for another length or spelling, or a key under which anyone could sign.
 */
export function decodePublicKey(base64: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  if (bytes.length !== KEY_BYTES || Buffer.from(bytes).toString('base64') !== base64) {
    throw invalid(`a public key is ${KEY_BYTES} bytes in base64; copy the whole line`);
  }
  if (!isStrongKey(bytes)) throw invalid('the public key is not a usable Ed25519 key; copy the whole line');
  return bytes;
}

function isStrongKey(bytes: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(bytes, false).isSmallOrder();
  } catch {
    return false;
  }
}

function invalid(message: string): WarifuError {
  return new WarifuError('KEY_INVALID', message);
}
