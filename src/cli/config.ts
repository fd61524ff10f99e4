/**
 * Which cluster, which key: an option, else the environment, else the configuration directory
 * ($WARIFU_HOME, else $XDG_CONFIG_HOME/warifu, else ~/.config/warifu).
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../core/cluster-file.js';
import { type ErrorCode, WarifuError } from '../core/errors.js';
import { decodeKeyFile, type NamedKey, needsPassphrase } from '../core/key-file.js';
import { parseCluster } from '../server/identity/cluster.js';
import { readPrivateFile, readPublicFile } from '../server/users/key-storage.js';
import type { ClusterOptions } from './options.js';
import { existingPassphrase } from './passphrase.js';
import type { Environment, Terminal } from './terminal.js';

/** Where cluster.json and key.json are looked for. */
export function configDirectory(environment: Environment): string {
  return (
    nonEmpty(environment['WARIFU_HOME']) ??
    join(nonEmpty(environment['XDG_CONFIG_HOME']) ?? join(homedir(), '.config'), 'warifu')
  );
}

/** Where what an interrupted upload needs to go on is kept. */
export function stateDirectory(environment: Environment): string {
  const home = nonEmpty(environment['WARIFU_HOME']);
  if (home !== undefined) return join(home, 'uploads');
  const state = nonEmpty(environment['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state');
  return join(state, 'warifu', 'uploads');
}

/** @throws WarifuError CONFIG_INVALID saying where a cluster file was looked for; FILE_MISSING. */
export async function loadCluster(options: ClusterOptions, environment: Environment): Promise<Cluster> {
  const path = locate({
    what: 'cluster file',
    given: options.cluster,
    option: '--cluster',
    variable: 'WARIFU_CLUSTER',
    file: 'cluster.json',
    origin: "the operators of the nodes have it ('warifu cluster create')",
    code: 'CONFIG_INVALID',
    environment,
  });
  return readCluster(path);
}

/** @throws WarifuError CONFIG_INVALID naming the file, FILE_MISSING. */
export async function readCluster(path: string): Promise<Cluster> {
  const text = await readConfigFile(path);
  try {
    return parseCluster(text);
  } catch (thrown) {
    if (!(thrown instanceof WarifuError)) throw thrown;
    throw new WarifuError(thrown.code, `'${path}': ${thrown.message}`, { ...thrown.details, file: path });
  }
}

/** A public file of the configuration; what is wrong with it is a fault of the configuration, not of a key. */
export async function readConfigFile(path: string): Promise<string> {
  try {
    return await readPublicFile(path);
  } catch (thrown) {
    if (thrown instanceof WarifuError && thrown.code === 'KEY_INVALID') {
      throw new WarifuError('CONFIG_INVALID', thrown.message, thrown.details);
    }
    throw thrown;
  }
}

/** @throws WarifuError KEY_INVALID saying where a key was looked for, or what is wrong with it; FILE_MISSING. */
export async function loadUserKey(options: ClusterOptions, terminal: Terminal): Promise<NamedKey> {
  const path = locate({
    what: 'private key',
    given: options.key,
    option: '--key',
    variable: 'WARIFU_KEY',
    file: 'key.json',
    origin: "'warifu user keygen NAME' makes one",
    code: 'KEY_INVALID',
    environment: terminal.environment,
  });
  const text = await readPrivateFile(path);
  const passphrase = needsPassphrase(text)
    ? await existingPassphrase(terminal, options.passphraseFile, `Passphrase of ${path}: `)
    : undefined;
  return decodeKeyFile(text, 'user', passphrase);
}

interface Wanted {
  readonly what: string;
  readonly given: string | undefined;
  readonly option: string;
  readonly variable: string;
  readonly file: string;
  readonly origin: string;
  readonly code: ErrorCode;
  readonly environment: Environment;
}

function locate({ what, given, option, variable, file, origin, code, environment }: Wanted): string {
  const named = given ?? nonEmpty(environment[variable]);
  if (named !== undefined) return named;
  const path = join(configDirectory(environment), file);
  if (existsSync(path)) return path;
  throw new WarifuError(
    code,
    `no ${what}: give ${option} FILE, set ${variable}, or put it at '${path}'; ${origin}`,
    { file: path },
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
