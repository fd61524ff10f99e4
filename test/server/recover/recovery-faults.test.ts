import { expect, test } from 'vitest';
import { type ErrorCode, WarifuError } from '../../../src/core/errors.js';
import { MemoryAuditLog } from '../../../src/server/audit/audit-log.js';
import { MemoryDoubts } from '../../../src/server/jobs/doubts.js';
import { FailedChecks } from '../../../src/server/jobs/failed-checks.js';
import { SILENT } from '../../../src/server/log.js';
import { encodeHead, messagesOf } from '../../../src/server/recover/ask.js';
import { HelperRefusal, HelperSession } from '../../../src/server/recover/helper-session.js';
import { RecoveryFaults } from '../../../src/server/recover/recovery-faults.js';
import { MemoryNetwork } from '../../../src/transport/memory-network.js';
import { errorOf } from '../support/hospital.js';

function world() {
  const audit = new MemoryAuditLog(() => 1);
  const doubts = new MemoryDoubts();
  const checks = new FailedChecks({
    doubts,
    audit,
    log: SILENT,
    mesh: { sendControl: () => undefined },
    peers: [],
    names: ['kita', 'naka', 'minami'],
    now: () => 2,
  });
  const faults = new RecoveryFaults({ checks, audit, log: SILENT });
  const fault = (error: WarifuError, version = 'v') =>
    faults.add({ node: 2, name: 'minami', slice: { table: 't', slice: 's', version } as never, error });
  return { faults, doubts, fault, events: () => audit.records.map(({ event }) => event) };
}

test('a wrong part is a failed check, once for each slice', async () => {
  const { faults, doubts, fault, events } = world();
  const wrong = new WarifuError('COMMITMENT_MISMATCH', 'x', { node: 'minami', part: 1 });
  await fault(wrong);
  await fault(wrong);
  await fault(wrong, 'w');
  expect(events()).toMatchObject([
    { kind: 'check-failed', code: 'COMMITMENT_MISMATCH', nodes: [2], table: 't', slice: 's' },
  ]);
  expect(await doubts.read()).toMatchObject({ nodes: ['minami'], code: 'COMMITMENT_MISMATCH' });
  expect([faults.of('v').length, faults.of('w').length, faults.of('x').length]).toEqual([1, 1, 0]);
  // What was added is not added again by the end that it leads to.
  await faults.ended(new WarifuError('COMMITMENT_MISMATCH', 'chunks are lost', { nodes: ['minami'] }));
  expect(events()).toHaveLength(1);
});

test.each<ErrorCode>(['CHUNK_DAMAGED', 'COMMITMENT_MISMATCH', 'PEER_MISBEHAVED'])(
  'a refusal proves nothing, whatever its code and whomever it blames: %s',
  async (code) => {
    const { faults, doubts, fault, events } = world();
    const refusal = new HelperRefusal(code, 'x', { node: 'minami', nodes: ['kita'] });
    await fault(refusal);
    await faults.ended(refusal);
    expect(events()).toEqual([{ kind: 'part-refused', node: 2, code, table: 't', slice: 's' }]);
    expect(await doubts.read()).toBeUndefined();
  },
);

test.each<[ErrorCode, boolean]>([
  ['PEER_MISBEHAVED', true],
  ['MESSAGE_LENGTH', true],
  ['MESSAGE_FORM', true],
  ['FRAME_INVALID', true],
  ['POLICY_DIFFERS', false],
  ['STATE_DIFFERS', false],
  ['REQUEST_INVALID', false],
  ['NODE_LOST', false],
  ['NO_PROGRESS', false],
  ['CHUNK_DAMAGED', false],
  ['CANCELLED', false],
])('a recovery that ends with %s: a failed check: %s', async (code, isFailed) => {
  const { faults, doubts } = world();
  await faults.ended(new WarifuError(code, 'x', { node: 'minami' }));
  expect((await doubts.read())?.nodes).toEqual(isFailed ? ['minami'] : undefined);
});

/** What the recovering node makes of a refusal by node 'kita', of that text. */
async function refusedBy(text: string): Promise<WarifuError> {
  const network = new MemoryNetwork(2);
  const session = {
    abort: (error: WarifuError) => network.abort('main', error),
    channel: () => network.channel(1),
    close: async () => undefined,
    failure: undefined,
  };
  const asking = new HelperSession({ node: 0, name: 'kita' }, session, 5_000);
  const asked = errorOf(asking.ask({ kind: 'snapshot' }, { most: 9 }, 'a thing'));
  const other = network.channel(0);
  const { head, body, clock } = messagesOf(0);
  const bytes = new TextEncoder().encode(text);
  await other.send(1, head, encodeHead({ ok: false, length: bytes.length }), clock);
  await other.send(1, body, bytes, clock);
  return (await asked) as WarifuError;
}

test.each(['{}', '{', '\u0000'])('a refusal that is none is the fault of the node: %j', async (text) => {
  expect(await refusedBy(text)).toMatchObject({ code: 'PEER_MISBEHAVED', details: { node: 'kita' } });
});

test('a refusal is one line, and about its node, whatever it says', async () => {
  const said = {
    code: 'CHUNK_DAMAGED',
    message: 'gone\nerror OK',
    details: { node: 'naka', said_by: 'naka' },
  };
  const error = await refusedBy(JSON.stringify(said));
  expect(error).toBeInstanceOf(HelperRefusal);
  expect(error).toMatchObject({
    code: 'CHUNK_DAMAGED',
    message: 'node kita: gone error OK',
    details: { node: 'kita', told_by: 'kita' },
  });
});
