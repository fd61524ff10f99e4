import { beforeEach, describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { AuditEvent } from '../../../src/server/audit/audit-event.js';
import { MemoryAuditLog } from '../../../src/server/audit/audit-log.js';
import { controlMessage } from '../../../src/server/jobs/control-message.js';
import { MemoryDoubts } from '../../../src/server/jobs/doubts.js';
import { type FailedCheck, failedCheckOf } from '../../../src/server/jobs/failed-check.js';
import { FailedChecks } from '../../../src/server/jobs/failed-checks.js';

const NAMES = ['kita', 'naka', 'minami', 'nishi'];
const QUERY = 'ab'.repeat(16);
const LIED = new WarifuError('COPIES_DIFFER', 'node 2 or node 3 sent something else', {
  step: 'query/where',
  nodes: ['2', '3'],
});
const CHECK: FailedCheck = { code: 'COPIES_DIFFER', nodes: [2, 3], step: 'query/where', query: QUERY };

let doubts: MemoryDoubts;
let audit: MemoryAuditLog;
let sent: { readonly to: number; readonly message: unknown }[];
let logged: string[];
let down: number | undefined;
let checks: FailedChecks;

beforeEach(() => {
  doubts = new MemoryDoubts();
  audit = new MemoryAuditLog(() => 5);
  [sent, logged, down] = [[], [], undefined];
  const note = (_: unknown, message: string): void => {
    logged.push(message);
  };
  checks = new FailedChecks({
    doubts,
    audit,
    log: { info: note, warn: note, error: note },
    mesh: {
      sendControl: (to, message) => {
        if (to === down) throw new WarifuError('NODE_UNREACHABLE', `node ${to} is not connected`);
        sent.push({ to, message: controlMessage.parse(JSON.parse(JSON.stringify(message))) });
      },
    },
    peers: [1, 2, 3],
    names: NAMES,
    now: () => 7,
  });
});

function events(): readonly AuditEvent[] {
  return audit.records.map(({ event }) => event);
}

describe('a check that fails at a node', () => {
  it('is its doubt, by name, in its audit log, and told to all others', async () => {
    await checks.noticed(LIED, { query: QUERY });
    expect(await doubts.read()).toMatchObject({
      time: 7,
      code: 'COPIES_DIFFER',
      message: "node 'minami' or node 'nishi' sent something else",
      nodes: ['minami', 'nishi'],
      step: 'query/where',
      query: QUERY,
    });
    expect(events()).toMatchObject([
      { kind: 'check-failed', code: 'COPIES_DIFFER', nodes: [2, 3], step: 'query/where', query: QUERY },
    ]);
    expect(sent).toEqual([1, 2, 3].map((to) => ({ to, message: { type: 'check-failed', check: CHECK } })));
  });

  it('is told later to a node that was away, as long as it is doubted', async () => {
    down = 2;
    await checks.noticed(LIED, { query: QUERY });
    expect(sent.map(({ to }) => to)).toEqual([1, 3]);
    [down, sent] = [undefined, []];
    await checks.remind(2);
    expect(sent).toEqual([{ to: 2, message: { type: 'check-failed', check: CHECK } }]);
    sent = [];
    await doubts.clear();
    await checks.remind(2);
    expect(sent).toEqual([]);
  });

  it('is none where a node was lost, a client lied or a query was cancelled', async () => {
    for (const code of [
      'NODE_LOST',
      'UPLOAD_CHECK_FAILED',
      'COMMITMENT_MISMATCH',
      'CANCELLED',
      'INTERNAL',
    ] as const)
      await checks.noticed(new WarifuError(code, 'node 1 something', { node: 1 }), {});
    await checks.remind(1);
    expect([sent, events(), await doubts.read()]).toEqual([[], [], undefined]);
  });
});

describe('a check that failed elsewhere', () => {
  it('is a doubt, and says who says so', async () => {
    await checks.told(1, CHECK);
    expect(await doubts.read()).toMatchObject({
      message:
        "node 'naka' says: a check failed at step query/where: node 'minami' or node 'nishi' lied or is broken (COPIES_DIFFER)",
      told_by: 'naka',
    });
    expect(events()).toMatchObject([{ kind: 'check-failed', told_by: 1, nodes: [2, 3], query: QUERY }]);
    // Whoever noticed it tells all others itself.
    await checks.remind(3);
    expect(sent).toEqual([]);
  });

  it('is one also where a peer ends a session with it and says no more', async () => {
    await checks.noticed(new WarifuError('COPIES_DIFFER', 'node 1: x', { node: 1, told_by: 1 }), {});
    expect(await doubts.read()).toMatchObject({
      code: 'COPIES_DIFFER',
      message: "node 'naka': x",
      nodes: [],
      told_by: 'naka',
    });
    expect(sent).toEqual([]);
    expect(events()).toMatchObject([{ kind: 'check-failed', code: 'COPIES_DIFFER', nodes: [], told_by: 1 }]);
  });

  it('is told by the one who says so, also where that one names another as the first', async () => {
    const error = new WarifuError('COPIES_DIFFER', 'x', { node: 'kita', said_by: 'nishi', told_by: 'naka' });
    await checks.noticed(error, {});
    expect(await doubts.read()).toMatchObject({ told_by: 'naka', nodes: [] });
    expect(events()).toMatchObject([{ told_by: 1, said_by: 3, nodes: [] }]);
  });

  it('may be in what another node recovers', async () => {
    await checks.told(1, { code: 'COMMITMENT_MISMATCH', nodes: [3], table: 'patients', slice: 'one' });
    expect((await doubts.read())?.message).toBe(
      "node 'naka' says: a check failed in slice 'one' of table 'patients': node 'nishi' lied or is broken (COMMITMENT_MISMATCH)",
    );
    expect(events()).toMatchObject([{ nodes: [3], table: 'patients', slice: 'one', told_by: 1 }]);
  });

  it('is what the peer says that ends the session, where that comes a little later', async () => {
    const ended = checks.noticed(new WarifuError('COPIES_DIFFER', 'node 1: x', { node: 1, told_by: 1 }), {});
    await checks.told(1, CHECK);
    await ended;
    expect(await doubts.read()).toMatchObject({ nodes: ['minami', 'nishi'], told_by: 'naka', query: QUERY });
    expect(events()).toHaveLength(1);
  });

  it('may be what the analyst finds', async () => {
    await checks.reported('ana', { code: 'COPIES_DIFFER', nodes: [3], query: QUERY });
    expect(await doubts.read()).toMatchObject({ told_by: 'ana', nodes: ['nishi'] });
    expect(events()).toMatchObject([{ reported_by: 'ana', nodes: [3], query: QUERY }]);
  });

  it('fills no log in a burst either', async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => checks.told(1, { ...CHECK, step: `s${i}` })));
    expect(events()).toHaveLength(200);
  });

  it('fills no log, however often it is told; after the operator has looked it is news', async () => {
    for (let i = 0; i < 1_000; i++) await checks.told(1, { ...CHECK, step: `s${i % 500}` });
    expect(events()).toHaveLength(200);
    expect(logged).toHaveLength(200);
    await checks.told(2, CHECK);
    expect(events()).toHaveLength(201);
    await doubts.clear();
    await checks.told(1, CHECK);
    expect(events()).toHaveLength(202);
    expect(await doubts.read()).toMatchObject({ told_by: 'naka' });
  });
});

it('who is blamed is known by index or by name, and by nothing else', () => {
  const of = (details: object): unknown =>
    failedCheckOf(new WarifuError('PEER_MISBEHAVED', 'x', { ...details }), {}, NAMES)?.nodes;
  expect(of({ node: 'naka' })).toEqual([1]);
  expect(of({ node: 3 })).toEqual([3]);
  expect(of({ node: 'somebody' })).toEqual([]);
  expect(of({ node: 4 })).toEqual([]);
  expect(of({ nodes: ['minami', '0'], node: 'naka' })).toEqual([2, 0]);
  expect(of({})).toEqual([]);
});
