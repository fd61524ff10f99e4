/** Uploads and drops that wait behind another change of their table are decided by what they find at their turn. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { type NamedKey, newNamedKey } from '../../../src/core/key-file.js';
import { REP3 } from '../../../src/core/scheme.js';
import { encodeManifest, Manifest, manifestDigest } from '../../../src/query/request-manifest.js';
import { MemoryAuditLog } from '../../../src/server/audit/audit-log.js';
import type { NodeServices } from '../../../src/server/handlers/services.js';
import { TableHandler } from '../../../src/server/handlers/table-handler.js';
import { UploadHandler } from '../../../src/server/handlers/upload-handler.js';
import type { JobWish } from '../../../src/server/jobs/coordinator-options.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { schemaToJson } from '../../../src/share/schema.js';
import { codeOf, SCHEMA } from '../support/hospital.js';

/** How a change ends that was let through to its first step at its turn. */
const STARTED = 'NO_PROGRESS';
const CLUSTER = 'c'.repeat(64);
const PLACES = SCHEMA.columns.reduce((sum, { nullable }) => sum + (nullable ? 6 : 3), 0);
const id = (): string => randomBytes(16).toString('hex');
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface World {
  readonly store: NodeStore;
  readonly services: NodeServices;
  readonly jun: NamedKey;
  /** Another upload of rows of table 't' becomes visible. */
  appear(contributor: string, slice: string): Promise<void>;
}

/** One node, at which every change waits until `meanwhile` has happened, and then fails at its first step. */
async function world(meanwhile: (world: World) => Promise<unknown>): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'warifu-test-'));
  const store = await NodeStore.open({ directory, secret: 'ephemeral', parts: [0, 1] });
  cleanups.push(async () => {
    store.close();
    await rm(directory, { recursive: true });
  });
  const jun = newNamedKey('user', 'jun');
  const users = [jun, newNamedKey('user', 'hana')].reduce(
    (list, { name, publicKey }) => list.enrol({ name, publicKey }, ['provider'], Date.now()),
    new EnrolledUsers([]),
  );
  const started = (): Promise<never> => Promise.reject(new WarifuError(STARTED, 'it starts'));
  const services = {
    store,
    scheme: REP3,
    cluster: CLUSTER,
    audit: new MemoryAuditLog(),
    users: () => Promise.resolve(users),
    decisions: { decide: started },
    coordinator: {
      refuse: () => undefined,
      run: async (_: string, __: JobWish, ___: AbortSignal, work: (job: object) => Promise<unknown>) => {
        await meanwhile(made);
        return await work({ compute: started });
      },
    },
  } as unknown as NodeServices;
  const appear = async (contributor: string, slice: string): Promise<void> => {
    const [version, attempt] = [id(), id()];
    const shape = { schema: SCHEMA, rows: 100, chunkRows: 128, replace: false };
    await store.catalogue.stage({ table: 't', slice, version, contributor, ...shape });
    await store.catalogue.prepareUpload(attempt, version, new Uint8Array(1));
    await store.catalogue.commit(attempt);
  };
  const made: World = { store, services, jun, appear };
  return made;
}

const opened = {
  digest: new Uint8Array(32),
  signal: new AbortController().signal,
  progress: () => undefined,
};

/** The code with which jun's upload into table 't' ends. */
async function uploadOf({ services, jun }: World): Promise<string> {
  const place = { user: jun.name, table: 't', slice: 'b', version: id() };
  const handler = new UploadHandler(services);
  const shape = { schema: schemaToJson(SCHEMA), rows: 100, chunk_rows: 128, replace: false };
  await handler.begin({ kind: 'upload-begin', ...place, ...shape } as never);
  const nullable = SCHEMA.columns.map((column) => column.nullable);
  const head = { cluster: CLUSTER, ...place, rows: 100, chunkRows: 128, parts: 3, nullable };
  const manifest = encodeManifest(new Manifest(head, new Uint8Array(32 * PLACES)), jun.privateKey);
  const manifest_digest = Buffer.from(manifestDigest(manifest)).toString('hex');
  const request = { kind: 'upload-commit', ...place, manifest_digest } as never;
  return await codeOf(handler.commit(request, { ...opened, request, manifest }));
}

test('an upload that makes its table starts', async () => {
  expect(await uploadOf(await world(() => Promise.resolve()))).toBe(STARTED);
});

test('an upload does not slip into a table that became another’s while it waited', async () => {
  expect(await uploadOf(await world(({ appear }) => appear('hana', 'a')))).toBe('NOT_ALLOWED');
  const named = await world(async ({ appear, store }) => {
    await appear('hana', 'a');
    await store.catalogue.setContributors('t', ['jun']);
  });
  expect(await uploadOf(named)).toBe(STARTED);
});

test.each<[string, string | undefined, string, (world: World) => Promise<unknown>]>([
  ['nothing happened', undefined, STARTED, () => Promise.resolve()],
  ['another’s slice became visible', undefined, 'NOT_ALLOWED', ({ appear }) => appear('hana', 'z')],
  ['another’s slice became visible', 'b', STARTED, ({ appear }) => appear('hana', 'z')],
])('while a drop waited, %s (slice %s): %s', async (_, slice, code, meanwhile) => {
  const made = await world(meanwhile);
  await made.appear('jun', 'b');
  const request = { kind: 'drop', user: 'jun', table: 't', slice } as never;
  expect(await codeOf(new TableHandler(made.services).drop(request, { ...opened, request } as never))).toBe(
    code,
  );
});
