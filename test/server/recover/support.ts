/** Nodes on disk, one of which loses its directory and is recovered; and what their catalogues hold, row by row. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import type { NamedKey } from '../../../src/core/key-file.js';
import { type NodeIndex, partsHeldBy, schemeNamed } from '../../../src/core/scheme.js';
import { auditPath } from '../../../src/server/audit/audit-path.js';
import { verifyAudit } from '../../../src/server/audit/verify.js';
import { SILENT } from '../../../src/server/log.js';
import {
  type Recovered,
  type RecoverOptions,
  recoverNode,
} from '../../../src/server/recover/recover-node.js';
import type { StoredChunk } from '../../../src/server/store/chunks.js';
import { nodeDisk } from '../../../src/server/store/disk.js';
import { Files } from '../../../src/server/store/files.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { expectedSections } from '../../../src/server/work/expand-frame.js';
import type { LocalNodes } from '../support/local-nodes.js';

export function usersOf(...keys: readonly NamedKey[]): EnrolledUsers {
  return keys.reduce(
    (users, { name, publicKey }) => users.enrol({ name, publicKey }, ['provider', 'analyst'], 0),
    new EnrolledUsers([]),
  );
}

export function recover(
  { identities, cluster, directories }: LocalNodes,
  i: number,
  users: EnrolledUsers,
  change: Partial<RecoverOptions> = {},
): Promise<Recovered> {
  return recoverNode({
    identity: identities[i] as never,
    cluster,
    directory: directories[i] as string,
    secret: { kind: 'key', key: new Uint8Array(32).fill(i + 1) },
    users: { read: async () => users },
    log: SILENT,
    linkMs: 5_000,
    patienceMs: 3_000,
    ...change,
  });
}

/** The disk is gone: all files of a stopped node. */
export async function lose({ directories }: LocalNodes, i: number): Promise<void> {
  const directory = directories[i] as string;
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
}

/** The chunk files of a version at a node. */
export async function chunkFiles({ directories }: LocalNodes, i: number, version: string): Promise<string[]> {
  const directory = join(directories[i] as string, 'chunks', version);
  return (await readdir(directory)).toSorted().map((name) => join(directory, name));
}

/** Flips a bit in the middle of a file. */
export async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Opens a stopped node's store, uses it, and closes it. */
export async function withStoreOf<T>(
  { cluster, directories }: LocalNodes,
  i: NodeIndex,
  use: (store: NodeStore) => Promise<T>,
): Promise<T> {
  const store = await NodeStore.open({
    directory: directories[i] as string,
    secret: { kind: 'key', key: new Uint8Array(32).fill(i + 1) },
    parts: partsHeldBy(schemeNamed(cluster.scheme), i),
  });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** Flips a bit of a value in a stopped node's store, well sealed: what its operator can do. */
export async function spoil(
  nodes: LocalNodes,
  i: NodeIndex,
  version: string,
  place: StoredChunk,
): Promise<void> {
  await withStoreOf(nodes, i, async (store) => {
    const slice = await store.catalogue.version(version);
    if (slice === undefined) throw new Error('the slice is gone');
    const sections = await store.readChunk(slice, place, expectedSections(slice));
    const [first] = sections;
    if (first !== undefined) first.payload[0] = (first.payload[0] ?? 0) ^ 1;
    await store.replaceChunk(version, place, sections);
  });
}

/** The events of a node's audit log, which is whole. */
export async function eventsOf({ directories }: LocalNodes, i: number): Promise<Record<string, unknown>[]> {
  const directory = directories[i] as string;
  const found: Record<string, unknown>[] = [];
  await verifyAudit(new Files(nodeDisk, directory), auditPath(directory), {
    visit: ({ event }) => found.push(event),
  });
  return found;
}

/** What is each node's own, and need not be the same after a recovery. */
const OWN_TABLES = ['node', 'nonces', 'attempts'];
const OWN_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  tables: ['created'],
  versions: ['changed', 'replaces'],
};

/** Every row of every table of a stopped node's catalogue, but for what is its own: new columns are in it, too. */
export function catalogueRows({ directories }: LocalNodes, i: number): Record<string, string[]> {
  const database = new sqlite.Database(join(directories[i] as string, 'catalogue.db'));
  try {
    // As the node does: this build has no shared memory for the log.
    database.get('PRAGMA locking_mode=EXCLUSIVE');
    const tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table'") as { name: string }[];
    const names = tables.map(({ name }) => name).filter((name) => !OWN_TABLES.includes(name));
    return Object.fromEntries(names.map((name) => [name, rowsOf(database, name)]));
  } finally {
    database.close();
  }
}

function rowsOf(database: sqlite.Database, table: string): string[] {
  const where = table === 'versions' ? "WHERE state = 'visible'" : '';
  const rows = database.all(`SELECT * FROM ${table} ${where}`) as Record<string, unknown>[];
  return rows
    .map((row) => {
      const shared = Object.entries(row).filter(([column]) => !OWN_COLUMNS[table]?.includes(column));
      return JSON.stringify(
        shared.map(([column, value]) => [
          column,
          value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
        ]),
      );
    })
    .toSorted();
}
