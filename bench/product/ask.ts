/** One query asked several times by the client library of one long-lived process. */
import { type QueryAnswer, runQuery } from '../../src/client/analyst/query.js';
import type { Measured } from '../result/measured.js';
import { warmUp } from '../support/warm-up.js';
import type { WarifuCluster } from './warifu-cluster.js';

const QUERY_LIMIT_MS = 1_800_000;
/** After so many V8 still compiles, but for less than a tenth of a node's time. */
const WARM_UP_QUERIES = 5;

export interface Question {
  readonly name: string;
  /** Rows of the table. */
  readonly n: number;
  readonly sql: string;
  readonly runs: number;
  /** Throws where an answer is wrong. */
  readonly check: (answer: QueryAnswer) => void;
}

/** Queries to warm up, then the timed ones, from the request to the result; the longest turns as notes. */
export async function ask(
  cluster: WarifuCluster,
  { name, n, sql, runs, check }: Question,
): Promise<Measured> {
  const client = await cluster.client('analyst');
  const query = (): Promise<QueryAnswer> =>
    runQuery(client, sql, { signal: AbortSignal.timeout(QUERY_LIMIT_MS) });
  await warmUp(async () => check(await query()), WARM_UP_QUERIES);
  await cluster.turns();
  const [seconds, cpuSeconds]: [number[], number[]] = [[], []];
  let cost: QueryAnswer['cost'] | undefined;
  for (let i = 0; i < runs; i++) {
    const before = cluster.cpuSeconds();
    const start = performance.now();
    const answer = await query();
    seconds.push((performance.now() - start) / 1000);
    cpuSeconds.push(cluster.cpuSeconds() - before);
    check(answer);
    ({ cost } = answer);
  }
  const turns = await cluster.turns();
  const byCli = JSON.parse(await cluster.warifu('analyst', ['query', '--json', sql])) as {
    cost: { seconds: number };
  };
  return {
    name,
    n,
    seconds,
    cpuSeconds,
    rounds: cost?.rounds ?? 0,
    bytes: cost?.bytes_sent ?? [],
    peakRssMb: cluster.peaksMb(),
    notes: [
      ['seconds by the command line', String(byCli.cost.seconds)],
      ['longest turn of each, CPU ms', turns.map((turn) => turn.longest_cpu_ms).join(', ')],
      ['turns over 50 ms of CPU', turns.map((turn) => turn.over_50_ms).join(', ')],
    ],
  };
}
