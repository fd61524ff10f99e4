/** The node's users as they are now; whoever was enrolled or revoked since the last look is put into the audit log. */
import type { AuditLog } from './audit/audit-log.js';
import { EnrolledUsers } from './users/enrolled-users.js';

export class WatchedUsers {
  readonly #source: { read(): Promise<EnrolledUsers> };
  readonly #audit: AuditLog;
  #seen = new EnrolledUsers([]);

  constructor(source: { read(): Promise<EnrolledUsers> }, audit: AuditLog) {
    this.#source = source;
    this.#audit = audit;
  }

  async read(): Promise<EnrolledUsers> {
    const users = await this.#source.read();
    if (users === this.#seen) return users;
    const before = this.#seen;
    this.#seen = users;
    for (const { name, roles, revoked } of users.records) {
      const was = before.rolesOf(name);
      if (revoked !== undefined) {
        if (was !== undefined) await this.#audit.append({ kind: 'user-revoked', user: name });
      } else if (was === undefined || was.join() !== roles.join()) {
        await this.#audit.append({ kind: 'user-enrolled', user: name, roles: [...roles] });
      }
    }
    return users;
  }
}
