/** Fields that several messages and files share: names as people may write them, ids, digests. */
import { z } from 'zod';

const MAX_NAME_LENGTH = 128;
const MAX_WORD_LENGTH = 64;

/** That many bytes in lower-case hexadecimal: one spelling only. */
export function hexField(bytes: number): z.ZodString {
  return z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `must be ${bytes * 2} lower-case hex digits`);
}

/** A query id, slice version or attempt: 16 random bytes, made by the client. */
export const idField = hexField(16);
/** A SHA-256 digest, a pin, or a cluster fingerprint. */
export const digestField = hexField(32);

/** Table and slice names: shown to people, so no control characters, no spaces around, one Unicode form. */
export const nameField = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_NAME_LENGTH, `must have ${MAX_NAME_LENGTH} characters at most`)
  .refine(
    (text) =>
      text.isWellFormed() && text === text.trim() && text === text.normalize('NFC') && !/\p{C}/u.test(text),
    'must have no spaces around it, no control characters, and be in Unicode form NFC',
  );

/** User and node names are one word, since they stand in one-line public keys and in commands. */
export const wordField = z
  .string()
  .max(MAX_WORD_LENGTH, `must have ${MAX_WORD_LENGTH} characters at most`)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@-]*$/u, 'must be one word of letters, digits and . _ @ -')
  .refine((text) => text === text.normalize('NFC'), 'must be in Unicode form NFC');
