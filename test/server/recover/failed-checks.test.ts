/** Of four nodes one lies in a recovery, as the one that recovers or as one that helps: all honest ones come to doubt. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { WarifuError } from '../../../src/core/errors.js';
import { FileDoubts } from '../../../src/server/jobs/doubts.js';
import type { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { Session } from '../../../src/transport/session.js';
import { clientOf, errorOf, patients, SCHEMA } from '../support/hospital.js';
import { type LocalNodes, localNodes } from '../support/local-nodes.js';
import { upload } from '../support/test-provider.js';
import { eventsOf, lose, recover, spoil, usersOf } from './support.js';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const VERSION = `${'0'.repeat(31)}1`;
/** The one that recovers. */
const LOST = 1;

let nodes: LocalNodes;
let users: EnrolledUsers;

beforeAll(async () => {
  nodes = await localNodes({ ephemeral: false, count: 4 });
  const provider = nodes.user('hana', 'provider');
  users = usersOf(provider);
  const rows = patients(100, 'one');
  const wanted = { table: 'patients', slice: 'one', schema: SCHEMA, rows, version: VERSION };
  await upload(clientOf(nodes, provider), wanted);
  await nodes.stop(LOST);
  await lose(nodes, LOST);
}, 60_000);
afterEach(async () => {
  vi.restoreAllMocks();
  for (const node of NAMES.keys()) await doubtsOf(node).clear();
});
afterAll(() => nodes.close());

const doubtsOf = (node: number): FileDoubts => new FileDoubts(nodes.directories[node] as string);

/** What a node sends under a tag is altered. */
function lie(liar: number, tag: string, alter: (bytes: Uint8Array) => Uint8Array): void {
  const channel = Session.prototype.channel;
  vi.spyOn(Session.prototype, 'channel').mockImplementation(function (this: Session) {
    const honest = channel.call(this);
    if (honest.self !== liar) return honest;
    return {
      ...honest,
      send: (to, key, bytes, clock) => honest.send(to, key, key.tag === tag ? alter(bytes) : bytes, clock),
    };
  });
}

/** All others than the liar doubt it, by name: those that did not notice it say who did. */
async function expectDoubted(liar: number, noticed: number, code: string, about: object): Promise<void> {
  for (const node of [0, 1, 2, 3].filter((one) => one !== liar)) {
    const told = node === noticed ? {} : { told_by: noticed };
    await vi.waitFor(async () =>
      expect((await eventsOf(nodes, node)).filter(({ kind }) => kind === 'check-failed').at(-1)).toEqual({
        kind: 'check-failed',
        code,
        nodes: [liar],
        ...told,
        ...about,
      }),
    );
    expect(await doubtsOf(node).read()).toMatchObject({
      code,
      nodes: [NAMES[liar]],
      ...(node === noticed ? {} : { told_by: NAMES[noticed] }),
    });
    if (node === noticed) expect((await doubtsOf(node).read())?.told_by).toBeUndefined();
  }
}

test('a snapshot in no form is a failed check of the node that sent it', async () => {
  lie(3, 'body', (bytes) => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
  const error = (await errorOf(recover(nodes, LOST, users))) as WarifuError;
  expect([error.code, error.details['node']]).toEqual(['PEER_MISBEHAVED', 'delta']);
  await expectDoubted(3, LOST, 'PEER_MISBEHAVED', {});
}, 60_000);

test('an answer of another length, too', async () => {
  lie(0, 'body', (bytes) => bytes.subarray(1));
  const error = (await errorOf(recover(nodes, LOST, users))) as WarifuError;
  expect([error.code, error.details['node']]).toEqual(['MESSAGE_LENGTH', 'alpha']);
  await expectDoubted(0, LOST, 'MESSAGE_LENGTH', { step: 'recover/0' });
}, 60_000);

test('a question in no form is one of the node that says that it recovers', async () => {
  lie(LOST, 'ask', (bytes) => bytes.map((byte, i) => (i === 0 ? 9 : byte)));
  await errorOf(recover(nodes, LOST, users));
  for (const node of [0, 2, 3]) {
    await vi.waitFor(async () =>
      expect(await doubtsOf(node).read()).toMatchObject({ code: 'PEER_MISBEHAVED', nodes: ['beta'] }),
    );
    const checks = (await eventsOf(nodes, node)).filter(({ kind }) => kind === 'check-failed');
    expect(checks).toContainEqual({ kind: 'check-failed', code: 'PEER_MISBEHAVED', nodes: [LOST] });
  }
}, 60_000);

test('a wrong part is one, in its slice', async () => {
  await nodes.stop(0);
  await spoil(nodes, 0, VERSION, { part: 2, chunk: 0 });
  await nodes.start(0);
  expect(await recover(nodes, LOST, users)).toMatchObject({ state: 'recovered', lost: [] });
  await expectDoubted(0, LOST, 'COMMITMENT_MISMATCH', { table: 'patients', slice: 'one' });
  expect((await doubtsOf(LOST).read())?.message).toMatch(/^node alpha sent a wrong part: /);
}, 60_000);
