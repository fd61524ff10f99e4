/**
 * The users of one node: who may sign requests here, and in which roles. Enrolment is each operator's own; a node
 * believes no other node about a user.
 */
import { z } from 'zod';
import { parseBoundedJson } from '../../core/canonical-json.js';
import { WarifuError } from '../../core/errors.js';
import { wordField } from '../../core/fields.js';
import { foldName } from '../../share/schema.js';
import { decodePublicKey, type PublicUserKey } from './user-key-line.js';

const USERS_FORMAT = 1;
const MAX_USERS = 10_000;
export const MAX_USERS_FILE = 8 * 1024 * 1024;

const ROLES = ['provider', 'analyst'] as const;
/** A provider uploads tables and grants their use; an analyst asks questions. A user may be both. */
export type Role = (typeof ROLES)[number];

const instant = z.iso.datetime();
const usersJson = z.strictObject({
  warifu_users: z.literal(USERS_FORMAT),
  users: z
    .array(
      z.strictObject({
        name: wordField,
        public_key: z.string().max(64),
        roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
        enrolled: instant,
        revoked: instant.nullable(),
      }),
    )
    .max(MAX_USERS),
});

/** One enrolment. A revoked one stays on record, and its name is never given to another key. */
export interface UserRecord extends PublicUserKey {
  readonly roles: readonly Role[];
  /** ISO 8601, UTC. */
  readonly enrolled: string;
  readonly revoked: string | undefined;
}

export class EnrolledUsers {
  readonly records: readonly UserRecord[];
  readonly #active: ReadonlyMap<string, UserRecord>;

  /** @throws WarifuError CONFIG_INVALID when a name or key occurs twice. */
  constructor(records: readonly UserRecord[]) {
    refuseRepeats(records);
    this.records = records;
    this.#active = new Map(
      records.filter((record) => record.revoked === undefined).map((record) => [record.name, record]),
    );
  }

  /** The key with which a user signs here; undefined for one who is not enrolled, or was revoked. */
  publicKeyOf(user: string): Uint8Array | undefined {
    return this.#active.get(user)?.publicKey;
  }

  /** Undefined for one who is not enrolled, or was revoked. */
  rolesOf(user: string): readonly Role[] | undefined {
    return this.#active.get(user)?.roles;
  }

  /**
   * With one more user; or, for the same name and key, with these roles and no longer revoked.
   *
   * @param now milliseconds since 1970.
   * @throws WarifuError KEY_INVALID when the name or the key is another's.
   */
  enrol({ name, publicKey }: PublicUserKey, roles: readonly Role[], now: number): EnrolledUsers {
    if (roles.length === 0)
      throw new WarifuError('USAGE', 'a user has at least one role: provider or analyst');
    const sameName = this.records.find((record) => foldName(record.name) === foldName(name));
    const sameKey = this.records.find((record) => keyText(record.publicKey) === keyText(publicKey));
    if (sameName !== sameKey || (sameName !== undefined && sameName.name !== name)) {
      // Grants and tables hang on names: a new key under an old name would inherit them unseen.
      throw new WarifuError(
        'KEY_INVALID',
        sameName === undefined
          ? `this key is enrolled already, under the name '${sameKey?.name ?? ''}'`
          : `the name '${sameName.name}' is another key's here, and stays so even when revoked; choose another name`,
        { user: name },
      );
    }
    const enrolled = new Date(now).toISOString();
    const added: UserRecord = { name, publicKey, roles: [...new Set(roles)], enrolled, revoked: undefined };
    return new EnrolledUsers([...this.records.filter((record) => record !== sameName), added]);
  }

  /**
   * With a user revoked: from now on no request of that user is accepted here.
   *
   * @throws WarifuError NOT_ENROLLED.
   */
  revoke(name: string, now: number): EnrolledUsers {
    if (!this.#active.has(name)) {
      throw new WarifuError('NOT_ENROLLED', `user '${name}' is not enrolled at this node`, { user: name });
    }
    const revoked = new Date(now).toISOString();
    return new EnrolledUsers(
      this.records.map((record) => (record.name === name ? { ...record, revoked } : record)),
    );
  }

  /** The text of users.json. */
  toText(): string {
    const users = this.records.map(({ name, publicKey, roles, enrolled, revoked }) => ({
      name,
      public_key: keyText(publicKey),
      roles,
      enrolled,
      revoked: revoked ?? null,
    }));
    return `${JSON.stringify({ warifu_users: USERS_FORMAT, users }, undefined, 2)}\n`;
  }
}

/**
 * Parses users.json.
 *
 * @throws WarifuError CONFIG_INVALID naming the field, KEY_INVALID for a key.
 */
export function parseUsers(text: string): EnrolledUsers {
  let data: unknown;
  try {
    data = parseBoundedJson(text, 'users.json');
  } catch (thrown) {
    throw thrown instanceof WarifuError ? new WarifuError('CONFIG_INVALID', thrown.message) : thrown;
  }
  const parsed = usersJson.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new WarifuError(
      'CONFIG_INVALID',
      `users.json is not valid at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'unknown fault'}`,
    );
  }
  return new EnrolledUsers(
    parsed.data.users.map(({ name, public_key, roles, enrolled, revoked }) => ({
      name,
      publicKey: decodePublicKey(public_key),
      roles,
      enrolled,
      revoked: revoked ?? undefined,
    })),
  );
}

function refuseRepeats(records: readonly UserRecord[]): void {
  const names = new Set(records.map((record) => foldName(record.name)));
  const keys = new Set(records.map((record) => keyText(record.publicKey)));
  if (names.size !== records.length || keys.size !== records.length) {
    throw new WarifuError('CONFIG_INVALID', 'the list of users has a name or a key twice');
  }
}

function keyText(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('base64');
}
