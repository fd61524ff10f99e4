/**
 * Bytes that must never be printed: private keys, pairwise keys, passphrase-derived keys.
 *
 * Every way in which an object slips into a log (template, JSON, console, structured logger) shows a
 * placeholder. The bytes are reachable only through `reveal`, which is easy to search for.
 */
const PLACEHOLDER = '[secret]';

export class SecretBytes {
  readonly #bytes: Uint8Array;
  #wiped = false;

  /** Takes ownership of the bytes: the caller must not keep them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /**
   * The bytes themselves, not a copy: do not keep them, do not change them.
   *
   * @throws TypeError after `wipe`.
   */
  reveal(): Uint8Array {
    if (this.#wiped) throw new TypeError('the secret was wiped and cannot be used any more');
    return this.#bytes;
  }

  /** Overwrites the bytes. Best effort: the engine may have copied them. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [Symbol.toPrimitive](): string {
    return PLACEHOLDER;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return PLACEHOLDER;
  }
}

/** Wipes all of them, for use at the end of a computation. */
export function wipeAll(secrets: Iterable<SecretBytes>): void {
  for (const secret of secrets) secret.wipe();
}
