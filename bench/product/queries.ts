/** The example query on a cluster of real nodes: on many rows, and on few, where only waiting counts. */
import type { Bench, BenchRequest } from '../bench.js';
import { type Measured, median } from '../result/measured.js';
import { ask } from './ask.js';
import { checkExample, exampleSql, type Measure } from './expected.js';
import { PATIENTS_SCHEMA, type Patients, patients, patientsCsv } from './patients.js';
import { WarifuCluster } from './warifu-cluster.js';

const SLICES = 3;
/** With fewer rows a group of the t-test could be smaller than the minimum count. */
const LEAST_ROWS = 1000;
export const WEIGHT: Measure = { column: 'weight', scale: 10 };
const YEN: Measure = { column: 'yen', scale: 1 };

export const QUERY_BENCHES: readonly Bench[] = [
  {
    name: 'query-million',
    about: 'the example query on rows of three providers, from request to result',
    items: 1_000_000,
    least: LEAST_ROWS,
    nodes: 'warifu',
    run: (request) => exampleQuery('query-million', request, WEIGHT),
  },
  {
    name: 'query-wide',
    about: 'the same over yen amounts up to 2^34, whose sums of squares need 128 bits',
    items: 1_000_000,
    least: LEAST_ROWS,
    nodes: 'warifu',
    run: (request) => exampleQuery('query-wide', request, YEN),
  },
  {
    name: 'latency',
    about: 'the example query on few rows: what it takes beyond rounds x round trip',
    items: 1000,
    least: LEAST_ROWS,
    nodes: 'warifu',
    run: async (request) => {
      const measured = await exampleQuery('latency', request, WEIGHT);
      const waited = (measured.rounds * (request.links.latency ?? 0)) / 1000;
      const beyond = ((median(measured.seconds) - waited) * 1000).toFixed(1);
      return { ...measured, notes: [['ms beyond rounds x round trip', beyond], ...(measured.notes ?? [])] };
    },
  },
];

/** The example query in a cluster of its own. */
export async function exampleQuery(
  name: string,
  { n, runs, links, nodes, tell }: Omit<BenchRequest, 'plain'>,
  measure: Measure,
): Promise<Measured> {
  const cluster = await WarifuCluster.start({ links, nodes });
  try {
    const table = patients(n);
    await share(cluster, table, tell);
    tell(`asking ${runs + 1} times`);
    const sql = exampleSql(measure.column);
    return await ask(cluster, {
      name,
      n,
      sql,
      runs,
      check: (answer) => checkExample(answer, table, measure),
    });
  } finally {
    await cluster.stop();
  }
}

/** Three slices, as of three hospitals, that the analyst may use. */
async function share(cluster: WarifuCluster, table: Patients, tell: BenchRequest['tell']): Promise<void> {
  const schema = cluster.json('schema.json', PATIENTS_SCHEMA);
  for (let slice = 0; slice < SLICES; slice++) {
    tell(`uploading slice ${slice + 1} of ${SLICES}`);
    const file = await cluster.file(`${slice}.csv`, patientsCsv(table, slice, SLICES));
    const named = ['--table', 'patients', '--slice', `s${slice}`, '--schema', schema];
    await cluster.warifu('provider', ['upload', file, ...named]);
  }
  await cluster.warifu('provider', ['grant', 'patients', 'analyst']);
}
