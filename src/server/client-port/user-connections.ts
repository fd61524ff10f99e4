/** How many connections each user holds: nobody can take them all, or fill the queue of queries alone. */
import { WarifuError } from '../../core/errors.js';

export class UserConnections {
  readonly #most: number;
  readonly #held = new Map<string, Set<object>>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a connection for a user who asked on it.
   *
   * @throws WarifuError NODE_BUSY when the user holds as many others as one may.
   */
  enter(user: string, connection: object): void {
    const held = this.#held.get(user) ?? new Set();
    if (!held.has(connection) && held.size >= this.#most) {
      throw new WarifuError(
        'NODE_BUSY',
        `user '${user}' holds ${held.size} connections to this node, as many as one user may: try again when one has ended`,
        { user },
      );
    }
    this.#held.set(user, held.add(connection));
  }

  leave(connection: object): void {
    for (const [user, held] of this.#held) {
      if (held.delete(connection) && held.size === 0) this.#held.delete(user);
    }
  }
}
