/**
 * Refuses a request that was served before. Requests are accepted within a window of time only, so it is enough to
 * remember the nonces of that window.
 */
import { WarifuError } from '../../core/errors.js';
import { REQUEST_WINDOW_MS } from '../../query/request-envelope.js';

/** Where seen nonces are kept; a node's catalogue keeps them through restarts. */
export interface NonceStore {
  /** False when that user's nonce is remembered already. @param expires milliseconds since 1970 */
  rememberNonce(user: string, nonce: string, expires: number): Promise<boolean>;
  /** Forgets nonces that expired before `now`. */
  forgetNonces(now: number): Promise<void>;
}

export interface ReplayGuardOptions {
  readonly store: NonceStore;
  readonly windowMs?: number;
  /**
   * Since when the store has remembered every nonce, milliseconds since 1970. For a store that survives restarts,
   * or a cluster that is as young as the process, that is always (-Infinity); for memory of a node that may
   * have served before, the start of the process.
   */
  readonly knownSince?: number;
}

/** The fields of a request that make it unique. */
export interface RequestStamp {
  readonly user: string;
  readonly nonce: string;
  /** Milliseconds since 1970, by the client's clock. */
  readonly time: number;
}

export class ReplayGuard {
  readonly #store: NonceStore;
  readonly #windowMs: number;
  readonly #knownSince: number;
  /** Nonces that expired before this are gone, even if the clock is set back later. */
  #forgottenBefore = Number.NEGATIVE_INFINITY;

  constructor({
    store,
    windowMs = REQUEST_WINDOW_MS,
    knownSince = Number.NEGATIVE_INFINITY,
  }: ReplayGuardOptions) {
    this.#store = store;
    this.#windowMs = windowMs;
    this.#knownSince = knownSince;
  }

  /**
   * Lets a request pass, once. Call it after `openRequest` and before anything is done for the request.
   *
   * @param now milliseconds since 1970.
   * @throws WarifuError REQUEST_REPLAYED, REQUEST_EXPIRED (also when this node cannot know), NODE_BUSY.
   */
  async admit({ user, nonce, time }: RequestStamp, now: number): Promise<void> {
    const expires = time + this.#windowMs;
    if (Math.abs(time - now) > this.#windowMs || expires < this.#forgottenBefore) {
      throw expired('the request is outside of the time in which this node accepts it; ask again');
    }
    // Clocks may differ by the window, so the request may have been served as early as this.
    const earliest = time - this.#windowMs;
    if (earliest < this.#knownSince) {
      const seconds = Math.ceil((this.#knownSince - earliest) / 1000);
      throw expired(
        `this node has just started and cannot tell whether the request was served before; ask again in ${seconds} seconds`,
        { seconds },
      );
    }
    await this.#forget(now);
    if (!(await this.#store.rememberNonce(user, nonce, expires))) {
      throw new WarifuError(
        'REQUEST_REPLAYED',
        `this request of user '${user}' was received before; a request is served once, so make a new one`,
        { user },
      );
    }
  }

  /** A few times a window is enough: the store stays bounded by what arrives in about one window. */
  async #forget(now: number): Promise<void> {
    if (now - this.#forgottenBefore < this.#windowMs / 4) return;
    this.#forgottenBefore = now;
    await this.#store.forgetNonces(now);
  }
}

/** Nonces in memory, for nodes that keep nothing on disk; bounded per user, so that none can crowd others out. */
export class MemoryNonces implements NonceStore {
  readonly #seen = new Map<string, Map<string, number>>();
  readonly #maxPerUser: number;

  constructor(maxPerUser = 10_000) {
    this.#maxPerUser = maxPerUser;
  }

  rememberNonce(user: string, nonce: string, expires: number): Promise<boolean> {
    const nonces = this.#seen.get(user) ?? new Map<string, number>();
    if (nonces.has(nonce)) return Promise.resolve(false);
    // Forgetting an old one instead would let it be replayed.
    if (nonces.size >= this.#maxPerUser) {
      return Promise.reject(
        new WarifuError(
          'NODE_BUSY',
          `user '${user}' has sent too many requests; try again in a few minutes`,
          { user },
        ),
      );
    }
    nonces.set(nonce, expires);
    this.#seen.set(user, nonces);
    return Promise.resolve(true);
  }

  forgetNonces(now: number): Promise<void> {
    for (const [user, nonces] of this.#seen) {
      for (const [nonce, expires] of nonces) if (expires < now) nonces.delete(nonce);
      if (nonces.size === 0) this.#seen.delete(user);
    }
    return Promise.resolve();
  }
}

function expired(message: string, details: { readonly seconds?: number } = {}): WarifuError {
  return new WarifuError(
    'REQUEST_EXPIRED',
    message,
    details.seconds === undefined ? {} : { seconds: details.seconds },
  );
}
