import { afterEach, describe, expect, it } from 'vitest';
import { dropTable, grantTable, revokeTable, setTableSettings } from '../../../src/client/owner/orders.js';
import { clusterStatus } from '../../../src/client/owner/status.js';
import { describeTable, listTables } from '../../../src/client/owner/tables.js';
import { WarifuError } from '../../../src/core/errors.js';
import type { HandledReply, OpenedRequest } from '../../../src/server/client-port/request-handler.js';
import { failure, handlers, TestCluster } from '../support/test-cluster.js';

const FAST = { connectMs: 1000, pingMs: 50, silenceMs: 500, graceMs: 200 };
let running: TestCluster | undefined;
afterEach(() => running?.stop());

async function client(
  handle: (opened: OpenedRequest, node: number) => HandledReply | Promise<HandledReply>,
  nodes: 3 | 4 = 3,
) {
  running = await TestCluster.start({ handlers: handlers(handle, nodes) });
  return running.client(FAST);
}

const DONE = { data: { done: true } };

describe('orders', () => {
  it('reach every node in their form', async () => {
    const asked: unknown[] = [];
    let checks = 0;
    const to = await client(({ request }, node) => {
      if ('check' in request) {
        checks += 1;
        return DONE;
      }
      const { v: _v, cluster: _c, time: _t, nonce: _n, reply_key: _r, ...body } = request;
      if (node === 0) asked.push(body);
      return { data: { done: true, note: 'one of two grants' } };
    });
    expect(await setTableSettings(to, '患者', { minCount: 20, contributors: ['bob'] })).toEqual([
      'one of two grants',
    ]);
    await setTableSettings(to, '患者', {});
    await grantTable(to, '患者', 'bob');
    await revokeTable(to, '患者', 'bob');
    await dropTable(to, '患者', 'kita');
    await dropTable(to, '患者');
    // Settings twice and a grant were asked about at each node first.
    expect(checks).toBe(9);
    const user = 'alice';
    expect(asked).toEqual([
      { kind: 'table-settings', user, table: '患者', min_count: 20, contributors: ['bob'] },
      { kind: 'table-settings', user, table: '患者' },
      { kind: 'grant', user, table: '患者', grantee: 'bob' },
      { kind: 'revoke', user, table: '患者', grantee: 'bob' },
      { kind: 'drop', user, table: '患者', slice: 'kita' },
      { kind: 'drop', user, table: '患者' },
    ]);
  });

  it('change nothing when a node is not reached', async () => {
    const kinds: string[] = [];
    const to = await client(({ request }) => {
      kinds.push(request.kind);
      return DONE;
    }, 4);
    await running!.ports[1]!.close();
    for (const ordered of [
      grantTable(to, '患者', 'bob'),
      setTableSettings(to, '患者', { minCount: 3 }),
      setTableSettings(to, '患者', { allowThree: true }),
      setTableSettings(to, '患者', { allowThree: false, minCount: 3 }),
      dropTable(to, '患者'),
    ]) {
      const error = await failure(ordered);
      expect(error.code).toBe('NODE_UNREACHABLE');
      expect(error.message).toMatch(/'naka'.*; nothing was changed at any node: run the same/);
      expect(error.details).toMatchObject({ node: 1, done: [] });
    }
    expect(kinds).toEqual([]);
  });

  it('are not given to any node when one would not carry them out', async () => {
    const no = new WarifuError('NODE_UNREACHABLE', 'node minami is not connected to the others');
    let done = 0;
    const to = await client(({ request }, node) => {
      if ('check' in request) return node === 0 ? Promise.reject(no) : DONE;
      done += 1;
      return DONE;
    });
    const error = await failure(grantTable(to, 't', 'bob'));
    expect(error.message).toMatch(/minami.*; nothing was changed at any node: run the same/);
    expect(done).toBe(0);
  });

  it('that take something back reach the nodes that are there, and name the one that missed them', async () => {
    let done = 0;
    const to = await client(() => {
      done += 1;
      return DONE;
    }, 4);
    await running!.ports[1]!.close();
    for (const ordered of [
      revokeTable(to, '患者', 'bob'),
      setTableSettings(to, '患者', { allowThree: false }),
    ]) {
      const error = await failure(ordered);
      expect(error.code).toBe('NODE_UNREACHABLE');
      expect(error.message).toMatch(
        /^done at 'kita', 'minami' and 'nishi', where it counts from now on, but not at 'naka': .*run the same command again when that is settled$/,
      );
      expect(error.details).toMatchObject({ done: ['kita', 'minami', 'nishi'], undone: ['naka'] });
    }
    expect(done).toBe(6);
  });

  it('are given to those that are reached on request, but no consent to three nodes, nor in a cluster of three', async () => {
    const to = await client(() => DONE, 4);
    await running!.ports[1]!.close();
    const reached = { reachedOnly: true };
    expect((await failure(grantTable(to, 't', 'bob', reached))).message).toMatch(
      /^done at 'kita', 'minami' and 'nishi', but not at 'naka': /,
    );
    expect((await failure(setTableSettings(to, 't', { allowThree: true }, reached))).code).toBe('USAGE');
    await running!.stop();
    const three = await client(() => DONE);
    expect((await failure(setTableSettings(three, 't', { allowThree: true }))).code).toBe('USAGE');
  });

  it('that a node fails at after all is reported by name; refused by all, as they say it', async () => {
    const no = new WarifuError('NOT_ALLOWED', 'only the owner may do that');
    const some = await client(({ request }, node) =>
      node === 2 && !('check' in request) ? Promise.reject(no) : DONE,
    );
    expect((await failure(grantTable(some, 't', 'bob'))).message).toContain("not at 'minami'");
    await running!.stop();
    const all = await client(() => Promise.reject(no));
    expect(await failure(grantTable(all, 't', 'bob'))).toMatchObject({
      code: 'NOT_ALLOWED',
      message: 'only the owner may do that',
    });
  });
});

const ENTRY = {
  name: '患者',
  owner: 'alice',
  contributors: ['bob'],
  rows: 10,
  slices: [{ slice: 'kita', contributor: 'alice', rows: 10 }],
  columns: 3,
  granted: true,
  min_count: 10,
};

describe('tables', () => {
  it('count as granted if all nodes say so, with the largest minimum count, in whatever order they come', async () => {
    const other = { ...ENTRY, name: 'z' };
    const to = await client((_, node) => {
      const mine = { ...ENTRY, granted: node !== 1, min_count: 10 + node };
      return { data: { tables: node === 0 ? [other, mine] : [mine, other] } };
    });
    expect(await listTables(to)).toEqual([other, { ...ENTRY, granted: false, min_count: 12 }]);
  });

  it('that a node knows otherwise are not shown', async () => {
    const to = await client((_, node) => ({
      data: { tables: [{ ...ENTRY, owner: node === 1 ? 'mallory' : 'alice' }] },
    }));
    const error = await failure(listTables(to));
    expect(error.code).toBe('POLICY_DIFFERS');
    expect(error.message).toContain("node 'naka' differs");
  });

  it('are described with their schema', async () => {
    const { contributors: _c, columns: _n, granted: _g, ...shared } = ENTRY;
    const schema = { warifu_schema: 1, missing: [''], columns: [] };
    const to = await client((_, node) => ({
      data: { ...shared, min_count: 3 + node, allow_three: false, schema },
    }));
    expect(await describeTable(to, '患者')).toEqual({
      ...shared,
      min_count: 5,
      allow_three: false,
      schema,
    });
    await running!.stop();
    const differing = await client((_, node) => ({
      data: { ...shared, allow_three: false, schema: { ...schema, missing: node === 0 ? ['NA'] : [''] } },
    }));
    expect((await failure(describeTable(differing, '患者'))).message).toContain("node 'kita' differs");
  });
});

describe('status', () => {
  it('shows the nodes that answer, and why the others do not', async () => {
    const to = await client((_, node) => ({
      data: {
        node,
        name: 'x',
        version: '0.1.0',
        protocol: 1,
        time: 5,
        peers: [],
        running: 0,
        waiting: 0,
      },
    }));
    await running!.ports[2]!.close();
    const all = await clusterStatus(to);
    expect(all.map(({ name }) => name)).toEqual(['kita', 'naka', 'minami']);
    expect(all[1]!.status).toMatchObject({ node: 1, version: '0.1.0' });
    expect(all[2]!.status).toMatchObject({ code: 'NODE_UNREACHABLE' });
  });
});
