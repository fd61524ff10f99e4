/**
 * Refused requests in the operator's log and in the audit log. Whoever reaches the client port can cause them, so
 * each kind is written only so often a minute, and the rest are counted: a flood fills no disk and hides no refusal
 * of another kind.
 */
import type { WarifuError } from '../core/errors.js';
import type { AuditEvent } from './audit/audit-event.js';
import type { Log } from './log.js';

/** Refusals with one error code that are written in full within a minute. */
export const WRITTEN_A_MINUTE = 20;
const MINUTE_MS = 60_000;

export interface RefusalsOptions {
  readonly log: Log;
  /** Appends to the audit log; nobody waits for it. */
  readonly audit: (event: AuditEvent) => void;
  /** Milliseconds, of a clock that never goes back. */
  readonly clock?: () => number;
}

interface Minute {
  readonly since: number;
  seen: number;
}

export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #clock: () => number;
  readonly #minutes = new Map<WarifuError['code'], Minute>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  record(error: WarifuError, remoteAddress: string): void {
    this.tick();
    const { code } = error;
    const minute = this.#minutes.get(code) ?? { since: this.#clock(), seen: 0 };
    this.#minutes.set(code, minute);
    minute.seen += 1;
    if (minute.seen > WRITTEN_A_MINUTE) return;
    this.#options.log.warn({ code, from: remoteAddress }, error.message);
    this.#options.audit({ kind: 'request-refused', code });
  }

  /** Called now and then: writes how many were left out in minutes that are over. */
  tick(): void {
    const over = this.#clock() - MINUTE_MS;
    for (const [code, { since, seen }] of this.#minutes) {
      if (since > over) continue;
      this.#minutes.delete(code);
      const more = seen - WRITTEN_A_MINUTE;
      if (more <= 0) continue;
      this.#options.log.warn({ code, more }, 'further requests were refused for the same reason');
      this.#options.audit({ kind: 'request-refused', code, more });
    }
  }
}
