/**
 * What a client commits to for each part of each chunk (DESIGN: digests of shares are a guessing oracle).
 *
 * commitment = SHA-256(tag, length-prefixed context, 32-byte salt, bytes), over the EXPANDED bytes of the part,
 * never over a seed: a client that deals different copies, or different seeds, to two holders is found out by
 * each holder alone. The salt goes only to the part's holders, so to the node that lacks the part the
 * commitment is a uniformly random string, whatever it guesses about the values.
 */
import { ByteWriter } from '../core/bytes.js';
import { equalBytes, sha256 } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { PartIndex } from '../core/scheme.js';

export const SALT_BYTES = 32;
export const COMMITMENT_BYTES = 32;
const TAG = 'warifu commitment v1';

/** What a payload holds: a column's values, or its validity bits. */
export type PayloadKind = 'values' | 'validity';
export const PAYLOAD_KINDS: readonly PayloadKind[] = ['values', 'validity'];

/** The place that a commitment is bound to. */
export interface CommitmentContext {
  /** Cluster fingerprint, hex. */
  readonly cluster: string;
  readonly table: string;
  readonly slice: string;
  /** Slice version: 32 hex digits. */
  readonly version: string;
  /** Index of the column in the table's schema. */
  readonly column: number;
  readonly kind: PayloadKind;
  readonly part: PartIndex;
  readonly chunk: number;
}

/**
 * The commitment to one part of one column's chunk.
 *
 * @param bytes the expanded bytes of the part.
 * @throws RangeError for a salt of another length.
 */
export function commitment(salt: Uint8Array, context: CommitmentContext, bytes: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
  const head = new ByteWriter()
    .text(TAG)
    .text(context.cluster)
    .text(context.table)
    .text(context.slice)
    .text(context.version)
    .u32(context.column)
    .u8(PAYLOAD_KINDS.indexOf(context.kind))
    .u8(context.part)
    .u32(context.chunk)
    .u64(BigInt(bytes.length))
    .finish();
  return sha256(head, salt, bytes);
}

/**
 * Compares the commitment to a holder's copy of a part with the client's list.
 *
 * @param computed undefined when there is no copy.
 * @throws WarifuError COMMITMENT_MISMATCH naming the place.
 */
export function expectCommitment(
  expected: Uint8Array,
  computed: Uint8Array | undefined,
  context: CommitmentContext,
): void {
  if (computed !== undefined && equalBytes(expected, computed)) return;
  const { table, slice, column, kind, part, chunk } = context;
  throw new WarifuError(
    'COMMITMENT_MISMATCH',
    `table '${table}', slice '${slice}', column ${column + 1}, ${kind}, part ${part}, chunk ${chunk}: the bytes are not those that the client committed to`,
    { table, slice, column, kind, part, chunk },
  );
}
