/**
 * One node's view of a whole query: lengths and order of what it receives do not depend on the data, and every word
 * is uniform; what is opened are gate bits alone.
 */
import { describe, expect, it } from 'vitest';
import { REP3 } from '../../src/core/scheme.js';
import { columnsOf } from '../../src/query/plan-columns.js';
import { runQuery } from '../../src/query/run.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { sourceOf } from '../../src/query/table-source.js';
import { type Envelope, MemoryNetwork } from '../../src/transport/memory-network.js';
import { askRep3 } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import { dealTable, type PlainTable } from '../support/table.js';
import { Marginals } from '../support/uniformity.js';
import { receivedBy } from '../support/view.js';
import type { Program } from '../support/world.js';
import { randomRows, SCHEMA, tableOf } from './tables.js';

const SQL =
  'SELECT sex, COUNT(*), AVG(score), STDDEV_SAMP(dose), VAR_POP(yen), t_test(score, smoker), SUM(huge) ' +
  "FROM patients WHERE visits >= 4 AND (day < '2010-01-01' OR NOT smoker) GROUP BY sex";
const WORDS = 100_000;
/** Enough for the words in one run; a multiple of 64, so that no bit of a word is padding. */
const ROWS = 14_336;

const opens = ({ tag }: Envelope): boolean => tag === 'part' || tag === 'copy';

async function programOf(rows: number, minCount: number): Promise<Program<unknown>> {
  // the dealer of a view makes its own values, so that only the length of the rows counts
  const table: PlainTable = {
    name: 'patients',
    schema: SCHEMA,
    rows: Array.from({ length: rows }, () => ({})),
  };
  const plan = await planQuery(SQL, [table]);
  const policy = { minCount, ownRows: [] };
  return (ctx, deal) => runQuery(ctx, plan, sourceOf(dealTable(deal, table, columnsOf(plan))), policy);
}

describe("a node's view of a query", () => {
  it.each(REP3.nodes)('has one outline and uniform words: node %i', async (viewer) => {
    // all cells withheld in both worlds, and cells released in one of them only
    for (const minCount of [ROWS + 1, 10]) {
      const program = await programOf(ROWS, minCount);
      const outlines: (readonly string[])[] = [];
      for (const secret of ['smallest', 'largest'] as const) {
        const marginals = new Marginals();
        const { messages, shapes } = await receivedBy(program, {
          scheme: REP3,
          viewer,
          secret,
          repetition: 0,
          known: 'zeros',
        });
        marginals.add(
          messages.filter((message) => !opens(message)),
          shapes,
        );
        expect(marginals.words).toBeGreaterThan(WORDS);
        expect(marginals.faults()).toEqual([]);
        outlines.push(messages.map((m) => `${m.from} ${m.step} ${m.tag} ${m.clock} ${m.bytes.length}`));
      }
      expect(outlines[0]).toEqual(outlines[1]);
    }
  });

  it('would show a mask that is taken away', async () => {
    const program = await programOf(512, 10);
    const viewer = 0;
    const probe = await receivedBy(program, {
      scheme: REP3,
      viewer,
      secret: 'largest',
      repetition: 0,
      known: 'zeros',
    });
    // Where columns enter. Deeper inside a tree of ANDs the bits of a message can be even by themselves and depend on
    // each other only; that is what the joint samples of the protocols' own transcript tests are for.
    const long = [...probe.lacked].filter(
      ([name, { columns }]) => columns === 512 && /vectors|carry-0|group-by/.test(name),
    );
    expect(long.length).toBeGreaterThan(11);
    for (const [removed] of long) {
      const marginals = new Marginals();
      for (const secret of ['smallest', 'largest'] as const) {
        const { messages, shapes } = await receivedBy(program, {
          scheme: REP3,
          viewer,
          secret,
          repetition: 0,
          known: 'zeros',
          streams: new Map([[removed, new Uint8Array()]]),
        });
        marginals.add(
          messages.filter((message) => !opens(message)),
          shapes,
        );
      }
      expect(marginals.faults(), `node ${viewer} without ${removed}`).not.toEqual([]);
    }
  });
});

describe('what the nodes open', () => {
  it('is one bit per gated cell, in one step, and nothing else', async () => {
    const table = tableOf(randomRows(new TestRandom('opened'), 90));
    const network = new MemoryNetwork(3, { record: true });
    const { result } = await askRep3(
      SQL,
      table,
      { minCount: 10, ownRows: [{ start: 0, end: 20 }] },
      { network },
    );
    const cells = result.layout.groups.length * 6;
    expect(result.openedBits).toBe(cells);
    expect(result.bits.length).toBe(cells);
    for (const node of REP3.nodes) {
      const opened = network.transcript(node).filter(opens);
      expect(opened.map(({ step, tag }) => `${step} ${tag}`).sort()).toEqual([
        'test/gates/open copy',
        'test/gates/open part',
      ]);
      for (const { bytes } of opened) expect(bytes.length).toBe(8 * Math.ceil(cells / 64));
    }
  });
});
