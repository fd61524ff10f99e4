/** Four nodes of which one is lost: when the other three go on, and that they come to the same. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLostNode } from '../../src/client/analyst/lost-node.js';
import { explainQuery, runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { grantTable, setTableSettings } from '../../src/client/owner/orders.js';
import { describeTable, listTables } from '../../src/client/owner/tables.js';
import { type NodeIndex, REP4 } from '../../src/core/scheme.js';
import { FileDoubts } from '../../src/server/jobs/doubts.js';
import { comparable } from '../support/oracle.js';
import { clientOf, codeOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { upload } from './support/test-provider.js';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const SQL =
  'SELECT COUNT(*), AVG(weight), SUM(bill), t_test(weight, smoker) FROM patients WHERE age >= 40 GROUP BY sex';

let nodes: LocalNodes;
let hana: ClusterClient;
let jun: ClusterClient;
let ana: ClusterClient;
let expected: unknown;

beforeAll(async () => {
  nodes = await localNodes({ count: 4, ephemeral: false });
  hana = clientOf(nodes, nodes.user('hana', 'provider'));
  jun = clientOf(nodes, nodes.user('jun', 'provider'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
  await upload(hana, { table: 'patients', slice: 'a', schema: SCHEMA, rows: patients(100, 'three a') });
  await setTableSettings(hana, 'patients', { contributors: ['jun'], minCount: 4 });
  await upload(jun, { table: 'patients', slice: 'b', schema: SCHEMA, rows: patients(57, 'three b') });
  for (const one of [hana, jun]) await grantTable(one, 'patients', 'ana');
  expected = comparable((await runQuery(ana, SQL)).table);
});
afterAll(() => nodes.close());

async function back(node: number): Promise<void> {
  await nodes.start(node);
  await Promise.all(nodes.nodes.map((one) => one.whenLinked(10_000)));
}

const audit = (node: number): Promise<string> =>
  readFile(join(nodes.directories[node] as string, 'audit.log'), 'utf8');

describe('three of four', () => {
  test('do not go on unless the owner and every contributor have allowed it', async () => {
    await nodes.stop(3);
    expect(await findLostNode(ana)).toBe(3);
    for (const [who, missing] of [
      [undefined, ['hana', 'jun']],
      [hana, ['jun']],
      [jun, []],
    ] as const) {
      if (who !== undefined) {
        await back(3);
        await setTableSettings(who, 'patients', { allowThree: true });
        await nodes.stop(3);
      }
      const error = await errorOf(runQuery(ana, SQL, { without: 3 }));
      if (missing.length === 0) expect(error.message).toBe('no error');
      else expect(error).toMatchObject({ code: 'THREE_NOT_ALLOWED', details: { missing } });
    }
    await back(3);
    expect((await describeTable(ana, 'patients')).allow_three).toBe(true);
  });

  test('do not go on while any of them is linked to the fourth, and not in a cluster that has lost nobody', async () => {
    const error = await errorOf(runQuery(ana, SQL, { without: 2 }));
    expect(error).toMatchObject({ code: 'STATE_DIFFERS' });
    expect(error.message).toContain('gamma');
    expect(await codeOf(findLostNode(ana))).toBe('USAGE');
    expect(await codeOf(runQuery(ana, SQL))).toBe('no error');
  });

  test.each(REP4.nodes)('without node %i come to the same, and say so', async (lost) => {
    await nodes.stop(lost);
    const name = NAMES[lost] as string;
    const refused = await errorOf(runQuery(ana, SQL));
    expect(refused).toMatchObject({ exitCode: 4 });
    expect(refused.message).toContain(name);
    const without: NodeIndex = await findLostNode(ana);
    expect(without).toBe(lost);
    const answer = await runQuery(ana, SQL, { without });
    expect(answer.lost).toBe(name);
    expect(comparable(answer.table)).toEqual(expected);
    expect(answer.cost.bytes_sent).toHaveLength(4);
    expect(answer.cost.bytes_sent[lost]).toBe(0);
    const { json, text } = await explainQuery(ana, SQL, { without });
    expect(json.lost).toBe(name);
    expect((json.cost as { bytes_sent: number[] }).bytes_sent).toEqual(
      answer.cost.bytes_sent.filter((_, node) => node !== lost),
    );
    expect(text).toContain(`node ${name} is lost`);
    for (const node of REP4.nodes.filter((one) => one !== lost)) {
      expect(await audit(node)).toMatch(new RegExp(`query-started.*"lost":${lost}`));
    }
    await back(lost);
    expect(comparable((await runQuery(ana, SQL)).table)).toEqual(expected);
  });

  test('say what tables there are while the fourth is away, and who that is; two do not', async () => {
    const missing: string[] = [];
    const options = { onMissing: (name: string) => missing.push(name) };
    const [before] = await listTables(ana, options);
    expect(missing).toEqual([]);
    await nodes.stop(1);
    expect(await listTables(ana, options)).toEqual([before]);
    expect((await describeTable(ana, 'patients', options)).rows).toBe(before?.rows);
    expect(missing).toEqual(['beta', 'beta']);
    expect(await codeOf(describeTable(ana, 'nothing', options))).toBe('UNKNOWN_TABLE');
    await nodes.stop(2);
    expect(await codeOf(listTables(ana, options))).toBe('NODE_UNREACHABLE');
    await nodes.start(2);
    await back(1);
  });

  test('take no uploads, drops or new queries of four meanwhile', async () => {
    await nodes.stop(1);
    const slice = { table: 'patients', slice: 'c', schema: SCHEMA, rows: patients(10, 'three c') };
    expect(await errorOf(upload(hana, slice))).toMatchObject({ exitCode: 4 });
    await back(1);
    await upload(hana, slice);
    await hana.request({ kind: 'drop', table: 'patients', slice: 'c' });
  });

  test('hear of no grant, setting or consent meanwhile: nothing changes at any of them', async () => {
    await nodes.stop(2);
    for (const ordered of [
      grantTable(hana, 'patients', 'jun'),
      setTableSettings(hana, 'patients', { minCount: 9 }),
      setTableSettings(hana, 'patients', { contributors: [] }),
      setTableSettings(jun, 'patients', { allowThree: true }),
    ]) {
      const error = await errorOf(ordered);
      expect(error).toMatchObject({ code: 'NODE_UNREACHABLE' });
      expect(error.message).toMatch(/gamma.*nothing was changed at any node: run the same/);
    }
    await back(2);
    expect(comparable((await runQuery(ana, SQL)).table)).toEqual(expected);
    expect(await describeTable(ana, 'patients')).toMatchObject({ min_count: 10, allow_three: true });
    for (const node of REP4.nodes) {
      const log = await audit(node);
      expect(log).not.toContain('"min_count":9');
      expect(log).not.toContain('"grantee":"jun"');
      expect(log).not.toContain('"contributors":[]');
    }
  });

  test('that differ in a setting all the same are made equal by the same command, and end queries until then', async () => {
    await nodes.stop(2);
    const partly = await errorOf(setTableSettings(hana, 'patients', { minCount: 12 }, { reachedOnly: true }));
    expect(partly.message).toMatch(/^done at 'alpha', 'beta' and 'delta', but not at 'gamma': /);
    await back(2);
    expect(await errorOf(runQuery(ana, SQL))).toMatchObject({ code: 'POLICY_DIFFERS' });
    await setTableSettings(hana, 'patients', { minCount: 12 });
    expect(await codeOf(runQuery(ana, SQL))).toBe('no error');
    await setTableSettings(hana, 'patients', { minCount: 4 });
  });

  test('do not go on after a failed check, until the operator of each has looked into it', async () => {
    const doubts = new FileDoubts(nodes.directories[2] as string);
    await doubts.record({ time: 1, code: 'COPIES_DIFFER', message: 'node 0 sent something else' });
    await nodes.stop(0);
    const error = await errorOf(runQuery(ana, SQL, { without: 0 }));
    expect(error).toMatchObject({ code: 'THREE_NOT_ALLOWED', details: { check: 'COPIES_DIFFER' } });
    expect(error.message).toContain('gamma');
    await doubts.clear();
    expect(await codeOf(runQuery(ana, SQL, { without: 0 }))).toBe('no error');
    await back(0);
  });

  test('are no longer allowed when one takes it back, though a node is lost', async () => {
    await nodes.stop(3);
    const partly = await errorOf(setTableSettings(jun, 'patients', { allowThree: false }));
    expect(partly.message).toMatch(/^done at 'alpha', 'beta' and 'gamma', where it counts from now on/);
    expect(await errorOf(runQuery(ana, SQL, { without: 3 }))).toMatchObject({
      code: 'THREE_NOT_ALLOWED',
      details: { missing: ['jun'] },
    });
    await back(3);
    expect((await errorOf(describeTable(ana, 'patients'))).message).toMatch(
      /'delta' differs from the others; the command that set it, given again, repairs it/,
    );
    await setTableSettings(jun, 'patients', { allowThree: false });
    expect((await describeTable(ana, 'patients')).allow_three).toBe(false);
  });
});
