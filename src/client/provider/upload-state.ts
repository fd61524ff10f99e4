/**
 * What a provider remembers of an upload that has not been committed, so that a later run goes on with it.
 *
 * Seeds are one-time pads. Therefore the state holds the digest of the file for which its secret was drawn, and,
 * written before a chunk first leaves, the digest of what was dealt for it: the secret never meets other content,
 * even if the file is edited between or during two runs. It is local, mode 0600, and removed after the commit.
 */
import { z } from 'zod';
import { WarifuError } from '../../core/errors.js';
import { digestField, hexField, idField, nameField, wordField } from '../../core/fields.js';

export const UPLOAD_STATE_FORMAT = 1;

export const uploadHeadSchema = z.strictObject({
  warifu_upload: z.literal(UPLOAD_STATE_FORMAT),
  cluster: digestField,
  user: wordField,
  table: nameField,
  slice: nameField,
  version: idField,
  /** The upload's secret: from it come all seeds and salts. */
  secret: hexField(32),
  /** SHA-256 of the file, of the schema's canonical JSON. */
  file: digestField,
  schema: digestField,
  rows: z.int().min(1),
  chunk_rows: z.int().min(64),
});
export type UploadHead = z.infer<typeof uploadHeadSchema>;

/** Which upload a state belongs to. */
export type UploadKey = Pick<UploadHead, 'cluster' | 'user' | 'table' | 'slice'>;

export interface UploadState {
  readonly head: UploadHead;
  /**
   * Remembers what was dealt for a chunk, durably, before it is sent.
   *
   * @param digest hex.
   * @throws WarifuError FILE_CHANGED when something else was dealt for it before.
   */
  recordChunk(chunk: number, digest: string): Promise<void>;
  /** Forgets the upload and its secret. */
  remove(): Promise<void>;
}

export interface UploadStates {
  find(key: UploadKey): Promise<UploadState | undefined>;
  /** Takes the place of an earlier state of the same upload. */
  create(head: UploadHead): Promise<UploadState>;
}

/** For uploads that need not survive the process. */
export class MemoryUploadStates implements UploadStates {
  find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  create(head: UploadHead): Promise<UploadState> {
    const chunks = new Map<number, string>();
    return Promise.resolve({
      head,
      recordChunk: (chunk, digest) => {
        expectSame(chunks, chunk, digest);
        chunks.set(chunk, digest);
        return Promise.resolve();
      },
      remove: () => Promise.resolve(),
    });
  }
}

/** @throws WarifuError FILE_CHANGED. */
export function expectSame(chunks: ReadonlyMap<number, string>, chunk: number, digest: string): void {
  const earlier = chunks.get(chunk);
  if (earlier === undefined || earlier === digest) return;
  throw new WarifuError(
    'FILE_CHANGED',
    `the file changed since chunk ${chunk + 1} of it was sent: nothing was committed; run the command again, which starts the upload anew`,
    { chunk },
  );
}
