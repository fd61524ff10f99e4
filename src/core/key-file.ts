/**
 * The text form of a private Ed25519 key: a user's, or a node's. With a passphrase the key is sealed by
 * ChaCha20-Poly1305 under scrypt of it, bound to all that stands beside it; without one the file's mode (0600)
 * is its only protection.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { bytesToHex, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalJson, parseBoundedJson } from './canonical-json.js';
import { equalBytes } from './digest.js';
import { WarifuError } from './errors.js';
import { hexField, wordField } from './fields.js';
import { SecretBytes } from './secret.js';

/** Faster than the pure implementation, and off the main thread; that one serves in browsers, without `process`. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

const KEY_FILE_FORMAT = 1;
const SEED_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** scrypt N = 2^17, r = 8, p = 1: 128 MiB for each guess. */
const LOG_COST = 17;
/** Longest text of a key file. */
export const MAX_KEY_FILE = 4096;

/** Whose key it is; a key made for one purpose is refused for the other. */
export type KeyOwner = 'user' | 'node';

const keyFile = z.strictObject({
  warifu_private_key: z.literal(KEY_FILE_FORMAT),
  owner: z.enum(['user', 'node']),
  name: wordField,
  algorithm: z.literal('ed25519'),
  public_key: hexField(32),
  private_key: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('clear'), seed: hexField(SEED_BYTES) }),
    z.strictObject({
      kind: z.literal('passphrase'),
      kdf: z.literal('scrypt'),
      // Bounded, so that a damaged file cannot ask for all memory.
      log_cost: z.int().min(10).max(20),
      salt: hexField(SALT_BYTES),
      nonce: hexField(NONCE_BYTES),
      sealed: hexField(SEED_BYTES + TAG_BYTES),
    }),
  ]),
});
type KeyFile = z.infer<typeof keyFile>;

/** A private key with the name of its owner. */
export interface NamedKey {
  readonly owner: KeyOwner;
  readonly name: string;
  /** The 32-byte seed of RFC 8032. */
  readonly privateKey: SecretBytes;
  readonly publicKey: Uint8Array;
}

/** A fresh key. */
export function newNamedKey(owner: KeyOwner, name: string): NamedKey {
  const checkedName = wordField.safeParse(name);
  if (!checkedName.success) {
    throw invalid(`'${name}' cannot be a name: it ${checkedName.error.issues[0]?.message ?? 'is not valid'}`);
  }
  const seed = randomBytes(SEED_BYTES);
  return { owner, name, privateKey: new SecretBytes(seed), publicKey: ed25519.getPublicKey(seed) };
}

/**
 * The text of a key file.
 *
 * @param passphrase undefined leaves the key in clear.
 * @param logCost log2 of scrypt's N.
 */
export async function encodeKeyFile(
  key: NamedKey,
  passphrase: string | undefined,
  logCost = LOG_COST,
): Promise<string> {
  const head = headOf(key.owner, key.name, bytesToHex(key.publicKey));
  let privateKey: KeyFile['private_key'];
  if (passphrase === undefined) {
    privateKey = { kind: 'clear', seed: bytesToHex(key.privateKey.reveal()) };
  } else {
    if (passphrase === '') throw invalid('a passphrase cannot be empty');
    const salt = randomBytes(SALT_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const wrapping = await deriveWrappingKey(passphrase, salt, logCost);
    const sealed = chacha20poly1305(wrapping.reveal(), nonce, bindingOf(head)).encrypt(
      key.privateKey.reveal(),
    );
    wrapping.wipe();
    privateKey = {
      kind: 'passphrase',
      kdf: 'scrypt',
      log_cost: logCost,
      salt: bytesToHex(salt),
      nonce: bytesToHex(nonce),
      sealed: bytesToHex(sealed),
    };
  }
  return `${JSON.stringify({ ...head, private_key: privateKey }, undefined, 2)}\n`;
}

/** Whether a key file's text asks for a passphrase; throws like `decodeKeyFile`. */
export function needsPassphrase(text: string): boolean {
  return parse(text).private_key.kind === 'passphrase';
}

/**
 * Reads a key file.
 *
 * @param owner whose key is wanted.
 * @throws WarifuError KEY_INVALID: no key file, another owner's, passphrase missing or wrong, damaged.
 */
export async function decodeKeyFile(text: string, owner: KeyOwner, passphrase?: string): Promise<NamedKey> {
  const file = parse(text);
  if (file.owner !== owner) throw invalid(`the key file holds the key of a ${file.owner}, not of a ${owner}`);
  const seed = await openSeed(file, passphrase);
  const publicKey = ed25519.getPublicKey(seed);
  if (!equalBytes(publicKey, hexToBytes(file.public_key))) {
    seed.fill(0);
    throw invalid(
      `the key file of '${file.name}' is damaged: its private and public keys do not belong together`,
    );
  }
  return { owner, name: file.name, privateKey: new SecretBytes(seed), publicKey };
}

async function openSeed(file: KeyFile, passphrase: string | undefined): Promise<Uint8Array> {
  const stored = file.private_key;
  if (stored.kind === 'clear') return hexToBytes(stored.seed);
  if (passphrase === undefined) {
    throw invalid(`the key of '${file.name}' is protected by a passphrase, and none was given`);
  }
  const wrapping = await deriveWrappingKey(passphrase, hexToBytes(stored.salt), stored.log_cost);
  const binding = bindingOf(headOf(file.owner, file.name, file.public_key));
  try {
    return chacha20poly1305(wrapping.reveal(), hexToBytes(stored.nonce), binding).decrypt(
      hexToBytes(stored.sealed),
    );
  } catch {
    throw invalid(`the passphrase for the key of '${file.name}' is wrong, or the file is damaged`);
  } finally {
    wrapping.wipe();
  }
}

async function deriveWrappingKey(
  passphrase: string,
  salt: Uint8Array,
  logCost: number,
): Promise<SecretBytes> {
  // NFKC, so that the same passphrase typed on another keyboard or system is the same bytes.
  const password = utf8ToBytes(passphrase.normalize('NFKC'));
  const cost = { N: 2 ** logCost, r: 8, p: 1, maxmem: 2 ** (logCost + 10) + 2 ** 20 };
  const key =
    nodeCrypto === undefined
      ? await scryptAsync(password, salt, { ...cost, dkLen: SEED_BYTES })
      : await nativeScrypt(nodeCrypto, password, salt, cost);
  password.fill(0);
  return new SecretBytes(key);
}

function nativeScrypt(
  crypto: typeof import('node:crypto'),
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    crypto.scrypt(password, salt, SEED_BYTES, cost, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}

function headOf(owner: KeyOwner, name: string, publicKey: string): Omit<KeyFile, 'private_key'> {
  return { warifu_private_key: KEY_FILE_FORMAT, owner, name, algorithm: 'ed25519', public_key: publicKey };
}

function bindingOf(head: Omit<KeyFile, 'private_key'>): Uint8Array {
  return utf8ToBytes(canonicalJson(head));
}

function parse(text: string): KeyFile {
  if (text.length > MAX_KEY_FILE) throw invalid(`a key file has at most ${MAX_KEY_FILE} characters`);
  let data: unknown;
  try {
    data = parseBoundedJson(text, 'the key file');
  } catch (thrown) {
    throw thrown instanceof WarifuError ? invalid(thrown.message) : thrown;
  }
  const parsed = keyFile.safeParse(data);
  if (parsed.success) return parsed.data;
  // The field is named, never quoted: it may be the key.
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? '' : ` (field '${issue.path.join('.')}')`;
  throw invalid(`this is no warifu key file${field}; 'warifu user keygen' makes one`);
}

function invalid(message: string): WarifuError {
  return new WarifuError('KEY_INVALID', message);
}
