/**
 * Splits one chunk of encoded columns into parts: what each part's holders get, and the commitments to all parts.
 *
 * Everything random in it derives from the upload's secret, so that the same chunk dealt again is the same bytes.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as sha256Hash } from '@noble/hashes/sha2.js';
import { sha256 } from '../../core/digest.js';
import type { PartIndex, Scheme } from '../../core/scheme.js';
import type { SecretBytes } from '../../core/secret.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import type { UploadSection } from '../../query/request-upload-frame.js';
import { COMMITMENT_BYTES, type CommitmentContext, commitment } from '../../share/commitment.js';
import { deriveSeed, explicitPart, type SeedPlace, splitBits, splitRing } from '../../share/deal.js';
import type { EncodedColumn } from '../schema/encode.js';

/** What is the same for all chunks of an upload. */
export type DealContext = Pick<CommitmentContext, 'cluster' | 'table' | 'slice' | 'version'> & {
  readonly scheme: Scheme;
  /** 32 bytes; it never leaves the provider. */
  readonly secret: SecretBytes;
};

export interface DealtChunk {
  readonly chunk: number;
  /** The part that travels as bytes; of the others only seeds do. */
  readonly explicit: PartIndex;
  /** The sections of each part's frames, by part. */
  readonly sections: readonly (readonly UploadSection[])[];
  /** In the manifest's order: column, kind, part. */
  readonly commitments: Uint8Array;
  /** SHA-256 of the commitments: stands for everything that was dealt. Never leaves the provider. */
  readonly digest: Uint8Array;
}

export function dealChunk(
  context: DealContext,
  columns: readonly EncodedColumn[],
  chunk: number,
): DealtChunk {
  const { scheme } = context;
  const explicit = explicitPart(scheme, chunk);
  const sections = scheme.parts.map((): UploadSection[] => []);
  const commitments: Uint8Array[] = [];
  for (const [column, { column: declared, values, validity }] of columns.entries()) {
    const payloads = [
      { kind: 'values', vector: values } as const,
      ...(validity === undefined ? [] : [{ kind: 'validity', vector: validity } as const]),
    ];
    for (const { kind, vector } of payloads) {
      const placeOf = (part: PartIndex): SeedPlace => ({ column: declared.name, kind, part, chunk });
      const parts = dealVector(context, vector, explicit, placeOf);
      for (const { part, payload, expanded } of parts) {
        const salt = deriveSalt(context.secret.reveal(), placeOf(part));
        const form = part === explicit ? 'bytes' : 'seed';
        sections[part]?.push({ column, kind, form, salt, payload });
        const { cluster, table, slice, version } = context;
        const place = { cluster, table, slice, version, column, kind, part, chunk };
        commitments.push(commitment(salt, place, expanded));
      }
    }
  }
  const list = new Uint8Array(commitments.length * COMMITMENT_BYTES);
  for (const [i, one] of commitments.entries()) list.set(one, i * COMMITMENT_BYTES);
  return { chunk, explicit, sections, commitments: list, digest: sha256(list) };
}

interface DealtPart {
  readonly part: PartIndex;
  /** What travels. */
  readonly payload: Uint8Array;
  /** What the holders have in the end. */
  readonly expanded: Uint8Array;
}

function dealVector(
  { scheme, secret }: DealContext,
  vector: EncodedColumn['values'],
  explicit: PartIndex,
  placeOf: (part: PartIndex) => SeedPlace,
): DealtPart[] {
  const seeds = scheme.parts.map((part) =>
    part === explicit ? undefined : deriveSeed(secret.reveal(), placeOf(part)),
  );
  const seedOf = (part: PartIndex): Uint8Array => seeds[part] ?? new Uint8Array();
  const parts =
    vector instanceof BitMatrix
      ? splitBits(vector, scheme, explicit, seedOf)
      : splitRing(vector, scheme, explicit, seedOf);
  return scheme.parts.flatMap((part) => {
    const expanded = parts[part]?.bytes();
    return expanded === undefined ? [] : [{ part, payload: seeds[part] ?? expanded, expanded }];
  });
}

/** As long as a digest; under another name than the seeds, with which it shares the key. */
function deriveSalt(uploadSecret: Uint8Array, place: SeedPlace): Uint8Array {
  const name = JSON.stringify(['warifu salt v1', place.column, place.kind, place.part, place.chunk]);
  return hmac(sha256Hash, uploadSecret, new TextEncoder().encode(name));
}
