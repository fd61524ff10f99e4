/**
 * What a node knows about its data, as far as all nodes must know the same: tables with settings and grants, visible
 * slices with the digests of their manifests, and which attempts are undecided there. All of it is public among the
 * parties; times are each node's own and no part of it.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalJson, parseBoundedJson } from '../../core/canonical-json.js';
import { WarifuError } from '../../core/errors.js';
import { digestField, idField, nameField, wordField } from '../../core/fields.js';
import { manifestDigest } from '../../query/request-manifest.js';
import { foldName, MAX_ROWS, parseSchema, schemaToJson, type TableSchema } from '../../share/schema.js';
import type { PendingAttempt, SliceVersion, TableRecord } from '../store/catalogue.js';
import type { NodeStore } from '../store/node-store.js';

const SNAPSHOT_FORMAT = 2;
/** Far more than the schemas of any real cluster. */
export const MAX_SNAPSHOT_BYTES = 64 << 20;
const MOST = 1_000_000;

export type SnapshotTable = Omit<TableRecord, 'created'>;

export interface SnapshotSlice
  extends Pick<
    SliceVersion,
    'table' | 'slice' | 'version' | 'contributor' | 'schema' | 'rows' | 'chunkRows' | 'chunks'
  > {
  /** SHA-256 of the client's signed manifest, hex. */
  readonly manifest: string;
}

export interface Snapshot {
  readonly tables: readonly SnapshotTable[];
  readonly slices: readonly SnapshotSlice[];
  /** Attempts that are prepared and not decided. */
  readonly pending: readonly string[];
  /** Those among them that are about to be committed. */
  readonly committing: readonly string[];
}

const rows = z.int().min(1).max(MAX_ROWS);
const snapshotJson = z.strictObject({
  warifu_snapshot: z.literal(SNAPSHOT_FORMAT),
  /** Each schema once: tables and slices name theirs by its place. */
  schemas: z.array(z.json()).max(MOST),
  tables: z
    .array(
      z.strictObject({
        name: nameField,
        schema: z.int().min(0),
        owner: wordField,
        contributors: z.array(wordField).max(MOST),
        min_counts: z.array(z.tuple([wordField, z.int().min(0)])).max(MOST),
        allow_three: z.array(wordField).max(MOST),
        grants: z.array(z.tuple([wordField, wordField])).max(MOST),
      }),
    )
    .max(MOST),
  slices: z
    .array(
      z.strictObject({
        table: nameField,
        slice: nameField,
        version: idField,
        contributor: wordField,
        schema: z.int().min(0),
        rows,
        chunk_rows: rows,
        manifest: digestField,
      }),
    )
    .max(MOST),
  pending: z.array(idField).max(MOST),
  committing: z.array(idField).max(MOST),
});

/** Digests of the manifests of slice versions: a version's manifest never changes. */
export type ManifestDigests = Map<string, string>;

/**
 * The node's own snapshot, at one moment.
 *
 * @param digests those known already; grows by what had to be read.
 * @throws WarifuError STORE_*, SLICE_BUSY when a slice went while it was read.
 */
export async function takeSnapshot(
  { catalogue }: Pick<NodeStore, 'catalogue'>,
  digests: ManifestDigests = new Map(),
): Promise<Snapshot> {
  // All three are asked for before any answer is waited for: they see one state.
  const [tables, versions, pending] = await Promise.all([
    catalogue.tables(),
    catalogue.versions(),
    catalogue.pending(),
  ]);
  const slices: SnapshotSlice[] = [];
  for (const version of versions.filter(({ state }) => state === 'visible')) {
    const { table, slice, version: id, contributor, schema, rows: n, chunkRows, chunks } = version;
    const manifest = digests.get(id) ?? (await digestOf(catalogue, id));
    digests.set(id, manifest);
    slices.push({ table, slice, version: id, contributor, schema, rows: n, chunkRows, chunks, manifest });
  }
  const committing = pending.filter(({ leaning }) => leaning === 'committing');
  return { tables, slices, pending: attemptsOf(pending), committing: attemptsOf(committing) };
}

function attemptsOf(pending: readonly PendingAttempt[]): string[] {
  return pending.map(({ attempt }) => attempt);
}

async function digestOf(catalogue: NodeStore['catalogue'], version: string): Promise<string> {
  const manifest = await catalogue.manifest(version);
  if (manifest !== undefined) return bytesToHex(manifestDigest(manifest));
  throw new WarifuError('SLICE_BUSY', 'a slice went while the node listed what it has: try again', {
    version,
  });
}

export function encodeSnapshot({ tables, slices, pending, committing }: Snapshot): Uint8Array {
  const schemas = new Map<string, number>();
  const placeOf = (schema: TableSchema): number => {
    const text = canonicalJson(schemaToJson(schema));
    const place = schemas.get(text) ?? schemas.size;
    schemas.set(text, place);
    return place;
  };
  const json: z.infer<typeof snapshotJson> = {
    warifu_snapshot: SNAPSHOT_FORMAT,
    tables: tables.map(({ name, schema, owner, contributors, minCounts, allowThree, grants }) => ({
      name,
      schema: placeOf(schema),
      owner,
      contributors: [...contributors],
      min_counts: minCounts.map(({ user, minCount }) => [user, minCount]),
      allow_three: [...allowThree],
      grants: grants.map(({ grantor, grantee }) => [grantor, grantee]),
    })),
    slices: slices.map(({ table, slice, version, contributor, schema, rows: n, chunkRows, manifest }) => ({
      table,
      slice,
      version,
      contributor,
      schema: placeOf(schema),
      rows: n,
      chunk_rows: chunkRows,
      manifest,
    })),
    pending: [...pending],
    committing: [...committing],
    schemas: [...schemas.keys()].map((text) => JSON.parse(text) as never),
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

/** @throws WarifuError PEER_MISBEHAVED for what is no snapshot, or one that no catalogue can have. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const json = snapshotJson.parse(parseBoundedJson(text, 'a snapshot'));
    const schemas = json.schemas.map(parseSchema);
    const schemaAt = (place: number): TableSchema => {
      const schema = schemas[place];
      if (schema === undefined) throw new RangeError('no such schema');
      return schema;
    };
    const tables = json.tables.map((table) => ({
      name: table.name,
      schema: schemaAt(table.schema),
      owner: table.owner,
      contributors: table.contributors,
      minCounts: table.min_counts.map(([user, minCount]) => ({ user, minCount })),
      allowThree: table.allow_three,
      grants: table.grants.map(([grantor, grantee]) => ({ grantor, grantee })),
    }));
    const slices = json.slices.map(({ chunk_rows: chunkRows, schema, ...slice }) => ({
      ...slice,
      schema: schemaAt(schema),
      chunkRows,
      chunks: Math.ceil(slice.rows / chunkRows),
    }));
    checkWhole(tables, slices);
    return { tables, slices, pending: json.pending, committing: json.committing };
  } catch {
    // What a parser says may quote what it read.
    throw new WarifuError('PEER_MISBEHAVED', 'what a node says it has is not in its form');
  }
}

/** Names are unique, and every slice is of a table. */
function checkWhole(tables: readonly SnapshotTable[], slices: readonly SnapshotSlice[]): void {
  const names = new Set(tables.map(({ name }) => foldName(name)));
  const places = new Set(slices.map(({ table, slice }) => JSON.stringify([table, slice].map(foldName))));
  const versions = new Set(slices.map(({ version }) => version));
  const whole =
    names.size === tables.length &&
    places.size === slices.length &&
    versions.size === slices.length &&
    slices.every(({ table }) => names.has(foldName(table)));
  if (!whole) throw new RangeError('not whole');
}
