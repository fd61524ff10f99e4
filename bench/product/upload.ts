/** `warifu upload` of one file, from its start to its end, as a provider waits for it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WarifuError } from '../../src/core/errors.js';
import type { Bench, BenchRequest } from '../bench.js';
import type { Measured } from '../result/measured.js';
import { PATIENTS_SCHEMA, patients, patientsCsv } from './patients.js';
import { WarifuCluster } from './warifu-cluster.js';

const COUNTER = fileURLToPath(new URL('../support/client-bytes.js', import.meta.url));

export const UPLOAD_BENCH: Bench = {
  name: 'upload',
  about:
    'upload of rows of six columns by the command line, checks on shares included; bytes leave the client',
  items: 1_000_000,
  nodes: 'warifu',
  run: upload,
};

interface Upload {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

async function upload({ n, runs, links, nodes, tell }: BenchRequest): Promise<Measured> {
  const cluster = await WarifuCluster.start({ links, nodes });
  try {
    const schema = cluster.json('schema.json', PATIENTS_SCHEMA);
    const file = await cluster.file('patients.csv', patientsCsv(patients(n), 0, 1));
    const timed: Upload[] = [];
    for (let i = 0; i <= runs; i++) {
      tell(i === 0 ? 'uploading, to warm up' : `uploading, ${i} of ${runs}`);
      const once = await uploadOnce(cluster, file, schema, n);
      if (i > 0) timed.push(once);
    }
    return {
      name: 'upload',
      n,
      seconds: timed.map(({ seconds }) => seconds),
      cpuSeconds: timed.map(({ cpuSeconds }) => cpuSeconds),
      rounds: 0,
      bytes: [Math.max(...timed.map(({ bytes }) => bytes))],
      peakRssMb: cluster.peaksMb(),
    };
  } finally {
    await cluster.stop();
  }
}

/** Into a table of its own, dropped afterwards. */
async function uploadOnce(cluster: WarifuCluster, file: string, schema: string, n: number): Promise<Upload> {
  const counted = cluster.json('client-bytes', 0);
  const args = ['upload', file, '--table', 'patients', '--slice', 'all', '--schema', schema, '--json'];
  const cpu = cluster.cpuSeconds();
  const start = performance.now();
  const printed = await cluster.warifu('provider', args, {
    NODE_OPTIONS: `--import=${COUNTER}`,
    WARIFU_BENCH_CLIENT_BYTES: counted,
  });
  const seconds = (performance.now() - start) / 1000;
  const cpuSeconds = cluster.cpuSeconds() - cpu;
  const { table_rows: rows } = JSON.parse(printed) as { table_rows: number };
  const bytes = Number(readFileSync(counted, 'utf8'));
  if (rows !== n || bytes < n) {
    throw new WarifuError('INTERNAL', `the table has ${rows} rows of ${n}, and ${bytes} bytes were sent`);
  }
  await cluster.warifu('provider', ['drop', 'patients']);
  return { seconds, cpuSeconds, bytes };
}
