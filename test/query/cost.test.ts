/** The dry run is a contract: bytes exactly, rounds by clock exactly and by true waves, whatever the data. */
import { describe, expect, it } from 'vitest';
import { meanBytes } from '../../src/core/cost.js';
import { explainQuery } from '../../src/query/explain.js';
import type { QueryPolicy } from '../../src/query/run.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { parseSchema } from '../../src/share/schema.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { askRep3 } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import { type PlainTable, slicesOf } from '../support/table.js';
import { outlineOf } from './outline.js';
import { randomRows, tableOf } from './tables.js';

const QUERIES = [
  'SELECT COUNT(*) FROM patients',
  'SELECT COUNT(score) FROM patients WHERE FALSE',
  'SELECT SUM(visits) FROM patients WHERE visits >= 0',
  'SELECT AVG(score) FROM patients WHERE score > 100',
  'SELECT VAR_SAMP(dose) FROM patients WHERE dose IS NOT NULL',
  'SELECT VAR_SAMP(yen), AVG(yen) FROM patients WHERE smoker',
  'SELECT SUM(huge), AVG(huge), COUNT(huge) FROM patients',
  "SELECT STDDEV_POP(score) FROM patients WHERE ward = 'b' OR sex = '女'",
  'SELECT t_test(score, smoker) FROM patients',
  "SELECT t_test(score, sex, 'student') FROM patients WHERE NOT diabetic",
  "SELECT t_test(yen, smoker), t_test(yen, smoker, 'student') FROM patients",
  "SELECT t_test(visits, diabetic), AVG(visits) FROM patients WHERE day < '2010-01-01'",
  'SELECT ward, COUNT(*) FROM patients GROUP BY ward',
  'SELECT sex, smoker, AVG(dose), COUNT(dose) FROM patients WHERE visits BETWEEN 3 AND 9 GROUP BY sex, smoker',
  'SELECT ward, VAR_POP(yen), t_test(yen, sex) FROM patients GROUP BY ward',
  'SELECT diabetic, t_test(score, sex), t_test(dose, sex) FROM patients WHERE score <> visits GROUP BY diabetic',
  'SELECT AVG(fixed), VAR_POP(fixed) FROM patients WHERE fixed = 7',
  "SELECT COUNT(*) FROM patients WHERE ward IN ('a', 'b') AND NOT (score < 5 AND dose > 2.5) OR smoker = diabetic",
  'SELECT COUNT(day), COUNT(smoker), COUNT(visits) FROM patients WHERE score IS NULL OR sex IS NOT NULL',
  'SELECT sex, SUM(score), SUM(yen), SUM(visits) FROM patients WHERE dose >= score GROUP BY sex',
] as const;

const POLICIES: readonly QueryPolicy[] = [
  { minCount: 10, ownRows: [] },
  { minCount: 1, ownRows: [] },
  { minCount: 3, ownRows: [{ start: 10, end: 40 }] },
];

const table = tableOf(randomRows(new TestRandom('cost'), 130));

async function explained(sql: string, data: PlainTable, policy: QueryPolicy) {
  const { plan } = await askRep3(sql, data, policy);
  return await explainQuery(plan, data.schema, slicesOf(data), policy);
}

describe.each(QUERIES)('%s', (sql) => {
  it.each(POLICIES)('costs what the dry run says: minimum $minCount, own rows $ownRows', async (policy) => {
    const network = new MemoryNetwork(3, { waves: true, record: true });
    const { cost, plan } = await askRep3(sql, table, policy, { network });
    const dry = await explainQuery(plan, table.schema, slicesOf(table), policy);
    expect(cost).toEqual(dry.cost);
    // Counted without trusting any clock; a chain that looks longer may pass through messages that one node
    // sends before it has what its clock stands for.
    // Where no row passes in public, gates need no computation but are opened in their turn.
    const inTurn = sql.endsWith('WHERE FALSE') ? 2 : 0;
    expect(network.waves).toBeLessThanOrEqual(dry.cost.rounds + inTurn);
    expect(network.waves).toBeGreaterThanOrEqual(dry.cost.rounds - 3);
  });

  it('costs the same for other data, whether cells are released or withheld', async () => {
    const policy = { minCount: 10, ownRows: [] };
    const outlines = [];
    const empty = {
      ...table,
      rows: table.rows.map((row) => ({ ...row, score: null, sex: null, visits: '0' })),
    };
    for (const data of [table, tableOf(randomRows(new TestRandom('other data'), 130)), empty]) {
      const network = new MemoryNetwork(3, { record: true });
      await askRep3(sql, data, policy, { network });
      outlines.push(outlineOf(network));
    }
    expect(outlines[1]).toEqual(outlines[0]);
    expect(outlines[2]).toEqual(outlines[0]);
  });
});

describe("the issue's example", () => {
  const SQL =
    'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients ' +
    'WHERE age >= 40 GROUP BY sex';
  const schema = parseSchema({
    warifu_schema: 1,
    missing: [],
    columns: [
      { name: 'age', type: 'integer', min: 0, max: 120, nullable: false },
      { name: 'sex', type: 'category', labels: ['f', 'm'], nullable: false },
      { name: 'weight', type: 'decimal', digits: 1, min: '20.0', max: '250.0', nullable: true },
      { name: 'smoker', type: 'boolean', true: ['1'], false: ['0'], nullable: true },
    ],
  });

  it('pins its rounds and bytes per row', async () => {
    const rows = 1024;
    const data: PlainTable = {
      name: 'patients',
      schema,
      rows: randomRows(new TestRandom('x'), rows, schema),
    };
    const { cost, memory } = await explained(SQL, data, { minCount: 10, ownRows: [] });
    expect(cost.rounds).toBe(15);
    // over a thousand rows; what does not grow with them is below 2 bytes a row
    expect(meanBytes(cost) / rows).toBeGreaterThan(82);
    expect(meanBytes(cost) / rows).toBeLessThan(85);
    expect(memory).toBeGreaterThan(0);
    // a count of a million rows has nine bits more, and the tree of its comparison one level
    const plan = await planQuery(SQL, [data]);
    const slices = [{ contributor: 'a', start: 0, end: 1_000_000 }];
    const million = await explainQuery(plan, schema, slices, { minCount: 10, ownRows: [] });
    expect(million.cost.rounds).toBe(16);
  });
});
