/** The disk of one of the organisations is lost, or another's is altered; and the command that recovers. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type NodeIndex, partsHeldBy, schemeNamed } from '../../../src/core/scheme.js';
import type { StoredChunk } from '../../../src/server/store/chunks.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { expectedSections } from '../../../src/server/work/expand-frame.js';
import type { Organisations, Outcome } from './organisations.js';

/** What is left on the new disk: what the operator has in a backup. */
const BACKUP = ['node.json', 'node-key.json', 'node-certificate.pem', 'users'];

/** Rows of which some weights and answers are missing. */
export function patients(rows: number, salt: number): string {
  const lines = ['age,sex,weight,smoker'];
  for (let i = 0; i < rows; i++) {
    const mixed = Math.imul(i + salt, 2654435761) >>> 0;
    const weight = mixed % 11 === 0 ? '' : ((400 + ((mixed >>> 8) % 600)) / 10).toFixed(1);
    const smoker = mixed % 13 === 0 ? '' : mixed & 6 ? 'no' : 'yes';
    lines.push(`${20 + (mixed % 80)},${mixed & 1 ? 'F' : 'M'},${weight},${smoker}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Uploads slices of table 'patients', by name and number of rows, which the analyst may query. */
export async function uploadPatients(
  all: Organisations,
  slices: Readonly<Record<string, number>>,
): Promise<void> {
  const schema = all.path('schema.json');
  for (const [i, [slice, rows]] of Object.entries(slices).entries()) {
    const file = all.path(`${slice}.csv`);
    await writeFile(file, patients(rows, i + 1));
    if (i === 0) await all.ok(['schema', 'infer', file, '--out', schema]);
    const to = ['--table', 'patients', '--slice', slice, '--schema', schema];
    await all.ok(['upload', file, ...to], 'provider');
  }
  await all.ok(['grant', 'patients', 'analyst'], 'provider');
}

/** Directory, cluster and key of a node, for its commands. */
export function nodeOptions(all: Organisations, name: string): string[] {
  const key = ['--key-file', all.path(`${name}.key`)];
  return ['--dir', all.path(name), '--cluster', all.path('cluster.json'), ...key];
}

/** `warifu node recover` at a node. */
export function recovery(all: Organisations, name: string, ...more: string[]): string[] {
  return ['node', 'recover', ...nodeOptions(all, name), '--json', ...more];
}

/** The error that a refused recovery prints for scripts. */
export function errorOf({ exit, stdout, stderr }: Outcome): {
  exit: number;
  code: string;
  details: Record<string, unknown>;
} {
  const { error } = JSON.parse(stdout === '' ? '{"error":{}}' : stdout);
  expect(error.code, stderr).toBeDefined();
  return { exit, code: error.code, details: error.details };
}

/** kill -9, and an empty disk with the files of the backup. */
export async function loseDisk(all: Organisations, i: number): Promise<void> {
  await all.kill(i);
  const directory = all.path(all.names[i] as string);
  for (const name of await readdir(directory)) {
    if (!BACKUP.includes(name)) await rm(join(directory, name), { recursive: true });
  }
}

/** The chunk files of a node, over all slice versions; none when there is no store. */
export async function chunkFiles(all: Organisations, name: string): Promise<string[]> {
  const directory = join(all.path(name), 'chunks');
  const versions = await readdir(directory).catch(() => []);
  const files = await Promise.all(
    versions.map(async (version) =>
      (await readdir(join(directory, version)))
        .filter((file) => file.endsWith('.chunk'))
        .map((file) => join(directory, version, file)),
    ),
  );
  return files.flat().toSorted();
}

/** Flips a bit in the middle of a file. */
export async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** Flips a bit of a value in the store of a stopped node, well sealed: what its operator can do. */
export async function alter(all: Organisations, i: NodeIndex, place: StoredChunk): Promise<void> {
  const name = all.names[i] as string;
  const key = new Uint8Array(Buffer.from((await readFile(all.path(`${name}.key`), 'utf8')).trim(), 'hex'));
  const scheme = schemeNamed(all.names.length === 4 ? 'rep4' : 'rep3');
  const options = { directory: all.path(name), secret: { kind: 'key', key } as const };
  const store = await NodeStore.open({ ...options, parts: partsHeldBy(scheme, i) });
  try {
    const [slice] = await store.catalogue.visibleSlices('patients');
    if (slice === undefined) throw new Error('there is no slice');
    const sections = await store.readChunk(slice, place, expectedSections(slice));
    const [first] = sections;
    if (first !== undefined) first.payload[0] = (first.payload[0] ?? 0) ^ 1;
    await store.replaceChunk(slice.version, place, sections);
  } finally {
    store.close();
  }
}
