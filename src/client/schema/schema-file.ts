/** A schema file that a provider reviewed: read and checked. */
import { readFile, stat } from 'node:fs/promises';
import { parseBoundedJson } from '../../core/canonical-json.js';
import { WarifuError } from '../../core/errors.js';
import { parseSchema, type TableSchema } from '../../share/schema.js';

/** A thousand columns, one with ten thousand labels, fit in it. */
const MAX_SCHEMA_FILE = 16 * 2 ** 20;

/** @throws WarifuError FILE_MISSING, FILE_UNREADABLE, SCHEMA_INVALID naming the file and the column. */
export async function readSchemaFile(path: string): Promise<TableSchema> {
  const text = await readBounded(path);
  return schemaFrom(path, () => parseBoundedJson(text, 'the file'));
}

/**
 * The schema that the nodes gave for a table.
 *
 * @throws WarifuError SCHEMA_INVALID naming the table.
 */
export function describedSchema(table: string, data: unknown): TableSchema {
  return schemaFrom(`table '${table}'`, () => data);
}

function schemaFrom(origin: string, data: () => unknown): TableSchema {
  try {
    return parseSchema(data());
  } catch (thrown) {
    if (!(thrown instanceof WarifuError)) throw thrown;
    throw new WarifuError('SCHEMA_INVALID', `${origin}: ${thrown.message}`, { ...thrown.details, origin });
  }
}

async function readBounded(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw unreadable(path, 'it is not a file');
    if (found.size > MAX_SCHEMA_FILE) throw unreadable(path, 'it is too large to be a schema');
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof WarifuError || !(thrown instanceof Error) || !('code' in thrown)) throw thrown;
    if (thrown.code === 'ENOENT') {
      throw new WarifuError('FILE_MISSING', `there is no file '${path}'`, { file: path });
    }
    throw unreadable(path, String(thrown.code));
  }
}

function unreadable(path: string, why: string): WarifuError {
  return new WarifuError('FILE_UNREADABLE', `cannot read '${path}': ${why}`, { file: path });
}
