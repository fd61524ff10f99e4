/** Four nodes over real TLS: uploads, queries and what there is; clients that lie; a node that is away. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainQuery, runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { dropTable, grantTable, setTableSettings } from '../../src/client/owner/orders.js';
import { clusterStatus } from '../../src/client/owner/status.js';
import { describeTable, listTables } from '../../src/client/owner/tables.js';
import { holdersOf, REP4 } from '../../src/core/scheme.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { parseSchema } from '../../src/share/schema.js';
import { comparable, Oracle } from '../support/oracle.js';
import { clientOf, codeOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { type Lies, upload } from './support/test-provider.js';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const FLOORS = [1, 3, 2, 1];
const A = patients(100, 'four a');
const B = patients(37, 'four b');
const SUM = 'SELECT SUM(age), COUNT(*) FROM patients';

let nodes: LocalNodes;
let hana: ClusterClient;
let jun: ClusterClient;
let ana: ClusterClient;

beforeAll(async () => {
  nodes = await localNodes({
    count: 4,
    ephemeral: false,
    change: (i) => ({ minCountFloor: FLOORS[i] ?? 1 }),
  });
  hana = clientOf(nodes, nodes.user('hana', 'provider'));
  jun = clientOf(nodes, nodes.user('jun', 'provider'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
});
afterAll(() => nodes.close());

/** Of all nodes. */
function audits(): Promise<string[]> {
  return Promise.all(nodes.directories.map((one) => readFile(join(one, 'audit.log'), 'utf8')));
}

describe('a table at four nodes', () => {
  test('of two providers is queried exactly, withheld and explained', async () => {
    await upload(hana, { table: 'patients', slice: 'a', schema: SCHEMA, rows: A });
    await setTableSettings(hana, 'patients', { contributors: ['jun'], minCount: 4 });
    await upload(jun, { table: 'patients', slice: 'b', schema: SCHEMA, rows: B });
    await grantTable(hana, 'patients', 'ana');
    await grantTable(jun, 'patients', 'ana');
    const rows = [...A, ...B];
    for (const sql of [
      'SELECT COUNT(*), AVG(weight) FROM patients WHERE age >= 40 GROUP BY sex',
      'SELECT VAR_SAMP(age), SUM(bill), t_test(weight, sex) FROM patients WHERE smoker',
      'SELECT SUM(age), COUNT(*) FROM patients WHERE age > 118',
    ]) {
      const plan = await planQuery(sql, [{ name: 'patients', schema: SCHEMA }]);
      const where = / WHERE (.*?)( GROUP BY|$)/.exec(sql)?.[1] ?? 'TRUE';
      const { table, cost } = await runQuery(ana, sql);
      const expected = new Oracle({ name: 'patients', schema: SCHEMA, rows }).answer(plan, where, 10);
      expect(comparable(table)).toEqual(expected);
      const { json, text } = await explainQuery(ana, sql);
      expect(json.cost).toEqual({ rounds: cost.rounds, bytes_sent: cost.bytes_sent });
      expect(cost.bytes_sent).toHaveLength(4);
      expect(text).toContain('bytes that nodes 0, 1, 2 and 3 send');
    }
  });

  test('is the same in what all four say of it', async () => {
    expect(await listTables(ana)).toMatchObject([{ name: 'patients', rows: 137, granted: true }]);
    expect((await describeTable(ana, 'patients')).rows).toBe(137);
    const status = await clusterStatus(ana);
    expect(status.map(({ name }) => name)).toEqual(NAMES);
    for (const { status: one } of status) expect(one).toMatchObject({ running: 0 });
    for (const audit of await audits()) expect(audit).toContain('query-released');
  });

  test('drops a slice at all nodes', async () => {
    await upload(jun, { table: 'patients', slice: 'short', schema: SCHEMA, rows: patients(20, 'short') });
    expect((await listTables(ana))[0]?.rows).toBe(157);
    await dropTable(jun, 'patients', 'short');
    expect((await listTables(ana))[0]?.rows).toBe(137);
  });
});

/** One column, a chunk for each part to be the explicit one. */
const SMALL = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: 'x', type: 'integer', min: '0', max: '99', nullable: true }],
});
const smallRows = Array.from({ length: 256 }, (_, i) => ({ x: i % 9 === 0 ? null : String(i % 100) }));
const flip = (bytes: Uint8Array): Uint8Array => {
  const copy = bytes.slice();
  copy[5] = (copy[5] ?? 0) ^ 8;
  return copy;
};

/** The one payload or salt of one chunk that one holder of a part gets otherwise. */
const LIES = REP4.parts.flatMap((part) =>
  holdersOf(REP4, part).flatMap((node) => [
    { part, node, what: 'bytes', chunk: part },
    { part, node, what: 'seed', chunk: (part + 1) % 4 },
    ...(node === (part + 1) % 4 ? [{ part, node, what: 'salt', chunk: (part + 2) % 4 }] : []),
  ]),
);

/** Nodes that get another list of commitments than was signed. */
const OTHER_LISTS = [0, 3];

describe('a client that deals different things to the holders of a part', () => {
  const versions: string[] = [];
  const attempted = async (lies: Lies): Promise<string> => {
    const version = randomBytes(16).toString('hex');
    versions.push(version);
    return await codeOf(
      upload(hana, { table: 'small', slice: 'bad', version, schema: SMALL, rows: smallRows }, lies),
    );
  };

  test.each(LIES)('other $what of part $part for node $node', async ({ part, node, what, chunk }) => {
    const code = await attempted({
      frame: (frame) => {
        if (frame.part !== part || frame.node !== node || frame.chunk !== chunk) return frame;
        const sections = frame.sections.map((one) => {
          expect(one.form).toBe(what === 'bytes' ? 'bytes' : 'seed');
          return what === 'salt' ? { ...one, salt: flip(one.salt) } : { ...one, payload: flip(one.payload) };
        });
        return { ...frame, sections };
      },
    });
    expect(code).toBe('COMMITMENT_MISMATCH');
  });

  test.each(OTHER_LISTS)('another signed list for node %i', async (node) => {
    const code = await attempted({
      commitments: (to, list) => (to === node ? flip(list) : list),
    });
    expect(code).toBe('REQUEST_INVALID');
  });

  test.each([0, 1])('a value outside its range, dealt consistently (%i)', async (part) => {
    const code = await attempted({
      values: (_column, encoded) =>
        part === 0 ? encoded.with(1, 100n) : encoded.with(1, (1n << 62n) + BigInt(part)),
    });
    expect(code).toBe('UPLOAD_CHECK_FAILED');
  });

  test('has the same refusal in the log of every node, and nothing stored anywhere', async () => {
    const lines = (await audits()).map((text) =>
      text
        .split('\n')
        .filter((line) => line.includes('upload-refused'))
        .map((line) => JSON.stringify(JSON.parse(line))),
    );
    const session = await hana.open();
    for (const [i, version] of versions.entries()) {
      const codes = lines.map(
        (of) => /"code":"([A-Z_]+)"/.exec(of.find((line) => line.includes(version)) ?? '')?.[1],
      );
      // A list that is not the signed one is refused on its connection; the client may be gone before others hear of it.
      const isOtherList = i >= LIES.length && i < LIES.length + OTHER_LISTS.length;
      if (!isOtherList) {
        expect(new Set(codes).size, `attempt ${i}: ${codes.join()}`).toBe(1);
        expect(codes[0]).toBeDefined();
      }
      const outcomes = await session.ask({ kind: 'upload-status', table: 'small', slice: 'bad', version });
      for (const outcome of outcomes) {
        // after another list nothing was begun to be checked: the upload is there, unseen, and may be committed rightly
        if (isOtherList) expect(outcome).toHaveProperty('reply');
        else expect(outcome).toMatchObject({ error: { code: 'UNKNOWN_SLICE' } });
      }
    }
    session.close();
    expect((await listTables(ana)).map(({ name }) => name)).toEqual(['patients']);
  });

  test('is served when it deals rightly', async () => {
    await upload(hana, { table: 'small', slice: 'bad', schema: SMALL, rows: smallRows });
    expect((await describeTable(ana, 'small')).rows).toBe(256);
  });
});

describe('a node that is away', () => {
  test.each(NAMES.map((name, node) => ({ name, node })))('is named: $name', async ({ name, node }) => {
    await nodes.stop(node);
    const error = await errorOf(runQuery(ana, SUM));
    expect(error).toMatchObject({ exitCode: 4 });
    expect(error.message).toContain(`'${name}'`);
    await nodes.start(node);
    await Promise.all(nodes.nodes.map((one) => one.whenLinked(10_000)));
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });
});
