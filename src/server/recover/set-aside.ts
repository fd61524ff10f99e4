/** Moves what is left of a node's store out of the way, without deleting any of it. */
import { access, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asWarifuError } from '../../core/errors.js';
import { auditPath } from '../audit/audit-path.js';
import { verifyAudit } from '../audit/verify.js';
import { lockDirectory } from '../store/data-lock.js';
import { nodeDisk } from '../store/disk.js';
import { Files } from '../store/files.js';

/** What belongs to the store; identity, users and settings stay, and an audit log that is whole. */
const OF_THE_STORE = ['key.json', 'catalogue.db', 'catalogue.db-wal', 'chunks'];

/**
 * Moves key, catalogue and chunks into a new directory beside them, and an audit log that is broken.
 *
 * @returns the directory; undefined when there was nothing to move.
 * @throws WarifuError STORE_LOCKED; errors of node:fs.
 */
export async function setAside(directory: string, now: number): Promise<string | undefined> {
  const lock = lockDirectory(directory);
  try {
    const there: string[] = [];
    for (const name of OF_THE_STORE) if (await exists(join(directory, name))) there.push(name);
    if (await hasBrokenLog(directory)) there.push(basename(auditPath(directory)));
    if (there.length === 0) return undefined;
    const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
    const aside = join(directory, `set-aside-${stamp}`);
    await mkdir(aside, { mode: 0o700 });
    // The key last: after a crash in between, the rest does not pass for a new node's, and is moved the next time.
    for (const name of there.toReversed()) await rename(join(directory, name), join(aside, name));
    return aside;
  } finally {
    lock.release();
  }
}

async function hasBrokenLog(directory: string): Promise<boolean> {
  if (!(await exists(auditPath(directory)))) return false;
  try {
    await verifyAudit(new Files(nodeDisk, directory), auditPath(directory));
    return false;
  } catch (thrown) {
    if (asWarifuError(thrown).code !== 'AUDIT_BROKEN') throw thrown;
    return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
