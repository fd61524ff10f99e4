/**
 * What `warifu node init` leaves in a node's directory besides its identity: the addresses and the operator's
 * settings; and how the directory is unlocked, which is never kept in it.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { parseBoundedJson } from '../core/canonical-json.js';
import { sha256 } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import { IDENTITY_FILES, loadNodeIdentity, type NodeIdentity } from '../server/identity/node-identity.js';
import type { VaultSecret } from '../server/store/vault.js';
import { readPrivateFile, writeNewFile } from '../server/users/key-storage.js';
import { readConfigFile } from './config.js';
import { MAX_MIN_COUNT } from './options.js';
import { existingPassphrase, newPassphrase } from './passphrase.js';
import type { Terminal } from './terminal.js';

const NODE_FORMAT = 1;
const NODE_FILE = 'node.json';
/** What a node is, besides its data: only a backup has them. */
export const NODE_FILES = [NODE_FILE, ...IDENTITY_FILES];
const STORE_KEY_BYTES = 32;

const nodeJson = z.strictObject({
  warifu_node: z.literal(NODE_FORMAT),
  /** No cell is released here from fewer rows, whatever owners allow. */
  min_count_floor: z.int().min(1).max(MAX_MIN_COUNT),
});

export interface NodeSettings {
  readonly minCountFloor: number;
}

/** @throws WarifuError KEY_INVALID when the directory is a node's already. */
export async function writeNodeSettings(directory: string, settings: NodeSettings): Promise<void> {
  const json = { warifu_node: NODE_FORMAT, min_count_floor: settings.minCountFloor };
  await writeNewFile(join(directory, NODE_FILE), `${JSON.stringify(json, undefined, 2)}\n`);
}

/** @throws WarifuError CONFIG_INVALID when the directory is no node's, or the file is damaged. */
export async function readNodeSettings(directory: string): Promise<NodeSettings> {
  const path = join(directory, NODE_FILE);
  if (!existsSync(path)) {
    throw new WarifuError(
      'CONFIG_INVALID',
      `'${directory}' is not the directory of a node (it has no ${NODE_FILE}); 'warifu node init' makes one`,
      { file: path },
    );
  }
  const parsed = nodeJson.safeParse(parseJson(path, await readConfigFile(path)));
  if (parsed.success) return { minCountFloor: parsed.data.min_count_floor };
  const issue = parsed.error.issues[0];
  throw new WarifuError(
    'CONFIG_INVALID',
    `'${path}' is not valid at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'unknown fault'}`,
    { file: path },
  );
}

function parseJson(path: string, text: string): unknown {
  try {
    return parseBoundedJson(text, `'${path}'`);
  } catch (thrown) {
    throw thrown instanceof WarifuError ? new WarifuError('CONFIG_INVALID', thrown.message) : thrown;
  }
}

export interface SecretOptions {
  readonly passphraseFile?: string;
  readonly keyFile?: string;
}

/** The secret of a node that is being made: a key file that does not exist yet is made, too. */
export async function newNodeSecret(
  terminal: Terminal,
  directory: string,
  options: SecretOptions,
): Promise<VaultSecret> {
  if (options.keyFile === undefined) {
    const passphrase = await newPassphrase(terminal, options.passphraseFile, {
      question: 'A passphrase for this node (it cannot be recovered): ',
      otherwise: '--key-file FILE with a key kept elsewhere',
    });
    return { kind: 'passphrase', passphrase };
  }
  refuseBeside(directory, options.keyFile);
  if (!existsSync(options.keyFile)) {
    await writeNewFile(options.keyFile, `${randomBytes(STORE_KEY_BYTES).toString('hex')}\n`);
  }
  return readKeyFile(options.keyFile);
}

/** The secret of a node that exists. */
export async function nodeSecret(
  terminal: Terminal,
  directory: string,
  options: SecretOptions,
): Promise<VaultSecret> {
  if (options.keyFile === undefined) {
    const question = `Passphrase of the node in ${directory}: `;
    return {
      kind: 'passphrase',
      passphrase: await existingPassphrase(terminal, options.passphraseFile, question),
    };
  }
  refuseBeside(directory, options.keyFile);
  return readKeyFile(options.keyFile);
}

/** The passphrase under which the node's own private key is kept: the same secret opens both. */
export function identityPassphrase(secret: VaultSecret): string {
  if (secret.kind === 'passphrase') return secret.passphrase;
  // one way, so that the text of this passphrase says nothing about the key of the store
  return bytesToHex(sha256(Buffer.from('warifu node identity 1\n'), secret.key));
}

/**
 * The identity of a node, opened by its secret.
 *
 * @throws WarifuError KEY_INVALID naming the directory when the secret is not the one that the node was made with.
 */
export async function openIdentity(directory: string, secret: VaultSecret): Promise<NodeIdentity> {
  try {
    return await loadNodeIdentity(directory, identityPassphrase(secret));
  } catch (thrown) {
    if (secret.kind !== 'key' || !(thrown instanceof WarifuError) || thrown.code !== 'KEY_INVALID')
      throw thrown;
    throw new WarifuError(
      'KEY_INVALID',
      `the key file does not open the node in '${directory}': give the one, or the passphrase, that it was made with (${thrown.message})`,
      thrown.details,
    );
  }
}

/** A key in the directory that it locks protects nothing: whoever copies the one has the other. */
function refuseBeside(directory: string, keyFile: string): void {
  const path = relative(realOf(directory), join(realOf(dirname(resolve(keyFile))), 'x'));
  if (path.startsWith('..')) return;
  throw new WarifuError(
    'USAGE',
    `the key file '${keyFile}' would lie in the directory that it locks; keep it elsewhere`,
    { file: keyFile },
  );
}

function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

async function readKeyFile(path: string): Promise<VaultSecret> {
  const text = (await readPrivateFile(path)).trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new WarifuError(
      'KEY_INVALID',
      `'${path}' is no key file: it holds ${STORE_KEY_BYTES} random bytes as ${STORE_KEY_BYTES * 2} lower-case hex digits`,
      { file: path },
    );
  }
  return { kind: 'key', key: hexToBytes(text) };
}
