/**
 * Encryption at rest: AES-256-GCM under keys derived from one random data key per node.
 *
 * key.json in the node's directory holds only the data key wrapped under a key that is not in the directory:
 * scrypt of a passphrase, or a 32-byte key kept in a file elsewhere. An ephemeral node keeps its data key in
 * memory only, so that after its end nothing can be read. Each label (a slice version) has a key of its own by
 * HKDF, so random 96-bit nonces stay far below their limit of 2^32 messages per key (NIST SP 800-38D, 8.3).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { WarifuError } from '../../core/errors.js';
import { SecretBytes } from '../../core/secret.js';
import type { Files } from './files.js';

const KEY_FORMAT = 1;
const KEY_FILE = 'key.json';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_KEY_FILE = 4096;
/** scrypt N=2^17, r=8, p=1: 128 MiB and about half a second for each guess (OWASP's first choice, 2024). */
const PASSPHRASE_LOG_COST = 17;

/** Bytes that sealing adds: nonce and tag. */
export const SEAL_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/** What unlocks a node's data key; never stored beside the data. */
export type VaultSecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key'; readonly key: Uint8Array };

/** Seals and opens under one derived key. */
export interface Sealer {
  /** nonce, ciphertext of the pieces one after the other, tag. */
  seal(context: Uint8Array, ...plaintext: readonly Uint8Array[]): Uint8Array;
  /** A fresh array at offset 0 of its buffer; undefined when the bytes or the context are not what was sealed. */
  open(context: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const wrapping = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('passphrase'),
    kdf: z.literal('scrypt'),
    // Bounded, so that a damaged file cannot ask for all memory.
    log_cost: z.int().min(10).max(20),
    block_size: z.literal(8),
    parallelism: z.literal(1),
    salt: hex(16),
  }),
  z.strictObject({ kind: z.literal('key') }),
]);
const keyFile = z.strictObject({
  warifu_key: z.literal(KEY_FORMAT),
  wrapping,
  wrapped_key: hex(SEAL_OVERHEAD + KEY_BYTES),
});
type Wrapping = z.infer<typeof wrapping>;

export class Vault {
  readonly #dataKey: SecretBytes;

  private constructor(dataKey: Uint8Array) {
    this.#dataKey = new SecretBytes(dataKey);
  }

  /** A vault whose key exists in this process's memory only. */
  static ephemeral(): Vault {
    return new Vault(randomBytes(KEY_BYTES));
  }

  /**
   * Makes a data key and writes key.json.
   *
   * @param logCost log2 of scrypt's N.
   * @throws WarifuError STORE_KEY when key.json exists already or the secret is unfit.
   */
  static async create(
    files: Files,
    directory: string,
    secret: VaultSecret,
    logCost: number = PASSPHRASE_LOG_COST,
  ): Promise<Vault> {
    if (await Vault.exists(files, directory)) {
      throw new WarifuError('STORE_KEY', `the node's directory has a ${KEY_FILE} already`);
    }
    const chosen: Wrapping =
      secret.kind === 'key'
        ? { kind: 'key' }
        : {
            kind: 'passphrase',
            kdf: 'scrypt',
            log_cost: logCost,
            block_size: 8,
            parallelism: 1,
            salt: randomBytes(16).toString('hex'),
          };
    const dataKey = randomBytes(KEY_BYTES);
    const wrapped = sealer(await wrappingKey(chosen, secret)).seal(wrapContext(chosen), dataKey);
    const json = {
      warifu_key: KEY_FORMAT,
      wrapping: chosen,
      wrapped_key: Buffer.from(wrapped).toString('hex'),
    };
    const text = `${JSON.stringify(json, null, 2)}\n`;
    await files.writeAtomically(join(directory, KEY_FILE), [Buffer.from(text)]);
    return new Vault(dataKey);
  }

  static async exists(files: Files, directory: string): Promise<boolean> {
    return (await files.stat(join(directory, KEY_FILE))) !== undefined;
  }

  /**
   * Unwraps the data key of a node's directory.
   *
   * @throws WarifuError STORE_KEY for a wrong secret or a damaged key.json, STORE_FORMAT for a newer one.
   */
  static async open(files: Files, directory: string, secret: VaultSecret): Promise<Vault> {
    const stored = parseKeyFile(await files.read(join(directory, KEY_FILE), 0, MAX_KEY_FILE));
    if (stored.wrapping.kind !== secret.kind) {
      const wanted = stored.wrapping.kind === 'key' ? 'a key file' : 'a passphrase';
      throw new WarifuError('STORE_KEY', `the node's store is locked with ${wanted}: give that`);
    }
    const key = await wrappingKey(stored.wrapping, secret);
    const opened = sealer(key).open(wrapContext(stored.wrapping), Buffer.from(stored.wrapped_key, 'hex'));
    if (opened === undefined) {
      const what = secret.kind === 'key' ? 'key' : 'passphrase';
      throw new WarifuError('STORE_KEY', `wrong ${what} for the node's store (or ${KEY_FILE} was changed)`);
    }
    return new Vault(opened);
  }

  /** The sealer of a label; the same label gives the same key. */
  sealer(label: string): Sealer {
    const info = `warifu store 1 ${label}`;
    return sealer(Buffer.from(hkdfSync('sha256', this.#dataKey.reveal(), '', info, KEY_BYTES)));
  }

  /** Overwrites the key in memory; the vault is of no use afterwards. */
  wipe(): void {
    this.#dataKey.wipe();
  }
}

function parseKeyFile(bytes: Uint8Array | undefined): z.infer<typeof keyFile> {
  if (bytes === undefined) throw new WarifuError('STORE_KEY', `the node's directory has no ${KEY_FILE}`);
  const damaged = new WarifuError('STORE_KEY', `${KEY_FILE} is damaged: restore it from a backup`);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw damaged;
  }
  const format = z.looseObject({ warifu_key: z.int() }).safeParse(json);
  if (format.success && format.data.warifu_key > KEY_FORMAT)
    throw newerFormat(KEY_FILE, format.data.warifu_key);
  const parsed = keyFile.safeParse(json);
  if (!parsed.success) throw damaged;
  return parsed.data;
}

/** The refusal of a file that a later version of warifu wrote. */
export function newerFormat(file: string, format: number): WarifuError {
  return new WarifuError(
    'STORE_FORMAT',
    `'${file}' has format ${format}, written by a newer warifu: upgrade this node's software`,
    { file, format },
  );
}

/** Binds the parameters: a weaker cost written into key.json does not open the key. */
function wrapContext(chosen: Wrapping): Uint8Array {
  return Buffer.from(`warifu data key ${JSON.stringify(chosen)}`);
}

async function wrappingKey(chosen: Wrapping, secret: VaultSecret): Promise<Buffer> {
  if (secret.kind === 'key') {
    if (secret.key.length === KEY_BYTES) return Buffer.from(secret.key);
    throw new WarifuError('STORE_KEY', `a store key has ${KEY_BYTES} bytes, this one ${secret.key.length}`);
  }
  if (secret.passphrase === '') throw new WarifuError('STORE_KEY', 'the passphrase is empty');
  if (chosen.kind !== 'passphrase') throw new WarifuError('INTERNAL', 'a passphrase for a store with a key');
  const cost = 2 ** chosen.log_cost;
  // The same passphrase may be typed as different code points on different systems.
  const password = secret.passphrase.normalize('NFKC');
  const salt = Buffer.from(chosen.salt, 'hex');
  const options = { N: cost, r: chosen.block_size, p: chosen.parallelism, maxmem: 256 * cost * 8 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function sealer(key: Buffer): Sealer {
  return {
    seal: (context, ...plaintext) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context);
      const sealed = plaintext.map((piece) => cipher.update(piece));
      return Buffer.concat([nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
    },
    open: (context, sealed) => {
      if (sealed.length < SEAL_OVERHEAD) return undefined;
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(context).setAuthTag(sealed.subarray(end));
      const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, end));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      const { buffer, byteOffset, length } = plaintext;
      return byteOffset === 0 ? new Uint8Array(buffer, 0, length) : Uint8Array.from(plaintext);
    },
  };
}
