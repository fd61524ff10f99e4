/** `try`, `demo` and `dev` as real processes of the built program, and what they leave behind: nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalCluster } from '../../src/cli/local-cluster/local-cluster.js';
import { type Ended, MAIN, run, start, temporaryDirectory, until, writeFile } from './support.js';

const directory = temporaryDirectory();
/** Where the nodes of these tests keep their directories: other tests have theirs elsewhere. */
const TMPDIR = join(directory, 'tmp');
const PATIENTS =
  '年齢,性別,身長,体重\n57,男,154.8,71.7\n45,男,179.9,70\n53,女,156.3,51.1\n77,男,169.2,63\n59,男,175.2,67.1\n';
const SAMPLE = `patients=${writeFile(directory, 'patients.csv', PATIENTS)}`;

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run 'npm run build' first`);
});
beforeEach(() => mkdirSync(TMPDIR, { recursive: true }));

function warifu(...args: string[]): Promise<Ended> {
  return start(args, { TMPDIR }).ended;
}

/** Processes whose parent is this one. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    // a process that ended and was not yet collected is not alive
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text[text.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('try', () => {
  it("gives 算師's own example exactly", async () => {
    const sql = "SELECT AVG(体重) FROM patients WHERE 性別 = '男'";
    const { code, stdout } = await warifu('try', '--table', SAMPLE, '--min-count', '4', '--json', sql);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [{ 'AVG(体重)': 67.95 }],
      n: [{ 'AVG(体重)': 4 }],
      withheld: [],
    });
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('gives the same from four nodes', async () => {
    const sql = "SELECT AVG(体重) FROM patients WHERE 性別 = '男'";
    const { code, stdout } = await warifu(
      'try',
      '--nodes',
      '4',
      '--table',
      SAMPLE,
      '--min-count',
      '4',
      '--json',
      sql,
    );
    expect(code).toBe(0);
    const { rows, n, cost } = JSON.parse(stdout) as {
      rows: unknown;
      n: unknown;
      cost: { bytes_sent: number[] };
    };
    expect({ rows, n }).toEqual({ rows: [{ 'AVG(体重)': 67.95 }], n: [{ 'AVG(体重)': 4 }] });
    expect(cost.bytes_sent).toHaveLength(4);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('withholds and names the cell at the default minimum count', async () => {
    const sql = "SELECT AVG(体重) AS mean FROM patients WHERE 性別 = '男'";
    const { code, stdout } = await warifu('try', '--table', SAMPLE, '--json', sql);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [{ mean: null }],
      n: [{ mean: null }],
      withheld: [{ row: 0, column: 'mean', rule: 'minimum count 10' }],
    });
  });

  it('takes several tables, and is PostgreSQL exactly with gates off', async () => {
    const other = writeFile(directory, 'other.csv', 'x\n5\n1\n');
    const tables = ['--table', SAMPLE, '--table', `other=${other}`, '--min-count', '1'];
    const sql = 'SELECT AVG(x) AS mean, COUNT(*) AS n FROM other WHERE x < 0';
    const { code, stdout } = await warifu('try', ...tables, '--json', sql);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: [{ mean: null, n: 0 }], withheld: [] });
  });
});

describe.skipIf(!existsSync('/proc/self/stat'))('a try that is interrupted', () => {
  /** Long enough to be met in the middle of its upload. */
  const LONG = `t=${writeFile(directory, 'long.csv', `secretly\n${Array.from({ length: 200_000 }, (_, i) => i * 7919).join('\n')}\n`)}`;

  async function uploading(): Promise<{
    pid: number;
    children: number[];
    process: ReturnType<typeof start>;
  }> {
    const started = start(['try', '--table', LONG, 'SELECT SUM(secretly) FROM t'], { TMPDIR });
    const pid = started.process.pid!;
    await until('a node stores chunks', () => filesBelow(TMPDIR).some((path) => path.endsWith('.chunk')));
    const children = childrenOf(pid);
    expect(children.length).toBe(3);
    return { pid, children, process: started };
  }

  const gone = (children: readonly number[]): Promise<void> =>
    until(
      'all nodes and their directory are gone',
      () => !children.some(isAlive) && readdirSync(TMPDIR).length === 0,
    );

  it('by Ctrl-C cancels, cleans up and exits with 130', async () => {
    const { children, process: started } = await uploading();
    started.process.kill('SIGINT');
    const { code, stderr } = await started.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted');
    expect(children.some(isAlive)).toBe(false);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('by kill -9 leaves no process and no directory', async () => {
    const { children, process: started } = await uploading();
    started.process.kill('SIGKILL');
    await gone(children);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('by kill -9 of everything leaves nothing readable, and the next one sweeps it up', async () => {
    const { pid, children } = await uploading();
    const [run0] = readdirSync(TMPDIR);
    expect(statSync(join(TMPDIR, run0!)).mode & 0o777).toBe(0o700);
    // the children first: a node that outlives the command by an instant removes the directory
    for (const each of [...children, pid]) process.kill(each, 'SIGSTOP');
    for (const each of [...children, pid]) process.kill(each, 'SIGKILL');
    await until('they are gone', () => ![pid, ...children].some(isAlive));
    const left = filesBelow(TMPDIR);
    expect(left.some((path) => path.endsWith('.chunk'))).toBe(true);
    for (const path of left) {
      expect(readFileSync(path, 'latin1')).not.toMatch(/secretly|PRIVATE KEY|private_key/);
    }
    const next = await warifu('try', '--table', SAMPLE, 'SELECT 1 FROM');
    // a query that is refused cleans up, too
    expect(next.code).toBe(2);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

/** The mean of sbp in the three sample files, computed without warifu. */
function meanPressure(smoker: string): number {
  const values = [
    ['kita.csv', 'utf-8'],
    ['minato.csv', 'shift_jis'],
    ['yama.csv', 'utf-8'],
  ].flatMap(([name, encoding]) => {
    const bytes = readFileSync(new URL(`../../examples/demo/${name}`, import.meta.url));
    const lines = new TextDecoder(encoding).decode(bytes).trim().split(/\r?\n/);
    const cells = lines.slice(1).map((line) => line.split(','));
    return cells.flatMap((row) => (row[4] === smoker && /^\d+$/.test(row[5]!) ? [Number(row[5])] : []));
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('demo', () => {
  it('ends with results, one withheld cell and what each node saw', async () => {
    const { code, stdout } = await warifu('demo');
    expect(code).toBe(0);
    const parts = [...stdout.matchAll(/node-[abc] holds {4}([0-9a-f]{16}) {2}([0-9a-f]{16})/g)];
    expect(parts.length).toBe(3);
    const sum = parts.reduce((total, match) => total + BigInt(`0x${match[1]!}`), 0n);
    // the first patient of kita.csv
    expect(BigInt.asUintN(64, sum)).toBe(67n);
    expect(parts.map((match) => match[2])).toEqual([parts[1]![1], parts[2]![1], parts[0]![1]]);
    const means = ['no', 'yes'].map((smoker) => meanPressure(smoker));
    expect(stdout).toContain(`means ${means.map((mean) => Number(mean.toPrecision(10))).join(', ')}`);
    expect(stdout).toContain('withheld: COUNT(*) of 心不全 (minimum count 10)');
    expect(stdout).toMatch(/14 rounds; bytes that nodes/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(105);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

describe('dev', () => {
  it('keeps keys and data, and ends with 0 on Ctrl-C', async () => {
    const home = join(directory, 'dev');
    const environment = (user: string): Record<string, string> => ({
      WARIFU_HOME: join(directory, 'home'),
      WARIFU_CLUSTER: join(home, 'cluster.json'),
      WARIFU_KEY: join(home, 'keys', `${user}.key.json`),
    });
    async function running<T>(use: () => Promise<T>): Promise<T> {
      const { process: child, ended } = start(['dev', '--dir', home], { TMPDIR });
      let told = '';
      child.stderr?.on('data', (text: string) => {
        told += text;
      });
      await until(`it tells how it is reached\n${told}`, () => told.includes('Ctrl-C stops it.'));
      const result = await use();
      child.kill('SIGINT');
      expect((await ended).code).toBe(0);
      return result;
    }
    const as = (user: string, ...args: string[]): Promise<Ended> => start(args, environment(user)).ended;
    await running(async () => {
      const schema = join(directory, 'dev.schema.json');
      const csv = writeFile(
        directory,
        'dev.csv',
        `x\n${Array.from({ length: 40 }, (_, i) => i).join('\n')}\n`,
      );
      expect((await run(['schema', 'infer', csv, '--out', schema])).code).toBe(0);
      const upload = ['upload', csv, '--table', 't', '--slice', 's', '--schema', schema];
      expect(await as('provider', ...upload)).toMatchObject({ code: 0, stdout: '' });
      expect((await as('provider', 'grant', 't', 'analyst')).code).toBe(0);
    });
    for (const key of readdirSync(join(home, 'keys'))) {
      expect(statSync(join(home, 'keys', key)).mode & 0o777).toBe(0o600);
    }
    const { stdout } = await running(() => as('analyst', 'query', 'SELECT SUM(x) FROM t', '--json'));
    expect(JSON.parse(stdout)).toMatchObject({ rows: [{ 'SUM(x)': 780 }] });
    expect((await run(['audit', '--verify', '--dir', join(home, 'nodes', 'node-a')])).code).toBe(0);
  });
});

describe('a local cluster', () => {
  it('starts nothing, and leaves nothing unhandled, when it is cancelled before its nodes are', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = TMPDIR;
    try {
      const cancelled = AbortSignal.abort(new Error('cancelled'));
      await expect(LocalCluster.startEphemeral([], 1, cancelled)).rejects.toThrow('cancelled');
      expect(readdirSync(TMPDIR)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
