/**
 * May this user ask about this table, and how small may a group be?
 *
 * A query runs only if the owner and everyone whose rows are in the table granted it; nobody needs a grant of
 * their own. The effective minimum count is the strictest of theirs (10 where one set none) and of the operator's
 * floor; nodes later take the largest over all nodes.
 */
import { ALLOWED, type Decision, denied } from './decision.js';
import { type Actor, minCountOf, stakeholders, type TablePolicy } from './table-policy.js';

/** Rows start (inclusive) to end (exclusive), counted through the visible slices in order. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

export interface QueryTerms {
  /** At least 1. */
  readonly minCount: number;
  /**
   * Rows of the asking user. Where there are some, the count must also hold without them: otherwise a person who
   * knows these rows could pad a small group with them. Empty when none or all queried rows are that user's.
   */
  readonly ownRows: readonly RowRange[];
}

/**
 * @param floor the operator's: no table may be queried with a smaller minimum count.
 * @returns NOT_ENROLLED, NOT_ALLOWED (no analyst), or NOT_GRANTED naming everyone who has not granted.
 */
export function decideQuery(actor: Actor, table: TablePolicy, floor: number): Decision<QueryTerms> {
  const { user, roles } = actor;
  if (roles === undefined) {
    return denied('NOT_ENROLLED', `user '${user}' is not enrolled at this node`, { user });
  }
  if (!roles.includes('analyst')) {
    return denied('NOT_ALLOWED', `user '${user}' is not enrolled as an analyst at this node`, { user });
  }
  const missing = stakeholders(table).filter(
    (grantor) => grantor !== user && !hasGranted(table, grantor, user),
  );
  if (missing.length > 0) {
    const names = missing.map((name) => `'${name}'`).join(', ');
    return denied(
      'NOT_GRANTED',
      `table '${table.name}' is not granted to user '${user}' by ${names}; ask them for: warifu grant ${table.name} ${user}`,
      { table: table.name, user, missing },
    );
  }
  const minCount = Math.max(1, floor, ...stakeholders(table).map((name) => minCountOf(table, name)));
  return { ...ALLOWED, minCount, ownRows: ownRows(table, user) };
}

/**
 * May a query of this table go on with three of four nodes, when one is lost? A lie is not caught then, so the owner and
 * everyone whose rows are in the table must have said so before.
 */
export function decideThree(table: TablePolicy): Decision {
  const missing = stakeholders(table).filter((user) => !table.allowThree.includes(user));
  if (missing.length === 0) return ALLOWED;
  const who = missing.map((name) => `'${name}'`).join(', ');
  const have = missing.length === 1 ? 'has' : 'have';
  return denied(
    'THREE_NOT_ALLOWED',
    `table '${table.name}' is not for queries by three of four nodes: ${who} ${have} not allowed it (warifu table ${table.name} --allow-three yes, while all four run)`,
    { table: table.name, missing },
  );
}

function hasGranted(table: TablePolicy, grantor: string, grantee: string): boolean {
  return table.grants.some((grant) => grant.grantor === grantor && grant.grantee === grantee);
}

function ownRows(table: TablePolicy, user: string): RowRange[] {
  if (table.slices.every((slice) => slice.contributor === user)) return [];
  const ranges: RowRange[] = [];
  let start = 0;
  for (const slice of table.slices) {
    const end = start + slice.rows;
    const last = ranges.at(-1);
    if (slice.contributor === user) {
      if (last?.end === start) ranges[ranges.length - 1] = { start: last.start, end };
      else ranges.push({ start, end });
    }
    start = end;
  }
  return ranges;
}
