/** What changes while a query waits for its turn. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { newNamedKey } from '../../../src/core/key-file.js';
import type { RequestOf } from '../../../src/query/request.js';
import { MemoryAuditLog } from '../../../src/server/audit/audit-log.js';
import { QueryHandler } from '../../../src/server/handlers/query-handler.js';
import type { NodeServices } from '../../../src/server/handlers/services.js';
import type { JobWish } from '../../../src/server/jobs/coordinator-options.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { codeOf, SCHEMA } from '../support/hospital.js';

/** How a query ends that was let through. */
const COMPUTES = 'NO_PROGRESS';
const id = (): string => randomBytes(16).toString('hex');
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** One node's handler, whose jobs all wait until `meanwhile` has happened, and then fail at their first step. */
async function world(meanwhile: (world: World) => Promise<unknown>): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'warifu-test-'));
  const store = await NodeStore.open({ directory, secret: 'ephemeral', parts: [0, 1] });
  cleanups.push(async () => {
    store.close();
    await rm(directory, { recursive: true });
  });
  const upload = async (contributor: string, slice: string, replace = false): Promise<void> => {
    const [version, attempt] = [id(), id()];
    const shape = { schema: SCHEMA, rows: 100, chunkRows: 128, replace };
    await store.catalogue.stage({ table: 't', slice, version, contributor, ...shape });
    await store.catalogue.prepareUpload(attempt, version, new Uint8Array(1));
    await store.catalogue.commit(attempt);
  };
  const drop = async (slice: string): Promise<void> => {
    const attempt = id();
    await store.catalogue.prepareDrop(attempt, 't', slice);
    await store.catalogue.commit(attempt);
  };
  await upload('hana', 'a');
  await store.catalogue.setContributors('t', ['jun']);
  await upload('jun', 'b');
  for (const grantor of ['hana', 'jun']) await store.catalogue.grant('t', { grantor, grantee: 'ana' });
  const made: World = { store, upload, drop, users: enrolled(['ana']), ask: () => Promise.resolve('') };
  const coordinator = {
    refuse: () => undefined,
    run: async (_: string, wish: JobWish, __: AbortSignal, work: (job: object) => Promise<unknown>) => {
      await meanwhile(made);
      return await work({
        minCount: wish.minCount,
        compute: () => Promise.reject(new WarifuError(COMPUTES, 'it computes')),
      });
    },
  };
  const services = {
    store,
    coordinator,
    audit: new MemoryAuditLog(),
    floor: 1,
    held: [0, 1],
    users: () => Promise.resolve(made.users),
  } as unknown as NodeServices;
  made.ask = () => {
    const request = { kind: 'query', sql: 'SELECT COUNT(*) FROM t', user: 'ana', id: id(), explain: false };
    const signal = new AbortController().signal;
    const opened = { digest: new Uint8Array(32), signal, progress: () => undefined };
    const handler = new QueryHandler(services);
    return codeOf(handler.run(request as RequestOf<'query'>, { ...opened, request } as never));
  };
  return made;
}

interface World {
  readonly store: NodeStore;
  users: EnrolledUsers;
  upload(contributor: string, slice: string, replace?: boolean): Promise<void>;
  drop(slice: string): Promise<void>;
  /** The code with which a query ends. */
  ask(): Promise<string>;
}

function enrolled(names: string[]): EnrolledUsers {
  return names.reduce(
    (users, name) =>
      users.enrol({ name, publicKey: newNamedKey('user', name).publicKey }, ['analyst'], Date.now()),
    new EnrolledUsers([]),
  );
}

test.each<[string, string, (world: World) => Promise<unknown>]>([
  ['nothing', COMPUTES, async () => undefined],
  ['rows were added', COMPUTES, ({ upload }) => upload('jun', 'c')],
  ['a minimum count was lowered', COMPUTES, ({ store }) => store.catalogue.setMinCount('t', 'jun', 2)],
  [
    'a contributor revoked the grant',
    'NOT_GRANTED',
    ({ store }) => store.catalogue.revoke('t', { grantor: 'jun', grantee: 'ana' }),
  ],
  ['a slice was withdrawn', 'STATE_DIFFERS', ({ drop }) => drop('b')],
  ['a slice was replaced', 'STATE_DIFFERS', ({ upload }) => upload('jun', 'b', true)],
  [
    'a minimum count was raised',
    'POLICY_DIFFERS',
    ({ store }) => store.catalogue.setMinCount('t', 'jun', 50),
  ],
  [
    'the analyst was struck off',
    'NOT_ENROLLED',
    async (world) => {
      world.users = enrolled(['somebody']);
    },
  ],
])('while a query waited, %s: %s', async (_, code, meanwhile) => {
  const { ask } = await world(meanwhile);
  expect(await ask()).toBe(code);
});
