/**
 * What a node knows about its data: tables, slices, who may do what, and what is half decided.
 *
 * Changes that all nodes must make alike (an upload becomes visible, a slice or table goes) have two durable
 * phases under an attempt id that all nodes share: prepare checks and reserves, so that commit cannot fail; between
 * them the node says what it is for; commit or rollback ends it. All may be repeated, in any order after a restart, until all nodes agree:
 * an attempt that any node committed must be committed at all; a rolled back one can never be prepared again.
 *
 * Table and slice names are compared folded (foldName); methods take either spelling.
 */
import type { TableSchema } from '../../share/schema.js';
import type { Votes } from '../identity/attempt-votes.js';
import type { SliceRef } from './chunk-file.js';

export type VersionState = 'staged' | 'prepared' | 'visible' | 'dropped';

/** What a client announces when an upload begins. */
export interface SliceUpload extends SliceRef {
  readonly contributor: string;
  readonly schema: TableSchema;
  readonly rows: number;
  readonly chunkRows: number;
  /** Whether a visible slice of this name is to be replaced. */
  readonly replace: boolean;
}

/** One version of a slice. Names are spelled as its client spelled them: they are bound into its chunks. */
export interface SliceVersion extends SliceRef {
  readonly contributor: string;
  readonly schema: TableSchema;
  readonly rows: number;
  readonly chunkRows: number;
  /** Chunks of each part. */
  readonly chunks: number;
  readonly state: VersionState;
  /** The version that it replaces. */
  readonly replaces: string | undefined;
  /** When its state last changed, in milliseconds since 1970. */
  readonly changed: number;
}

export interface Grant {
  readonly grantor: string;
  readonly grantee: string;
}

export interface TableRecord {
  readonly name: string;
  readonly schema: TableSchema;
  readonly owner: string;
  /** Named by the owner; the owner is not listed. */
  readonly contributors: readonly string[];
  readonly minCounts: readonly { readonly user: string; readonly minCount: number }[];
  /** Who lets queries go on with three of four nodes when one is lost. */
  readonly allowThree: readonly string[];
  readonly grants: readonly Grant[];
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** What a rebuilt catalogue shows. */
export interface CatalogueContents {
  readonly tables: readonly Omit<TableRecord, 'created'>[];
  /** Staged versions that become visible. */
  readonly visible: readonly string[];
  /** Attempts that are undecided at the other nodes: this node can only give them up. */
  readonly givenUp: readonly string[];
}

/** Between prepared and the end, a node says once for ever what it is for. */
export type Leaning = 'committing' | 'rolling-back';
export type Outcome = 'unknown' | 'prepared' | Leaning | 'committed' | 'rolled-back';

/** An attempt that is prepared here and not decided. A drop without a slice drops the table. */
export type PendingAttempt = {
  readonly attempt: string;
  readonly leaning: Leaning | undefined;
} & (
  | (SliceRef & { readonly kind: 'upload' })
  | { readonly kind: 'drop'; readonly table: string; readonly slice: string | undefined }
);

/** Every change is durable when its promise resolves. Errors: STORE_FULL, STORE_FAILED and those named. */
export interface Catalogue {
  /** Counts this start of the node; never the same number twice in one catalogue. */
  nextEpoch(): Promise<number>;

  tables(): Promise<TableRecord[]>;
  table(name: string): Promise<TableRecord | undefined>;
  /** Throws UNKNOWN_TABLE, as do the next four. */
  setContributors(table: string, users: readonly string[]): Promise<void>;
  setMinCount(table: string, user: string, minCount: number): Promise<void>;
  setAllowThree(table: string, user: string, allowed: boolean): Promise<void>;
  grant(table: string, grant: Grant): Promise<void>;
  revoke(table: string, grant: Grant): Promise<void>;

  /**
   * Begins an upload, or continues one with the same id and particulars.
   *
   * Throws SLICE_EXISTS (a visible slice of that name and no `replace`, or the id was used for something else),
   * NOT_ALLOWED (another contributor's slice), SCHEMA_MISMATCH.
   */
  stage(upload: SliceUpload): Promise<SliceVersion>;
  version(version: string): Promise<SliceVersion | undefined>;
  /** All versions that are not dropped, and dropped ones until `forget`. */
  versions(): Promise<SliceVersion[]>;
  /**
   * The visible slices of a table, ordered by folded slice name in code unit order: the order of rows of this
   * table version. It depends on the set of slices alone, so it is the same at all nodes whatever the order in
   * which uploads reached them.
   */
  visibleSlices(table: string): Promise<SliceVersion[]>;
  /** The client-signed list of commitments, from the first prepare on. */
  manifest(version: string): Promise<Uint8Array | undefined>;

  /**
   * First phase of an upload's commit.
   *
   * Throws UNKNOWN_SLICE, SLICE_STATE (not staged), SLICE_BUSY (something else about this slice or table is
   * undecided, or the attempt was given up), SLICE_EXISTS, SCHEMA_MISMATCH, TABLE_TOO_LARGE.
   */
  prepareUpload(attempt: string, version: string, manifest: Uint8Array): Promise<void>;
  /** First phase of dropping a slice, or a table with all its slices. Throws UNKNOWN_TABLE, UNKNOWN_SLICE, SLICE_BUSY. */
  prepareDrop(attempt: string, table: string, slice?: string): Promise<void>;
  /** Says what this node is for, once for ever. Throws SLICE_STATE where it has said or done the opposite. @param votes kept with it. */
  lean(attempt: string, leaning: Leaning, votes: Votes): Promise<void>;
  /** Those that came with `lean`; none before. */
  votes(attempt: string): Promise<Votes>;
  /** Second phase. An upload becomes visible, its predecessor dropped, in one step. Throws SLICE_STATE unless prepared. */
  commit(attempt: string): Promise<void>;
  /** Gives an attempt up, also one that never arrived here. Throws SLICE_STATE when it was committed. */
  rollback(attempt: string): Promise<void>;
  outcome(attempt: string): Promise<Outcome>;
  pending(): Promise<PendingAttempt[]>;

  /** Abandons a staged version; others stay as they are. Resolves to whether it is dropped now. */
  abandon(version: string): Promise<boolean>;
  /** A dropped version's chunks are gone: keeps only that its id was used. */
  forget(version: string): Promise<void>;

  /** Whether a rebuild has begun and not ended: then the catalogue is not yet what it was. */
  isRebuilding(): Promise<boolean>;
  /** Begins, or goes on with, the rebuild of a catalogue in which nothing is visible. */
  beginRebuild(): Promise<void>;
  /** Remembers the manifest by which the chunks of a staged version are checked, during a rebuild. */
  stageManifest(version: string, manifest: Uint8Array): Promise<void>;
  /** Ends a rebuild: tables and versions are visible in one step. */
  finishRebuild(contents: CatalogueContents): Promise<void>;

  /** False when the nonce was seen. @param expires milliseconds since 1970 */
  rememberNonce(user: string, nonce: string, expires: number): Promise<boolean>;
  /** Forgets nonces that expired before `now`. */
  forgetNonces(now: number): Promise<void>;
  /** Forgets attempts of which a peer asked before then and that this node never prepared: their requests have expired. */
  forgetUnknown(before: number): Promise<void>;

  close(): void;
}
