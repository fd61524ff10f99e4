/** Jobs that have ended at this node, so that a late message does not revive them. */
import type { WarifuError } from '../../core/errors.js';

/** Older ones are forgotten. */
const MOST = 10_000;

export class EndedJobs {
  readonly #errors = new Map<string, WarifuError | undefined>();

  has(id: string): boolean {
    return this.#errors.has(id);
  }

  /** What ended the job, where that was an error. */
  errorOf(id: string): WarifuError | undefined {
    return this.#errors.get(id);
  }

  remember(id: string, error: WarifuError | undefined): void {
    this.#errors.set(id, error);
    if (this.#errors.size <= MOST) return;
    const oldest = this.#errors.keys().next().value;
    if (oldest !== undefined) this.#errors.delete(oldest);
  }
}
