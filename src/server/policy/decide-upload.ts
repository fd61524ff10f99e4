/** May this user upload this slice? The first uploader of a name owns the table; a slice is its contributor's. */
import { ALLOWED, type Decision, denied } from './decision.js';
import { type Actor, sliceNamed, type TablePolicy } from './table-policy.js';

export interface UploadWish {
  readonly table: string;
  readonly slice: string;
  /** Put it in the place of the user's own visible slice of that name; a new slice if there is none. */
  readonly replace: boolean;
}

/**
 * @param table undefined when there is none of that name yet: the upload then creates it.
 * @returns NOT_ENROLLED, NOT_ALLOWED or SLICE_EXISTS.
 */
export function decideUpload(
  { user, roles }: Actor,
  wish: UploadWish,
  table: TablePolicy | undefined,
): Decision<{ readonly createsTable: boolean }> {
  if (roles === undefined) {
    return denied('NOT_ENROLLED', `user '${user}' is not enrolled at this node`, { user });
  }
  if (!roles.includes('provider')) {
    return denied('NOT_ALLOWED', `user '${user}' is not enrolled as a provider at this node`, { user });
  }
  if (table === undefined) return { ...ALLOWED, createsTable: true };
  // Not isContributor: one whom the owner no longer names may withdraw old slices, not add new ones.
  if (table.owner !== user && !table.contributors.includes(user)) {
    return denied(
      'NOT_ALLOWED',
      `table '${table.name}' belongs to '${table.owner}', who has not named '${user}' as a contributor; ask to be added: warifu table ${table.name} --contributor ${user}, with all other contributors in the same command`,
      { table: table.name, user, owner: table.owner },
    );
  }
  const existing = sliceNamed(table, wish.slice);
  if (existing === undefined) return { ...ALLOWED, createsTable: false };
  const place = { table: table.name, slice: existing.slice };
  if (existing.contributor !== user) {
    return denied(
      'NOT_ALLOWED',
      `slice '${existing.slice}' of table '${table.name}' is '${existing.contributor}'s; choose another slice name`,
      place,
    );
  }
  if (!wish.replace) {
    return denied(
      'SLICE_EXISTS',
      `table '${table.name}' has your slice '${existing.slice}' already; give --replace to put this one in its place`,
      place,
    );
  }
  return { ...ALLOWED, createsTable: false };
}
