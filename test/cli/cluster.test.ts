/** The commands of providers, owners and analysts, against three nodes in this process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterText } from '../../src/core/cluster-file.js';
import { encodeKeyFile } from '../../src/core/key-file.js';
import type { Role } from '../../src/server/users/enrolled-users.js';
import { type LocalNodes, localNodes } from '../server/support/local-nodes.js';
import { type Ended, run, temporaryDirectory, writeFile } from './support.js';

const DEMO = fileURLToPath(new URL('../../examples/demo/', import.meta.url));
const SCHEMA = join(DEMO, 'patients.schema.json');
const directory = temporaryDirectory();
let nodes: LocalNodes;

beforeAll(async () => {
  nodes = await localNodes();
  writeFile(directory, 'cluster.json', clusterText(nodes.cluster));
  await enrol('kita', 'provider');
  await enrol('minato', 'provider');
  await enrol('tanaka', 'analyst');
});
afterAll(() => nodes.close());

async function enrol(name: string, ...roles: Role[]): Promise<void> {
  writeFile(directory, `${name}.json`, await encodeKeyFile(nodes.user(name, ...roles), undefined));
}

/** Runs a command as a user. */
function as(user: string, ...args: string[]): Promise<Ended> {
  return run(args, {
    WARIFU_HOME: directory,
    WARIFU_CLUSTER: join(directory, 'cluster.json'),
    WARIFU_KEY: join(directory, `${user}.json`),
  });
}

async function json(user: string, ...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await as(user, ...args, '--json');
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** The sample file of a hospital as rows of text, computed without warifu. */
function sample(name: string, encoding = 'utf-8'): Record<string, string>[] {
  const text = new TextDecoder(encoding).decode(readFileSync(join(DEMO, name)));
  const [header, ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(header!.map((column, i) => [column, cells[i]!])));
}

describe('one table of two providers', () => {
  it('is uploaded, shared and asked', async () => {
    const first = await as(
      'kita',
      'upload',
      join(DEMO, 'kita.csv'),
      '--table',
      'patients',
      '--slice',
      'k',
      '--schema',
      SCHEMA,
    );
    expect(first.code).toBe(0);
    expect(first.stdout).toBe('');
    expect(first.stderr).toContain(
      "uploaded 520 rows as slice 'k' of table 'patients'; the table has 520 rows now",
    );

    const uninvited = await as(
      'minato',
      'upload',
      join(DEMO, 'minato.csv'),
      '--table',
      'patients',
      '--slice',
      'm',
    );
    expect(uninvited.code).toBe(3);
    expect((await as('kita', 'table', 'patients', '--contributor', 'minato', '--min-count', '3')).code).toBe(
      0,
    );
    // without --schema: the one that the table has
    expect(
      await json('minato', 'upload', join(DEMO, 'minato.csv'), '--table', 'patients', '--slice', 'm'),
    ).toEqual({ table: 'patients', slice: 'm', rows: 430, table_rows: 950 });

    const early = await as('tanaka', 'query', 'SELECT COUNT(*) FROM patients', '--json');
    expect(early.code).toBe(3);
    expect(JSON.parse(early.stdout)).toMatchObject({ error: { code: 'NOT_GRANTED' } });
    expect((await as('kita', 'grant', 'patients', 'tanaka')).code).toBe(0);
    expect((await as('minato', 'grant', 'patients', 'tanaka')).code).toBe(0);

    const rows = [...sample('kita.csv'), ...sample('minato.csv', 'shift_jis')];
    const expected = ['女', '男'].map((sex) => {
      const group = rows.filter((row) => row['sex'] === sex && Number(row['age']) >= 40);
      const tenths = group.flatMap(({ weight }) => (weight === '' ? [] : [Math.round(Number(weight) * 10)]));
      const sum = tenths.reduce((total, value) => total + value, 0);
      return { sex, n: group.length, mean: sum / (10 * tenths.length), present: tenths.length };
    });
    const answer = await json(
      'tanaka',
      'query',
      'SELECT sex, COUNT(*) AS n, AVG(weight) AS mean FROM patients WHERE age >= 40 GROUP BY sex',
    );
    expect(answer).toMatchObject({
      rows: expected.map(({ sex, n, mean }) => ({ sex, n, mean })),
      n: expected.map(({ present }) => ({ mean: present })),
      withheld: [],
      cost: {
        rounds: expect.any(Number),
        bytes_sent: [expect.any(Number), expect.any(Number), expect.any(Number)],
        seconds: expect.any(Number),
      },
    });
  });

  it('is listed and described', async () => {
    expect(await json('tanaka', 'tables')).toEqual({
      tables: [
        {
          name: 'patients',
          owner: 'kita',
          contributors: ['minato'],
          rows: 950,
          slices: [
            { slice: 'k', contributor: 'kita', rows: 520 },
            { slice: 'm', contributor: 'minato', rows: 430 },
          ],
          columns: 9,
          granted: true,
          min_count: 10,
        },
      ],
    });
    expect((await as('tanaka', 'tables')).stdout).toContain('patients');
    const { stdout } = await as('tanaka', 'describe', 'patients');
    expect(stdout).toContain('950 rows; owner kita; minimum count 10');
    expect(stdout).toContain('その他, 心不全, 糖尿病, 脂質異常症, 高血圧');
    const schema = await as('tanaka', 'describe', 'patients', '--schema');
    expect(JSON.parse(schema.stdout)).toEqual(JSON.parse(readFileSync(SCHEMA, 'utf8')));
  });

  it('prints CSV, and a table in which withheld cells are named', async () => {
    const sql = 'SELECT 診断, COUNT(*) AS n FROM patients WHERE age < 40 GROUP BY 診断';
    const csv = await as('tanaka', 'query', sql, '--csv');
    expect(csv.stdout.split(/\r?\n/).slice(0, 2)).toEqual(['診断,n', 'その他,']);
    const { code, stdout } = await as('tanaka', 'query', sql);
    expect(code).toBe(0);
    expect(stdout).toContain('withheld: n of その他 (minimum count 10)');
  });

  it('is explained without data', async () => {
    const explained = await json('tanaka', 'query', 'SELECT AVG(weight) FROM patients', '--explain');
    expect(JSON.stringify(explained)).toContain('rounds');
    expect((await as('tanaka', 'query', '--explain', 'SELECT AVG(weight) FROM patients')).stdout).toContain(
      'released to the analyst',
    );
  });

  it.each([
    ['SELEC 1', 2, 'SQL_SYNTAX', ''],
    ['SELECT AVG(wieght) FROM patients', 2, 'UNKNOWN_COLUMN', "did you mean 'weight'?"],
    ['SELECT COUNT(*) FROM patient', 2, 'UNKNOWN_TABLE', "did you mean 'patients'?"],
    ["SELECT COUNT(*) FROM patients WHERE sex = 'm'", 2, 'UNKNOWN_LABEL', 'sex'],
    ['SELECT age, COUNT(*) FROM patients GROUP BY age', 2, 'SQL_TYPE', 'age'],
    ['SELECT MEDIAN(age) FROM patients', 2, 'SQL_UNSUPPORTED', 'median'],
  ])('refuses %s with exit code %i and %s', async (sql, exit, code, message) => {
    const { code: ended, stdout, stderr } = await as('tanaka', 'query', sql, '--json');
    expect(ended).toBe(exit);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(stderr.toLowerCase()).toContain(message.toLowerCase());
    expect(stderr).toContain(`error ${code}: `);
  });

  it.each([
    ['a number outside its range', 'age', '121', 'row 2'],
    ['an unknown label', 'sex', 'x', "'x'"],
    ['a value that is missing where none may be', 'height', '', 'the value is missing'],
  ])('refuses a file with %s before anything leaves', async (_what, column, value, message) => {
    const [first] = sample('kita.csv');
    const row = { ...first!, [column]: value };
    const file = writeFile(
      directory,
      'bad.csv',
      `${Object.keys(row).join()}\n${Object.values(row).join()}\n`,
    );
    const { code, stderr } = await as('kita', 'upload', file, '--table', 'patients', '--slice', 'bad');
    expect(code).toBe(2);
    expect(stderr).toContain('error CSV_INVALID');
    expect(stderr).toContain(message);
    expect(stderr).toContain(`'${column}'`);
  });

  it('refuses undeclared columns, an existing slice and a table without a schema', async () => {
    const file = writeFile(directory, 'undeclared.csv', 'age,sex,blood\n40,男,A\n');
    const undeclared = await as('kita', 'upload', file, '--table', 'patients', '--slice', 'u');
    expect(undeclared.code).toBe(2);
    expect(undeclared.stderr).toContain('error SCHEMA_MISMATCH');
    expect(undeclared.stderr).toContain('blood');
    const again = await as('kita', 'upload', join(DEMO, 'kita.csv'), '--table', 'patients', '--slice', 'k');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('--replace');
    const unknown = await as('kita', 'upload', join(DEMO, 'kita.csv'), '--table', 'new', '--slice', 'k');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('give its schema by --schema FILE');
  });

  it('is withdrawn by those whose data it is', async () => {
    const theirs = await as('kita', 'drop', 'patients', '--slice', 'm');
    expect(theirs.code).toBe(3);
    expect((await as('minato', 'drop', 'patients', '--slice', 'm')).code).toBe(0);
    expect((await as('kita', 'revoke', 'patients', 'tanaka')).code).toBe(0);
    expect((await as('tanaka', 'query', 'SELECT COUNT(*) FROM patients')).code).toBe(3);
    expect((await as('kita', 'drop', 'patients')).code).toBe(0);
    expect(await json('tanaka', 'tables')).toEqual({ tables: [] });
  });
});

describe('node status', () => {
  it('shows who is up, and ends with 4 when a node is not', async () => {
    expect(await json('tanaka', 'node', 'status')).toMatchObject({
      nodes: [
        { name: 'alpha', up: true },
        { name: 'beta', up: true },
        { name: 'gamma', up: true },
      ],
    });
    await nodes.stop(2);
    const { code, stdout, stderr } = await as('tanaka', 'node', 'status');
    expect(code).toBe(4);
    expect(stdout).toContain('alpha');
    expect(stderr).toContain('gamma');
    expect((await as('tanaka', 'tables')).code).toBe(4);
  });
});
