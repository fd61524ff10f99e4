/**
 * The example query of the project on a million rows: three uploads and real node processes over TLS.
 *
 * Prints rounds, bytes, seconds and the peak memory of each node. Uses the built command line, as a user would.
 *
 * Run: npm run build && npm run bench:build && node dist-bench/bench/query-million.js [rows]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const SLICES = 3;
const RUNS = 5;
const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const directory = mkdtempSync(join(tmpdir(), 'warifu-bench-'));
const cluster = join(directory, 'dev');

function warifu(user: 'provider' | 'analyst', ...args: string[]): string {
  const key = join(cluster, 'keys', `${user}.key.json`);
  const env = { ...process.env, WARIFU_CLUSTER: join(cluster, 'cluster.json'), WARIFU_KEY: key };
  return execFileSync(process.execPath, [MAIN, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Deterministic rows: every column is a mix of the row number. */
function csv(slice: number): string {
  const lines = ['age,sex,height,weight,smoker,yen'];
  for (let i = 0; i < Math.floor(ROWS / SLICES); i++) {
    const a = Math.imul(i * SLICES + slice + 1, 2654435761) >>> 0;
    const b = Math.imul(a ^ (a >>> 15), 2246822519) >>> 0;
    const weight = b % 97 === 0 ? '' : ((300 + ((b >>> 7) % 900)) / 10).toFixed(1);
    const height = ((1400 + ((a >>> 9) % 500)) / 10).toFixed(1);
    const smoker = a % 89 === 0 ? '' : (b & 7) === 0 ? 'yes' : 'no';
    lines.push(`${18 + (a % 80)},${b & 16 ? 'F' : 'M'},${height},${weight},${smoker},${(b * 4) % 2 ** 34}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Peak resident memory of the node processes, in MB. */
function peaks(): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('warifu node')) return [];
        const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return peak === undefined ? [] : [Math.round(Number(peak) / 1000)];
      } catch {
        return []; // the process has just ended
      }
    });
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

function ask(column: string): void {
  const sql = `SELECT sex, COUNT(*), AVG(${column}), STDDEV_SAMP(${column}), t_test(${column}, smoker) FROM patients WHERE age >= 40 GROUP BY sex`;
  const costs = Array.from({ length: RUNS }, () => {
    const { cost } = JSON.parse(warifu('analyst', 'query', '--json', sql)) as {
      cost: { rounds: number; bytes_sent: number[]; seconds: number };
    };
    return cost;
  });
  const seconds = costs.map((cost) => cost.seconds).sort((x, y) => x - y);
  const bytes = costs[0]?.bytes_sent.map((sent) => (sent / 1e6).toFixed(1)).join(', ');
  process.stdout.write(
    `query over ${column}: ${costs[0]?.rounds} rounds, ${bytes} MB sent; seconds ${seconds[0]}, ${seconds[RUNS >> 1]}, ${seconds.at(-1)} (min, median, max of ${RUNS}); peak MB ${peaks().join(', ')}\n`,
  );
}

let dev: ChildProcess | undefined;
try {
  dev = spawn(process.execPath, [MAIN, 'dev', '--dir', cluster], { stdio: ['ignore', 'ignore', 'pipe'] });
  const up = dev;
  await new Promise<void>((resolve) =>
    up.stderr?.on('data', (text: Buffer) => text.includes('Ctrl-C') && resolve()),
  );
  const schema = join(directory, 'schema.json');
  for (let slice = 0; slice < SLICES; slice++) {
    const file = join(directory, `${slice}.csv`);
    writeFileSync(file, csv(slice));
    if (slice === 0) warifu('provider', 'schema', 'infer', file, '--out', schema);
    const upload = ['upload', file, '--table', 'patients', '--slice', `s${slice}`, '--schema', schema];
    const seconds = timed(() => warifu('provider', ...upload));
    process.stdout.write(`upload ${slice + 1}: ${seconds.toFixed(1)} s; peak MB ${peaks().join(', ')}\n`);
  }
  warifu('provider', 'grant', 'patients', 'analyst');
  ask('weight');
  ask('yen');
} finally {
  dev?.kill('SIGINT');
  if (dev !== undefined) await new Promise((resolve) => dev?.once('exit', resolve));
  rmSync(directory, { recursive: true, force: true });
}
