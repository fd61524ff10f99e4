/**
 * Identifiers (patient numbers and the like) are compared by a 128-bit key of their normalised text.
 *
 * The rule is the same for every table, so that tables of different hospitals can be joined. The key is not
 * a secret-keeping hash (identifiers can be guessed): it only fixes the width, and is shared like any value.
 */
import { sha256 } from '../core/digest.js';

const DOMAIN = new TextEncoder().encode('warifu/identifier/1\0');
const encoder = new TextEncoder();

/** Bytes of a key. */
export const IDENTIFIER_KEY_BYTES = 16;

/**
 * The normal form: NFKC (full-width to half-width), lower case, all white space removed, leading zeros
 * removed (a text of zeros only becomes '0'). Thus ' ００12 Ａ' and '12a' are the same identifier.
 */
export function normaliseIdentifier(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/gu, '')
    .replace(/^0+(?=.)/u, '');
}

/** The key of an identifier: the first 16 bytes of SHA-256 over a domain tag and the normal form in UTF-8. */
export function identifierKey(text: string): Uint8Array {
  return sha256(DOMAIN, encoder.encode(normaliseIdentifier(text))).subarray(0, IDENTIFIER_KEY_BYTES);
}
