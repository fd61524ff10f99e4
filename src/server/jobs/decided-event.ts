/** What the audit log says of a change that a crash or a lost node had left undecided. */
import { foldName } from '../../share/schema.js';
import type { AuditEvent } from '../audit/audit-event.js';
import type { Catalogue, PendingAttempt } from '../store/catalogue.js';

/**
 * Asked before the decision is carried out: afterwards the catalogue may know no more whose it was.
 *
 * @returns undefined for a drop that is given up: nothing happened.
 */
export async function decidedEvent(
  catalogue: Catalogue,
  pending: PendingAttempt,
  outcome: 'committed' | 'rolled-back',
): Promise<AuditEvent | undefined> {
  const { attempt, table } = pending;
  if (pending.kind === 'upload') {
    const { slice, version } = pending;
    const user = (await catalogue.version(version))?.contributor;
    if (user === undefined) return undefined;
    const kind = outcome === 'committed' ? 'upload-visible' : 'upload-rolled-back';
    return { kind, user, table, slice, version, attempt };
  }
  if (outcome === 'rolled-back') return undefined;
  const { slice } = pending;
  if (slice === undefined) {
    const owner = (await catalogue.table(table))?.owner;
    return owner === undefined ? undefined : { kind: 'table-dropped', user: owner, table, attempt };
  }
  const slices = await catalogue.visibleSlices(table);
  const user = slices.find((one) => foldName(one.slice) === foldName(slice))?.contributor;
  return user === undefined ? undefined : { kind: 'slice-dropped', user, table, slice, attempt };
}
