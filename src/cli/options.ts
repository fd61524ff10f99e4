/** Option values as people write them, checked while the command line is read. */
import { InvalidArgumentError, Option } from 'commander';
import type { TypeKind } from '../client/schema/decide-column.js';
import { WarifuError } from '../core/errors.js';
import type { Role } from '../server/users/enrolled-users.js';

/** Options of all commands that talk to a cluster. */
export interface ClusterOptions {
  readonly cluster?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
}

export function clusterOption(): Option {
  return new Option(
    '--cluster <file>',
    'cluster file (default: $WARIFU_CLUSTER, or cluster.json in the configuration)',
  );
}

export function keyOption(): Option {
  return new Option(
    '--key <file>',
    'your private key (default: $WARIFU_KEY, or key.json in the configuration)',
  );
}

export function passphraseOption(): Option {
  return new Option(
    '--passphrase-file <file>',
    'file that holds the passphrase of the key (default: $WARIFU_PASSPHRASE_FILE, or asked for)',
  );
}

/** For orders that otherwise need all nodes. */
export function reachedOnlyOption(): Option {
  return new Option(
    '--reached-only',
    'give the order to the nodes that are reached, though one is lost: only where nodes differ while the disk of another one is rebuilt',
  );
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object on stdout');
}

/** How many nodes a local cluster has, as commander gives it. */
export type NodesChoice = '3' | '4';

/** Four nodes notice when one of them lies. */
export function nodesOption(): Option {
  return nodesChoice('number of nodes; of four, one that lies is caught').default('3');
}

/** The same where there may be a cluster already. */
export function newNodesOption(): Option {
  return nodesChoice('number of nodes, at the first start; of four, one that lies is caught (default: 3)');
}

function nodesChoice(description: string): Option {
  return new Option('--nodes <n>', description).choices(['3', '4']);
}

/** The number itself. */
export function nodesOf(choice: NodesChoice): 3 | 4 {
  return choice === '3' ? 3 : 4;
}

export function csvOption(): Option {
  return new Option('--csv', 'print CSV on stdout');
}

/** No table has more rows, so no stricter gate makes sense. */
export const MAX_MIN_COUNT = 2 ** 31;

/** A minimum count: a whole number from 1 up. */
export function parseMinCount(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < 1 || value > MAX_MIN_COUNT) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_MIN_COUNT}.`);
  }
  return value;
}

/** MiB as bytes. */
export function parseMebibytes(text: string): number {
  const value = Number(text);
  if (!/^\d{1,8}$/.test(text) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number of MiB.');
  }
  return value * 2 ** 20;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** HOST:PORT, with brackets around an IPv6 address. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('It must be HOST:PORT, with a port from 1 to 65535.');
  }
  return { host, port };
}

/** The text of an address, as cards have it. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `provider`, `analyst`, or both with a comma. */
export function parseRoles(text: string): Role[] {
  return text.split(',').map((word) => {
    if (word === 'provider' || word === 'analyst') return word;
    throw new InvalidArgumentError(`'${word}' is no role; give provider, analyst, or provider,analyst.`);
  });
}

const TYPE_KINDS: readonly TypeKind[] = ['integer', 'decimal', 'date', 'boolean', 'category', 'identifier'];

/** COLUMN=TYPE, collected. */
export function parseColumnType(
  text: string,
  before: Readonly<Record<string, TypeKind>> = {},
): Record<string, TypeKind> {
  const [name, word] = splitAtEquals(text, 'COLUMN=TYPE');
  const kind = TYPE_KINDS.find((one) => one === word);
  if (kind === undefined) throw new InvalidArgumentError(`The type must be one of ${TYPE_KINDS.join(', ')}.`);
  return { ...before, [name]: kind };
}

/** COLUMN=LABEL, collected. */
export function parseColumnLabel(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [name, label] = splitAtEquals(text, 'COLUMN=LABEL');
  return { ...before, [name]: label };
}

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

export interface TableFile {
  readonly table: string;
  readonly file: string;
}

/** NAME=FILE, collected. */
export function parseTableFile(text: string, before: readonly TableFile[] = []): TableFile[] {
  const [table, file] = splitAtEquals(text, 'NAME=FILE.csv');
  if (before.some((other) => other.table.toLowerCase() === table.toLowerCase())) {
    throw new InvalidArgumentError(`Table '${table}' is given twice; give each file a name of its own.`);
  }
  return [...before, { table, file }];
}

function splitAtEquals(text: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError(`It must be ${form}.`);
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

/** @throws WarifuError USAGE when two options that exclude each other are given. */
export function refuseBoth(given: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length > 1) throw new WarifuError('USAGE', `give only one of ${names.join(' and ')}`);
}
