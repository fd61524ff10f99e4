/** Decisions about a table itself: dropping, settings, grants, reading what is public. */
import { ALLOWED, type Decision, type Denied, denied } from './decision.js';
import { type Actor, isContributor, sliceNamed, type TablePolicy } from './table-policy.js';

function notEnrolled({ user, roles }: Actor): Denied | undefined {
  return roles === undefined
    ? denied('NOT_ENROLLED', `user '${user}' is not enrolled at this node`, { user })
    : undefined;
}

/**
 * A slice may be withdrawn by its contributor alone, in whatever role, also when no longer named. A whole table may
 * be dropped by its owner, and only while every visible slice is the owner's: other people's data is theirs to
 * withdraw, never the owner's to destroy.
 */
export function decideDrop(actor: Actor, table: TablePolicy, slice: string | undefined): Decision {
  const { user } = actor;
  const stranger = notEnrolled(actor);
  if (stranger !== undefined) return stranger;
  if (slice !== undefined) {
    const found = sliceNamed(table, slice);
    if (found === undefined) {
      return denied('UNKNOWN_SLICE', `table '${table.name}' has no slice '${slice}'`, {
        table: table.name,
        slice,
      });
    }
    if (found.contributor === user) return ALLOWED;
    return denied(
      'NOT_ALLOWED',
      `slice '${found.slice}' of table '${table.name}' is '${found.contributor}'s, who alone may withdraw it`,
      { table: table.name, slice: found.slice, contributor: found.contributor },
    );
  }
  if (table.owner !== user) {
    return denied('NOT_ALLOWED', `table '${table.name}' is '${table.owner}'s, who alone may drop it`, {
      table: table.name,
      owner: table.owner,
    });
  }
  const others = [...new Set(table.slices.map((found) => found.contributor))].filter((name) => name !== user);
  if (others.length === 0) return ALLOWED;
  return denied(
    'NOT_ALLOWED',
    `table '${table.name}' holds slices of ${others.map((name) => `'${name}'`).join(', ')}, who must withdraw them first; your own slices you can drop one by one`,
    { table: table.name, contributors: others },
  );
}

export interface SettingsWish {
  /** The asking user's own minimum count for this table. */
  readonly minCount?: number | undefined;
  /** The new list of contributors. */
  readonly contributors?: readonly string[] | undefined;
}

/** The owner names contributors; the owner and each contributor set their own minimum count. */
export function decideSettings(actor: Actor, table: TablePolicy, wish: SettingsWish): Decision {
  const { user } = actor;
  const stranger = notEnrolled(actor);
  if (stranger !== undefined) return stranger;
  if (wish.contributors !== undefined && table.owner !== user) {
    return denied(
      'NOT_ALLOWED',
      `table '${table.name}' is '${table.owner}'s, who alone names its contributors`,
      {
        table: table.name,
        owner: table.owner,
      },
    );
  }
  return ownerOrContributor(table, user);
}

/**
 * Whoever is newly named as a contributor is enrolled here: a name that nobody has is most likely a slip. Those named
 * before may stay, also when they were revoked meanwhile.
 */
export function decideContributors(
  table: TablePolicy,
  named: readonly string[],
  isEnrolled: (user: string) => boolean,
): Decision {
  const stranger = named.find((user) => !table.contributors.includes(user) && !isEnrolled(user));
  if (stranger === undefined) return ALLOWED;
  return denied(
    'NOT_ENROLLED',
    `user '${stranger}' is not enrolled at this node: check the name, or ask its operator to enrol them`,
    { user: stranger },
  );
}

/**
 * The owner and each contributor grant for themselves, to users who are enrolled here (a name that nobody has is
 * most likely a slip, and would be waiting for whoever takes it).
 */
export function decideGrant(actor: Actor, table: TablePolicy, grantee: Actor): Decision {
  const stranger = notEnrolled(actor) ?? notEnrolled(grantee);
  return stranger ?? ownerOrContributor(table, actor.user);
}

/** What one has granted, one may revoke, whatever has become of both since. */
export function decideRevoke(actor: Actor, table: TablePolicy, grantee: string): Decision {
  const stranger = notEnrolled(actor);
  if (stranger !== undefined) return stranger;
  const { user } = actor;
  if (table.grants.some((grant) => grant.grantor === user && grant.grantee === grantee)) return ALLOWED;
  return ownerOrContributor(table, user);
}

/** Names, schemas and row counts are public among those enrolled. */
export function decideRead(actor: Actor): Decision {
  return notEnrolled(actor) ?? ALLOWED;
}

/** A query is cancelled by the user who asked it. */
export function decideCancel(actor: Actor, asker: string): Decision {
  const stranger = notEnrolled(actor);
  if (stranger !== undefined) return stranger;
  if (actor.user === asker) return ALLOWED;
  return denied('NOT_ALLOWED', `the query is another user's, who alone may cancel it`, { user: actor.user });
}

function ownerOrContributor(table: TablePolicy, user: string): Decision {
  if (isContributor(table, user)) return ALLOWED;
  return denied(
    'NOT_ALLOWED',
    `user '${user}' is neither the owner nor a contributor of table '${table.name}'`,
    {
      table: table.name,
      user,
    },
  );
}
