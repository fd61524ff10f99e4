/** A long table of two columns, uploaded and queried: how much memory does a node need? */
import type { Bench, BenchRequest } from '../bench.js';
import type { Measured } from '../result/measured.js';
import { ask } from './ask.js';
import { checkTwoColumns, TWO_COLUMNS_SQL } from './expected.js';
import { patients, TWO_COLUMNS_SCHEMA, twoColumnsCsv } from './patients.js';
import { WarifuCluster } from './warifu-cluster.js';

export const MEMORY_BENCH: Bench = {
  name: 'memory',
  about: 'upload and query of a long table of two columns: peak memory of the nodes, seconds of the query',
  items: 10_000_000,
  least: 1000,
  nodes: 'warifu',
  run: memory,
};

async function memory({ n, runs, links, nodes, tell }: BenchRequest): Promise<Measured> {
  const cluster = await WarifuCluster.start({ links, nodes });
  try {
    const table = patients(n);
    const schema = cluster.json('schema.json', TWO_COLUMNS_SCHEMA);
    const file = await cluster.file('people.csv', twoColumnsCsv(table));
    tell('uploading');
    const start = performance.now();
    await cluster.warifu('provider', [
      'upload',
      file,
      '--table',
      'people',
      '--slice',
      'all',
      '--schema',
      schema,
    ]);
    const uploaded = (performance.now() - start) / 1000;
    const afterUpload = cluster.peaksMb().map((peak) => Math.round(peak));
    await cluster.warifu('provider', ['grant', 'people', 'analyst']);
    tell(`asking ${runs + 1} times`);
    const check = (answer: Parameters<typeof checkTwoColumns>[0]): void => checkTwoColumns(answer, table);
    const measured = await ask(cluster, { name: 'memory', n, sql: TWO_COLUMNS_SQL, runs, check });
    return {
      ...measured,
      notes: [
        ['seconds of the upload', uploaded.toFixed(1)],
        ['peak after the upload, MB', afterUpload.join(', ')],
        ...(measured.notes ?? []),
      ],
    };
  } finally {
    await cluster.stop();
  }
}
