/**
 * Makes the catalogue's files so that a power loss at any moment leaves a catalogue that opens.
 *
 * What SQLite has committed is in its write-ahead log, whose name must therefore be durable; but this build of
 * SQLite never syncs a directory. So a new catalogue is made beside its place and put there whole, and an empty
 * log exists durably before SQLite opens the file (it removes the log when it closes).
 */
import type { Files } from './files.js';
import { SqliteCatalogue } from './sqlite-catalogue.js';

/** No catalogue without a row is larger. */
const MAX_EMPTY_CATALOGUE = 2 ** 22;

/**
 * Creates a catalogue at `path`, where there is none.
 *
 * @param fill what is in it from the moment at which it has its name.
 */
export async function createCatalogueFile(
  files: Files,
  path: string,
  fill: (catalogue: SqliteCatalogue) => Promise<void>,
): Promise<void> {
  const made = `${path}.tmp`;
  await removeMade(files, made);
  const catalogue = new SqliteCatalogue(made);
  try {
    await fill(catalogue);
  } finally {
    catalogue.close();
  }
  const bytes = await files.read(made, 0, MAX_EMPTY_CATALOGUE);
  await files.writeAtomically(path, [bytes ?? new Uint8Array()]);
  await tidyCatalogueFile(files, path);
}

/** Removes what an interrupted creation left, and sees to the write-ahead log; before SQLite opens the file. */
export async function tidyCatalogueFile(files: Files, path: string): Promise<void> {
  await removeMade(files, `${path}.tmp`);
  const log = `${path}-wal`;
  if ((await files.stat(log)) === undefined) await files.writeAtomically(log, []);
}

async function removeMade(files: Files, made: string): Promise<void> {
  for (const left of [made, `${made}-journal`, `${made}-wal`]) {
    if ((await files.stat(left)) !== undefined) await files.remove(left);
  }
  if ((await files.stat(`${made}.lock`)) !== undefined) await files.removeDirectory(`${made}.lock`);
}
