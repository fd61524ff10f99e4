/**
 * The store of a node that has none: made by `warifu node init`, and by the recovery of a lost disk. A node that runs
 * never makes one, for an empty store in the place of a lost one would tell the other nodes that it knows nothing of
 * the changes that they have not decided yet.
 */
import { WarifuError } from '../../core/errors.js';
import { createCatalogueFile, tidyCatalogueFile } from './catalogue-file.js';
import { lockDirectory } from './data-lock.js';
import { type Disk, nodeDisk } from './disk.js';
import { Files } from './files.js';
import { SqliteCatalogue } from './sqlite-catalogue.js';
import { cataloguePath, hasStore } from './store-files.js';
import { Vault, type VaultSecret } from './vault.js';

export interface NewStoreOptions {
  /** Must exist. */
  readonly directory: string;
  readonly secret: VaultSecret;
  readonly disk?: Disk;
}

/**
 * Makes key and empty catalogue; goes on where an earlier attempt was interrupted.
 *
 * @throws WarifuError STORE_EXISTS, STORE_LOCKED, STORE_KEY, STORE_DAMAGED, STORE_FULL, STORE_FAILED.
 */
export async function createStore(options: NewStoreOptions): Promise<void> {
  await locked(options, async (files) => {
    await expectNoStore(options.directory, files);
    await make(files, options, 'empty');
  });
}

/** For whoever is about to make a node in a directory. @throws WarifuError STORE_EXISTS, STORE_DAMAGED. */
export async function expectNoStore(
  directory: string,
  files: Files = new Files(nodeDisk, directory),
): Promise<void> {
  if (await hasStore(files, directory)) throw storeExists(directory);
}

/** A store that is to be rebuilt, unless there is one: it has the mark of that before the catalogue has its name. */
export async function ensureStoreToRebuild(options: NewStoreOptions): Promise<void> {
  await locked(options, async (files) => {
    if (!(await hasStore(files, options.directory))) await make(files, options, 'rebuilding');
  });
}

/**
 * An empty store by the operator's word that nothing was ever stored in the cluster; also where a recovery has begun
 * and fetched nothing. Errors as those of createStore.
 */
export async function beginEmptyStore(options: NewStoreOptions): Promise<void> {
  const { directory } = options;
  await locked(options, async (files) => {
    if (!(await hasStore(files, directory))) return await make(files, options, 'empty');
    await tidyCatalogueFile(files, cataloguePath(directory));
    const catalogue = new SqliteCatalogue(cataloguePath(directory));
    try {
      const begun = (await catalogue.isRebuilding()) && (await catalogue.versions()).length === 0;
      if (!begun) throw storeExists(directory);
      await catalogue.finishRebuild({ tables: [], visible: [], givenUp: [] });
    } finally {
      catalogue.close();
    }
  });
}

async function locked(
  { directory, disk = nodeDisk }: NewStoreOptions,
  use: (files: Files) => Promise<void>,
): Promise<void> {
  const lock = lockDirectory(directory);
  try {
    await use(new Files(disk, directory));
  } finally {
    lock.release();
  }
}

async function make(
  files: Files,
  { directory, secret }: NewStoreOptions,
  kind: 'empty' | 'rebuilding',
): Promise<void> {
  const vault = (await Vault.exists(files, directory))
    ? await Vault.open(files, directory, secret)
    : await Vault.create(files, directory, secret);
  vault.wipe();
  await createCatalogueFile(files, cataloguePath(directory), async (catalogue) => {
    if (kind === 'rebuilding') await catalogue.beginRebuild();
  });
}

function storeExists(directory: string): WarifuError {
  return new WarifuError(
    'STORE_EXISTS',
    `'${directory}' has the store of a node, which is not overwritten: 'warifu node run' starts it as it is, 'warifu node recover' rebuilds it from the other nodes`,
  );
}
