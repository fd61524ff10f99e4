/** Three nodes over real TLS, several providers, an analyst: from rows to released answers. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainQuery, runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { dropTable, grantTable, revokeTable, setTableSettings } from '../../src/client/owner/orders.js';
import { describeTable, listTables } from '../../src/client/owner/tables.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { parseSchema } from '../../src/share/schema.js';
import { comparable, Oracle } from '../support/oracle.js';
import type { PlainRow, PlainTable } from '../support/table.js';
import { clientOf, codeOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { upload } from './support/test-provider.js';

const FLOORS = [1, 3, 2];
let nodes: LocalNodes;
let hana: ClusterClient;
let jun: ClusterClient;
let mei: ClusterClient;
let ana: ClusterClient;
const logged: string[] = [];

beforeAll(async () => {
  const write = (fields: object, message: string): void => {
    logged.push(`${JSON.stringify(fields)} ${message}`);
  };
  nodes = await localNodes({
    ephemeral: false,
    change: (i) => ({ minCountFloor: FLOORS[i] ?? 1, log: { info: write, warn: write, error: write } }),
  });
  hana = clientOf(nodes, nodes.user('hana', 'provider'));
  jun = clientOf(nodes, nodes.user('jun', 'provider'));
  mei = clientOf(nodes, nodes.user('mei', 'provider', 'analyst'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
});
afterAll(() => nodes.close());

const A = patients(100, 'a');
const B = patients(37, 'b');
const C = patients(65, 'c');
const COUNT = 'SELECT COUNT(*) FROM patients';

async function counted(client: ClusterClient, sql = COUNT): Promise<unknown> {
  const { table } = await runQuery(client, sql);
  return comparable(table);
}

async function expectExact(
  client: ClusterClient,
  sql: string,
  rows: readonly PlainRow[],
  minCount: number,
): Promise<void> {
  const table: PlainTable = { name: 'patients', schema: SCHEMA, rows };
  const plan = await planQuery(sql, [{ name: 'patients', schema: SCHEMA }]);
  const where = / WHERE (.*?)( GROUP BY|$)/.exec(sql)?.[1];
  const { table: answer } = await runQuery(client, sql);
  expect(comparable(answer)).toEqual(new Oracle(table).answer(plan, where ?? 'TRUE', minCount));
}

describe('a table of three providers', () => {
  test('the first uploader owns it; others upload only when named', async () => {
    await upload(hana, { table: 'patients', slice: 'a', schema: SCHEMA, rows: A });
    expect(await codeOf(upload(jun, { table: 'patients', slice: 'b', schema: SCHEMA, rows: B }))).toBe(
      'NOT_ALLOWED',
    );
    expect(await codeOf(setTableSettings(jun, 'patients', { contributors: ['jun'] }))).toBe('NOT_ALLOWED');
    await setTableSettings(hana, 'patients', { contributors: ['jun', 'mei'] });
    await upload(jun, { table: 'Patients', slice: 'b', schema: SCHEMA, rows: B });
    const { schema } = await describeTable(mei, 'patients');
    await upload(mei, { table: 'patients', slice: 'c', schema: parseSchema(schema), rows: C });
    const [entry] = await listTables(ana);
    expect(entry).toMatchObject({ name: 'patients', owner: 'hana', rows: 202, granted: false });
    expect(entry?.slices.map(({ slice, contributor, rows }) => [slice, contributor, rows])).toEqual([
      ['a', 'hana', 100],
      ['b', 'jun', 37],
      ['c', 'mei', 65],
    ]);
  });

  test('a schema that differs is refused with what differs', async () => {
    const other = parseSchema({
      warifu_schema: 1,
      missing: [''],
      columns: [{ name: 'age', type: 'integer', min: '0', max: '99', nullable: false }],
    });
    const error = await errorOf(
      upload(jun, { table: 'patients', slice: 'd', schema: other, rows: [{ age: '1' }] }),
    );
    expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' });
    expect(error.message).toContain("'age'");
  });

  test('a query needs the grant of all of them, and names who is missing', async () => {
    for (const [grantor, missing] of [
      [hana, 'hana'],
      [jun, 'jun'],
      [mei, 'mei'],
    ] as const) {
      const error = await errorOf(counted(ana));
      expect(error).toMatchObject({ code: 'NOT_GRANTED' });
      expect(error.message).toContain(missing);
      await grantTable(grantor, 'patients', 'ana');
    }
    expect(await counted(ana)).toMatchObject({ rows: [{ 'COUNT(*)': '202' }] });
    await revokeTable(jun, 'patients', 'ana');
    expect(await codeOf(counted(ana))).toBe('NOT_GRANTED');
    await grantTable(jun, 'patients', 'ana');
    expect(await codeOf(counted(hana))).toBe('NOT_ALLOWED');
    expect(await codeOf(grantTable(hana, 'patients', 'nobody'))).toBe('NOT_ENROLLED');
  });

  test('the answers are exact', async () => {
    const rows = [...A, ...B, ...C];
    for (const sql of [
      'SELECT COUNT(*), COUNT(weight), SUM(age), SUM(bill), AVG(weight), STDDEV_SAMP(weight) FROM patients',
      'SELECT sex, AVG(age), VAR_POP(weight) FROM patients WHERE age >= 40 GROUP BY sex',
      "SELECT smoker, COUNT(*), SUM(weight) FROM patients WHERE sex = 'f' OR weight IS NULL GROUP BY smoker",
      'SELECT t_test(weight, smoker) FROM patients WHERE age BETWEEN 20 AND 80',
    ]) {
      await expectExact(ana, sql, rows, 10);
    }
    expect(rows).toHaveLength(202);
  }, 30_000);

  test('small cells are withheld; the strictest of owner, contributors and floors counts', async () => {
    const few = 'SELECT COUNT(*) FROM patients WHERE age = 57';
    const n = [...A, ...B, ...C].filter(({ age }) => age === '57').length;
    expect(n).toBeLessThan(10);
    expect(await counted(ana, few)).toMatchObject({
      rows: [{ 'COUNT(*)': null }],
      withheld: [{ rule: 'minimum count 10' }],
    });
    await setTableSettings(hana, 'patients', { minCount: 1 });
    await setTableSettings(jun, 'patients', { minCount: 1 });
    expect(await counted(ana, few)).toMatchObject({ withheld: [{ rule: 'minimum count 10' }] });
    await setTableSettings(mei, 'patients', { minCount: 1 });
    // Now only the operators' floors hold: 1, 3 and 2.
    const four = await counted(ana, few);
    if (n >= 3) expect(four).toMatchObject({ rows: [{ 'COUNT(*)': String(n) }], withheld: [] });
    else expect(four).toMatchObject({ withheld: [{ rule: 'minimum count 3' }] });
    const { json } = await explainQuery(ana, COUNT);
    expect(json.min_count).toBe(3);
  });

  test('one who contributes and asks cannot pad a small group with own rows', async () => {
    await grantTable(hana, 'patients', 'mei');
    await grantTable(jun, 'patients', 'mei');
    await setTableSettings(hana, 'patients', { minCount: 12 });
    const others = [...A, ...B];
    // Ages which all rows have at least 12 times in a window, and others' rows do not.
    const inWindow = (rows: readonly PlainRow[], low: number): number =>
      rows.filter(({ age }) => Number(age) >= low && Number(age) <= low + 9).length;
    const low = Array.from({ length: 110 }, (_, i) => i).find(
      (at) => inWindow([...others, ...C], at) >= 12 && inWindow(others, at) < 12,
    );
    expect(low).toBeDefined();
    const sql = `SELECT COUNT(*) FROM patients WHERE age BETWEEN ${low} AND ${(low ?? 0) + 9}`;
    expect(await counted(mei, sql)).toMatchObject({ rows: [{ 'COUNT(*)': null }] });
    expect(await counted(ana, sql)).toMatchObject({
      rows: [{ 'COUNT(*)': String(inWindow([...others, ...C], low ?? 0)) }],
    });
    await setTableSettings(hana, 'patients', { minCount: 1 });
  });

  test('settings that reached two nodes only are named, not silently taken', async () => {
    const session = await hana.open();
    const [, ...others] = session.connections();
    others.at(-1)?.fail(Object.assign(new Error('gone'), { code: 'NODE_LOST' }) as never);
    await session.ask({ kind: 'table-settings', table: 'patients', min_count: 5 });
    session.close();
    const error = await errorOf(counted(ana));
    expect(error).toMatchObject({ code: 'POLICY_DIFFERS' });
    expect(error.message).toContain("'min_count'");
    expect(error.message).toContain('gamma');
    await setTableSettings(hana, 'patients', { minCount: 5 });
    expect(await codeOf(counted(ana))).toBe('no error');
    await setTableSettings(hana, 'patients', { minCount: 1 });
  });
});

describe('many things at once', () => {
  test('ten queries and two uploads', async () => {
    const before = (await counted(ana)) as { rows: { 'COUNT(*)': string }[] };
    expect(before.rows[0]?.['COUNT(*)']).toBe('202');
    const sqls = ['SELECT SUM(age) FROM patients WHERE age < 0', 'SELECT COUNT(weight) FROM patients'];
    const D = patients(64, 'd');
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, (_, i) => settled(runQuery(ana, sqls[i % 2] ?? COUNT)))),
      upload(hana, { table: 'patients', slice: 'd', schema: SCHEMA, rows: D }),
      upload(jun, { table: 'others', slice: 'x', schema: SCHEMA, rows: B }),
    ]);
    // A query that met the moment in which a slice became visible may be asked again.
    for (const answer of answers) if (typeof answer === 'string') expect(answer).toBe('STATE_DIFFERS');
    expect(answers.filter((answer) => typeof answer !== 'string').length).toBeGreaterThan(4);
    await expectExact(ana, 'SELECT COUNT(*), SUM(age), SUM(bill) FROM patients', [...A, ...B, ...C, ...D], 3);
    await dropTable(jun, 'others');
  }, 60_000);

  test('a query is cancelled at all nodes, by its id or with its client', async () => {
    const id = randomBytes(16).toString('hex');
    const aggregates = Array.from({ length: 8 }, (_, i) => `t_test(weight, smoker) AS t${i}`);
    const slow = `SELECT ${aggregates.join(', ')} FROM patients GROUP BY sex`;
    const session = await ana.open();
    let running = 'running';
    void codeOf(ana.request({ kind: 'query', sql: slow, explain: false, id })).then((code) => {
      running = code;
    });
    for (let tries = 0; running === 'running' && tries < 500; tries++)
      await session.ask({ kind: 'cancel', id });
    expect(running).toBe('CANCELLED');
    const controller = new AbortController();
    const askForEver = async (): Promise<never> => {
      for (;;) await runQuery(ana, slow, { signal: controller.signal });
    };
    const second = codeOf(askForEver());
    for (let busy = 0, tries = 0; busy === 0 && tries < 500; tries++) {
      for (const outcome of await session.ask({ kind: 'status' })) {
        if ('reply' in outcome) busy += (outcome.reply.data as { running: number }).running;
      }
    }
    controller.abort();
    session.close();
    expect(await second).toBe('CANCELLED');
    expect(await codeOf(counted(ana))).toBe('no error');
  });

  test('nobody cancels what is another one’s, or not there', async () => {
    expect(await codeOf(hana.request({ kind: 'cancel', id: '0'.repeat(32) }))).toBe('USAGE');
  });
});

describe('replacing and withdrawing', () => {
  test('the same slice again is refused, or replaced', async () => {
    expect(await codeOf(upload(jun, { table: 'patients', slice: 'B', schema: SCHEMA, rows: C }))).toBe(
      'SLICE_EXISTS',
    );
    const fresh = patients(80, 'fresh');
    await upload(jun, { table: 'patients', slice: 'b', schema: SCHEMA, rows: fresh, replace: true });
    const rows = [...A, ...fresh, ...C, ...patients(64, 'd')];
    await expectExact(ana, 'SELECT COUNT(*), SUM(age) FROM patients', rows, 3);
    expect(
      await codeOf(upload(hana, { table: 'patients', slice: 'b', schema: SCHEMA, rows: A, replace: true })),
    ).toBe('NOT_ALLOWED');
  });

  test('a slice goes with its contributor, a table only when all slices are the owner’s', async () => {
    expect(await codeOf(dropTable(hana, 'patients', 'b'))).toBe('NOT_ALLOWED');
    expect(await codeOf(dropTable(hana, 'patients'))).toBe('NOT_ALLOWED');
    await dropTable(jun, 'patients', 'b');
    await dropTable(mei, 'patients', 'c');
    await expectExact(ana, 'SELECT COUNT(*), SUM(age) FROM patients', [...A, ...patients(64, 'd')], 3);
    await dropTable(hana, 'patients');
    expect(await codeOf(counted(ana))).toBe('UNKNOWN_TABLE');
    expect(await codeOf(describeTable(ana, 'patients'))).toBe('UNKNOWN_TABLE');
  });
});

describe('what is written down', () => {
  test('the audit logs tell what happened, and neither they nor the other logs hold a value, share or key', async () => {
    // Values that occur nowhere but in the data.
    const canary = '8877665544332211001';
    const rows = Array.from({ length: 20 }, () => ({
      age: '33',
      weight: '123.4',
      sex: 'f',
      smoker: 'yes',
      bill: canary,
    }));
    const secret = new Uint8Array(32).fill(0xa7);
    await upload(hana, { table: 'canaries', slice: 'a', schema: SCHEMA, rows, secret });
    const lying = upload(
      hana,
      { table: 'canaries', slice: 'l', schema: SCHEMA, rows, secret },
      { values: (column, encoded) => (column.name === 'age' ? encoded.map(() => BigInt(canary)) : encoded) },
    );
    expect(await codeOf(lying)).toBe('UPLOAD_CHECK_FAILED');
    const audits = await Promise.all(
      nodes.directories.map((directory) => readFile(join(directory, 'audit.log'), 'utf8')),
    );
    for (const text of audits) {
      const kinds = new Set([...text.matchAll(/"kind":"([a-z-]+)"/g)].map((match) => match[1]));
      for (const kind of [
        'node-started',
        'user-enrolled',
        'upload-started',
        'upload-prepared',
        'upload-visible',
        'upload-refused',
        'query-started',
        'query-released',
        'query-refused',
        'query-failed',
        'granted',
        'grant-revoked',
        'min-count-set',
        'contributors-set',
        'slice-dropped',
        'table-dropped',
        'request-refused',
      ]) {
        expect(kinds, kind).toContain(kind);
      }
    }
    const everything = [...audits, ...logged].join('\n');
    const keys = [hana, jun, mei, ana].map(({ user }) => user.privateKey.reveal());
    const nodeKeys = nodes.identities.map(({ key }) => key.privateKey.reveal());
    for (const bytes of [secret, ...keys, ...nodeKeys]) {
      for (const form of ['hex', 'base64'] as const) {
        expect(everything).not.toContain(Buffer.from(bytes).toString(form).slice(0, 20));
      }
    }
    for (const value of [canary, '123.4', BigInt(canary).toString(16)])
      expect(everything).not.toContain(value);
  });
});

async function settled<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (thrown) {
    return String((thrown as { code?: unknown }).code);
  }
}
