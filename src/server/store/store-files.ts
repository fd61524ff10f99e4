/** Which files of a store a node's directory has: key, catalogue and chunks come in this order and belong together. */
import { join } from 'node:path';
import { WarifuError } from '../../core/errors.js';
import type { Files } from './files.js';
import { Vault } from './vault.js';

export const cataloguePath = (directory: string): string => join(directory, 'catalogue.db');
export const chunksPath = (directory: string): string => join(directory, 'chunks');

/**
 * Whether there is a store. A key alone is none: nothing was ever sealed with it.
 *
 * @throws WarifuError STORE_DAMAGED where a file is lost and a later one is there: going on would lock the chunks for
 *   ever, or remove them as orphans.
 */
export async function hasStore(files: Files, directory: string): Promise<boolean> {
  const hasKey = await Vault.exists(files, directory);
  const hasCatalogue = (await files.stat(cataloguePath(directory))) !== undefined;
  const hasChunks = (await files.list(chunksPath(directory))).length > 0;
  const keyLost = !hasKey && (hasCatalogue || hasChunks);
  const catalogueLost = !hasCatalogue && hasChunks;
  if (!keyLost && !catalogueLost) return hasCatalogue;
  const lost = keyLost ? 'key.json' : 'catalogue.db';
  throw new WarifuError(
    'STORE_DAMAGED',
    `the node's directory has data but no ${lost}: restore it from a backup, or run 'warifu node recover --set-aside'`,
    { file: lost },
  );
}
