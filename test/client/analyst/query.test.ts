import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { explainQuery, runQuery } from '../../../src/client/analyst/query.js';
import { resultJson } from '../../../src/client/analyst/result-json.js';
import { resultText } from '../../../src/client/analyst/result-text.js';
import { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, partsHeldBy, REP4 } from '../../../src/core/scheme.js';
import type { RingVector } from '../../../src/kernels/ring-vector.js';
import { planQuery } from '../../../src/query/sql/plan-query.js';
import type { HandledReply } from '../../../src/server/client-port/request-handler.js';
import { SEED_BYTES, splitRing } from '../../../src/share/deal.js';
import { parseSchema } from '../../../src/share/schema.js';
import { queryProgram } from '../../support/query.js';
import type { PlainTable } from '../../support/table.js';
import { runPlain, runRep3 } from '../../support/world.js';
import { FOUR_NAMES, failure, handlers, TestCluster } from '../support/test-cluster.js';

// 算師's own example
const PATIENTS: PlainTable = {
  name: 'patients',
  schema: parseSchema({
    warifu_schema: 1,
    missing: [''],
    columns: [
      { name: '年齢', type: 'integer', min: '0', max: '120', nullable: true },
      { name: '性別', type: 'category', labels: ['女', '男'], nullable: false },
      { name: '体重', type: 'decimal', digits: 1, min: '0.0', max: '300.0', nullable: true },
    ],
  }),
  rows: [
    { 年齢: '57', 性別: '男', 体重: '71.7' },
    { 年齢: '45', 性別: '男', 体重: '70' },
    { 年齢: '53', 性別: '女', 体重: '51.1' },
    { 年齢: '77', 性別: '男', 体重: '63' },
    { 年齢: '59', 性別: '男', 体重: '67.1' },
  ],
};
const SQL = "SELECT AVG(体重), COUNT(*) FROM patients WHERE 性別 = '男'";

/** What three nodes answer, from a real run of the protocol in memory. */
async function answers(sql: string, minCount: number): Promise<HandledReply[]> {
  const plan = await planQuery(sql, [PATIENTS]);
  const { results } = await runRep3(queryProgram(plan, PATIENTS, { minCount, ownRows: [] }));
  return results.map(({ layout, bits, narrow, wide }) => ({
    data: {
      layout,
      bits: Buffer.from(bits.bytes()).toString('base64'),
      cost: { rounds: 9, bytes_sent: 1234 },
      limit: { rounds: 9, bytes_sent: results.map(() => 1234) },
    },
    attachment: Buffer.concat([...narrow.parts, ...wide.parts].map((part) => part.bytes())),
  }));
}

/** What four nodes answer: the plain result, split anew into four parts. */
async function answersOfFour(sql: string, minCount: number): Promise<HandledReply[]> {
  const plan = await planQuery(sql, [PATIENTS]);
  const { layout, bits, narrow, wide } = await runPlain(
    queryProgram(plan, PATIENTS, { minCount, ownRows: [] }),
  );
  const split = ({ parts: [secret] }: { parts: readonly RingVector[] }): RingVector[] =>
    splitRing(secret!, REP4, 2, () => new Uint8Array(randomBytes(SEED_BYTES)));
  const [narrowParts, wideParts] = [split(narrow), split(wide)];
  return REP4.nodes.map((node) => {
    const held = partsHeldBy(REP4, node);
    const vectors = [...held.map((part) => narrowParts[part]!), ...held.map((part) => wideParts[part]!)];
    return {
      data: {
        layout,
        bits: Buffer.from(bits.bytes()).toString('base64'),
        cost: { rounds: 9, bytes_sent: 100 + node },
        limit: { rounds: 9, bytes_sent: [100, 101, 102, 103] },
      },
      attachment: Buffer.concat(vectors.map((part) => part.bytes())),
    };
  });
}

let running: TestCluster | undefined;
afterEach(() => running?.stop());

async function ask(replies: readonly HandledReply[], sql = SQL) {
  running = await TestCluster.start({
    handlers: handlers((_, node) => replies[node]!, replies.length === 4 ? 4 : 3),
  });
  return runQuery(running.client({ graceMs: 200 }), sql);
}

describe('a query', () => {
  it('is put together from three answers', async () => {
    const { table, cost } = await ask(await answers(SQL, 4));
    expect(table.rows[0]!['AVG(体重)']).toBe(67.95);
    expect(table.n[0]).toEqual({ 'AVG(体重)': 4 });
    expect(cost).toMatchObject({ rounds: 9, bytes_sent: [1234, 1234, 1234] });
    expect(cost.seconds).toBeGreaterThan(0);
  });

  it('shows a withheld cell as such', async () => {
    const { table, cost } = await ask(await answers(SQL, 10));
    expect(table.withheld.map(({ row, column }) => ({ row, column }))).toEqual([
      { row: 0, column: 'AVG(体重)' },
      { row: 0, column: 'COUNT(*)' },
    ]);
    expect(JSON.parse(resultJson({ table, cost })).rows).toEqual([{ 'AVG(体重)': null, 'COUNT(*)': null }]);
  });

  it('has columns of any name', async () => {
    const sql = `SELECT COUNT(*) AS "__proto__", AVG(体重) AS "constructor", AVG(年齢) AS "__proto__" FROM patients`;
    const { table, cost } = await ask(await answers(sql, 4), sql);
    const text = resultJson({ table, cost });
    expect(text).toContain('"rows":[{"__proto__":5,"constructor":64.58,"__proto___2":58.2}]');
    expect(text).toContain('"n":[{"constructor":5,"__proto___2":5}]');
    expect(resultText(table)).toContain('│         5 │');
  });

  it.each([0, 1, 2])('shows nothing when node %i altered a copy, and names who differ', async (node) => {
    for (const from of ['start', 'end'] as const) {
      const replies = await answers(SQL, 4);
      const altered = replies[node]!.attachment!;
      const at = from === 'start' ? 0 : altered.length - 1;
      altered[at] = altered[at]! ^ 1;
      const error = await failure(ask(replies));
      expect(error.code).toBe('COPIES_DIFFER');
      expect(error.details.nodes).toHaveLength(2);
      expect(error.details.nodes).toContain(['kita', 'naka', 'minami'][node]);
      expect(error.message).not.toMatch(/67|271/);
      await running!.stop();
    }
  });

  it('is refused when a node sends another layout, other gate bits or another length', async () => {
    const other = await answers(SQL.replace('AVG', 'SUM'), 4);
    const replies = await answers(SQL, 4);
    const withOther = failure(ask([replies[0]!, other[1]!, replies[2]!]));
    expect((await withOther).message).toMatch(/do not agree on the layout.*node 'naka' differs/);
    await running!.stop();

    const gates = await answers(SQL, 4);
    (gates[2]!.data as { bits: string }).bits = Buffer.alloc(8).toString('base64');
    expect((await failure(ask(gates))).message).toMatch(/node 'minami' differs/);
    await running!.stop();

    const short = await answers(SQL, 4);
    const cut = { ...short[0]!, attachment: short[0]!.attachment!.subarray(8) };
    const error = await failure(ask([cut, short[1]!, short[2]!]));
    expect(error.code).toBe('PEER_MISBEHAVED');
    expect(error.message).toContain("node 'kita'");
    await running!.stop();

    const odd = await answers(SQL, 4);
    const form = await failure(ask([odd[0]!, odd[1]!, { data: { layout: 1 } }]));
    expect(form.message).toMatch(/node 'minami'.*another form/);
  });

  it('with an error in the SQL has the same error at all nodes', async () => {
    running = await TestCluster.start({
      handlers: handlers(() => Promise.reject(new WarifuError('SQL_SYNTAX', 'syntax error at 8', { at: 8 }))),
    });
    const error = await failure(runQuery(running.client(), 'SELECT )'));
    expect(error).toMatchObject({ code: 'SQL_SYNTAX', message: 'syntax error at 8', exitCode: 2 });
  });
});

describe('a query to four nodes', () => {
  const flipped = (reply: HandledReply, at: number, bit = 1): HandledReply => {
    const attachment = Buffer.from(reply.attachment!);
    attachment[at]! ^= bit;
    return { ...reply, attachment };
  };

  it('is put together from four answers', async () => {
    const { table, cost } = await ask(await answersOfFour(SQL, 4));
    expect(table.rows[0]!['AVG(体重)']).toBe(67.95);
    expect(table.n[0]).toEqual({ 'AVG(体重)': 4 });
    expect(cost).toMatchObject({ rounds: 9, bytes_sent: [100, 101, 102, 103] });
  });

  // the answer has three narrow integers, so 24 bytes for each of three parts
  const SLOTS = FOUR_NAMES.flatMap((name, node) => [0, 1, 2].map((slot) => ({ name, node, slot })));
  it.each(SLOTS)('shows nothing and names $name when its copy of its part $slot is odd', async (odd) => {
    const replies = await answersOfFour(SQL, 4);
    const error = await failure(
      ask(replies.with(odd.node, flipped(replies[odd.node]!, 24 * odd.slot + 3, 0x40))),
    );
    expect(error).toMatchObject({
      code: 'COPIES_DIFFER',
      details: { nodes: [odd.name], part: partsHeldBy(REP4, odd.node as NodeIndex)[odd.slot] },
    });
    expect(error.message).toContain(`node '${odd.name}' sent another copy`);
    expect(error.message).not.toMatch(/67|271/);
  });

  it('names all three holders of a part of which no two copies are equal', async () => {
    const replies = await answersOfFour(SQL, 4);
    // the first part of nodes 1, 2 and 3 is part 0
    const bent = [replies[0]!, replies[1]!, flipped(replies[2]!, 0, 1), flipped(replies[3]!, 0, 2)];
    const error = await failure(ask(bent));
    expect(error).toMatchObject({ code: 'COPIES_DIFFER', details: { part: 0, nodes: FOUR_NAMES.slice(1) } });
  });

  it.each(FOUR_NAMES.map((name, node) => ({ name, node })))(
    'believes no one node: what only $name says is refused with its name',
    async ({ name, node }) => {
      const replies = await answersOfFour(SQL, 4);
      const said = replies[node]!.data as {
        layout: { minCount: number };
        bits: string;
        cost: { rounds: number; bytes_sent: number };
        limit: { rounds: number };
      };
      const lies: Partial<typeof said>[] = [
        { layout: { ...said.layout, minCount: 3 } },
        { bits: Buffer.alloc(8).toString('base64') },
        { limit: { ...said.limit, rounds: 8 } },
        { cost: { ...said.cost, rounds: 10 } },
        { cost: { ...said.cost, bytes_sent: 104 } },
      ];
      for (const lie of lies) {
        const error = await failure(
          ask(replies.with(node, { ...replies[node]!, data: { ...said, ...lie } })),
        );
        expect(error.code).toBe('PEER_MISBEHAVED');
        expect(error.message).toContain(`node '${name}'`);
        await running!.stop();
      }
    },
  );

  it('ends with a typed error that names a node which says nothing', async () => {
    const replies = await answersOfFour(SQL, 4);
    running = await TestCluster.start({
      handlers: handlers(
        (_, node) => (node === 3 ? new Promise<HandledReply>(() => undefined) : replies[node]!),
        4,
      ),
    });
    const error = await failure(runQuery(running.client({ answerMs: 300 }), SQL));
    expect(error).toMatchObject({ code: 'NO_PROGRESS', exitCode: 4 });
    expect(error.message).toContain("'nishi'");
  });
});

describe('a text that no node would take', () => {
  it.each([
    ['empty', '', 'SQL_SYNTAX', 'the query is empty'],
    ['too long', 'x'.repeat(16_385), 'SQL_UNSUPPORTED', '16385 characters, 16384 are allowed'],
  ])('is refused before anything is sent: %s', async (_what, sql, code, said) => {
    running = await TestCluster.start({ handlers: handlers(() => ({ data: {} })) });
    const error = await failure(runQuery(running.client(), sql));
    expect(error.code).toBe(code);
    expect(error.message).toContain(said);
  });
});

describe('EXPLAIN', () => {
  const explanation = (minCount: number, plan: string) => ({
    text: `at least ${minCount}`,
    json: { plan, rows: 3, releases: [], min_count: minCount },
  });

  it('is that of the strictest node, when all plan the same', async () => {
    running = await TestCluster.start({
      handlers: handlers((_, node) => ({ data: explanation(node === 1 ? 20 : 10, 'p') })),
    });
    expect(await explainQuery(running.client(), SQL)).toEqual(explanation(20, 'p'));
  });

  it('is refused when they plan differently', async () => {
    running = await TestCluster.start({
      handlers: handlers((_, node) => ({ data: explanation(10, `plan of ${node}`) })),
    });
    expect((await failure(explainQuery(running.client(), SQL))).message).toMatch(/all of them differ/);
  });
});
