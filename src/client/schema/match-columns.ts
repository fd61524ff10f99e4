/** Matches the columns of a file with those of a schema: by name, in any order, without case and width. */
import { WarifuError } from '../../core/errors.js';
import { nearestNameHint } from '../../core/nearest-name.js';
import { foldName, type TableSchema } from '../../share/schema.js';

/**
 * For each column of the schema, its place in the file.
 *
 * @throws WarifuError SCHEMA_MISMATCH naming every column that one of the two lacks.
 */
export function matchColumns(path: string, header: readonly string[], schema: TableSchema): number[] {
  const places = new Map(header.map((name, place) => [foldName(name), place]));
  const declared = schema.columns.map(({ name }) => name);
  const declaredFolded = new Set(declared.map(foldName));
  const undeclared = header.filter((name) => !declaredFolded.has(foldName(name)));
  const missing = declared.filter((name) => !places.has(foldName(name)));
  if (undeclared.length > 0 || missing.length > 0) {
    const lines = [
      ...undeclared.map((name) => `column '${name}' is not in the schema${nearestNameHint(name, missing)}`),
      ...missing.map(
        (name) => `column '${name}' of the schema is not in the file${nearestNameHint(name, undeclared)}`,
      ),
    ];
    throw new WarifuError(
      'SCHEMA_MISMATCH',
      `${path}: its columns are not those of the schema; rename, remove or add columns\n  ${lines.slice(0, 20).join('\n  ')}`,
      { file: path, undeclared, missing },
    );
  }
  return declared.map((name) => places.get(foldName(name))!);
}
