/**
 * Four organisations as real processes: one is killed in the middle of a query, and the other three go on; one lies in the
 * middle of a query, is named, and the others go on only when their operators have looked into it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileDoubts } from '../../src/server/jobs/doubts.js';
import { Organisations } from './support/organisations.js';

const ROWS = 60_000;
const SQL =
  'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients WHERE age >= 40 GROUP BY sex';
/** Of a table whose queries are short. */
const SMALL_SQL = 'SELECT COUNT(*), SUM(age) FROM small WHERE age >= 40';
const FAILED = 1;
const UNREACHABLE = 4;
const REFUSED = 3;

let all: Organisations;

function patients(): string {
  const lines = ['age,sex,weight,smoker'];
  for (let i = 0; i < ROWS; i++) {
    const mixed = Math.imul(i + 1, 2654435761) >>> 0;
    const weight = mixed % 13 === 0 ? '' : ((400 + ((mixed >>> 8) % 600)) / 10).toFixed(1);
    lines.push(`${20 + (mixed % 80)},${mixed & 1 ? 'F' : 'M'},${weight},${mixed & 6 ? 'no' : 'yes'}`);
  }
  return `${lines.join('\n')}\n`;
}

const query = (...options: string[]): string[] => ['query', '--json', ...options, SQL];
const small = (...options: string[]): string[] => ['query', '--json', ...options, SMALL_SQL];
const rowsOf = ({ stdout }: { stdout: string }): unknown => (JSON.parse(stdout) as { rows: unknown }).rows;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The error of a command with --json. */
const errorOf = ({ stdout }: { stdout: string }): { code: string; message: string; details: object } =>
  (JSON.parse(stdout) as { error: { code: string; message: string; details: object } }).error;

/** A query in the middle of which node i is killed. */
async function killedMidway(i: number): Promise<ReturnType<Organisations['run']>> {
  const before = (await all.audit(i)).split('query-started').length;
  const running = all.run(query(), 'analyst');
  for (let n = 0; n < 600 && (await all.audit(i)).split('query-started').length === before; n++)
    await pause(10);
  await all.kill(i);
  return running;
}

/** Uploads a table, which the analyst may query. */
async function share(table: string, csv: string): Promise<void> {
  const [file, schema] = [all.path(`${table}.csv`), all.path(`${table}.json`)];
  await writeFile(file, csv);
  await all.ok(['schema', 'infer', file, '--out', schema]);
  await all.ok(['upload', file, '--table', table, '--slice', 'one', '--schema', schema], 'provider');
  await all.ok(['grant', table, 'analyst'], 'provider');
}

beforeAll(async () => {
  all = await Organisations.found(4);
  await share('patients', patients());
}, 240_000);
afterAll(() => all.close());

it('a node is killed in the middle: exit 4 naming it; three go on once the table allows it, to the same answer', async () => {
  const whole = await all.ok(query(), 'analyst');
  const ended = await killedMidway(2);
  expect(ended.exit).toBe(UNREACHABLE);
  expect(errorOf(ended).message).toContain('east');
  expect(errorOf(ended).message).toContain('warifu query --with-three');

  const refused = await all.run(query('--with-three'), 'analyst');
  expect(refused.exit).toBe(REFUSED);
  expect(errorOf(refused)).toMatchObject({ code: 'THREE_NOT_ALLOWED', details: { missing: ['provider'] } });
  // a setting needs all four nodes
  await all.start(2);
  await all.ok(['table', 'patients', '--allow-three', 'yes'], 'provider');

  const again = await killedMidway(2);
  expect(again.exit).toBe(UNREACHABLE);
  const three = await all.ok(query('--with-three'), 'analyst');
  expect(rowsOf(three)).toEqual(rowsOf(whole));
  expect(JSON.parse(three.stdout)).toMatchObject({ lost: 'east', cost: { bytes_sent: { 2: 0 } } });
  const text = await all.ok(['query', '--with-three', SQL], 'analyst');
  expect(text.stdout).toContain("computed by three nodes: node 'east' was lost");
  const plan = await all.ok(['query', '--explain', '--with-three', SQL], 'analyst');
  expect(plan.stdout).toContain('node east is lost');
  for (const i of [0, 1, 3]) expect(await all.audit(i)).toMatch(/query-started.*"lost":2/);
  expect(await all.audit(2)).not.toContain('"lost":2');
  for (const name of ['north', 'south', 'west']) {
    const { stdout } = await all.ok(['node', 'doubt', '--dir', all.path(name)]);
    expect(stdout).toContain('no check has failed');
  }
  await all.start(2);
  expect(rowsOf(await all.ok(query(), 'analyst'))).toEqual(rowsOf(whole));
  expect((await all.run(query('--with-three'), 'analyst')).exit).toBe(2);
}, 300_000);

const CHEAT = join(import.meta.dirname, 'support/cheat.mjs');
const LIAR = 3;
const HONEST = [0, 1, 2];

interface Lie {
  readonly what: string;
  /** As in cheat.mjs. */
  readonly lie: { readonly message: string } | { readonly control: string };
  readonly code: string;
  /** How many nodes are named: the liar, and who cannot be told from it. */
  readonly named: 1 | 2;
}

const PRODUCT: Lie['lie'] = { message: ' product[-0-9]*$' };
const LIES: readonly Lie[] = [
  { what: 'a message', lie: PRODUCT, code: 'COPIES_DIFFER', named: 2 },
  { what: 'a tag', lie: { message: ' product[-0-9]*check$' }, code: 'COPIES_DIFFER', named: 2 },
  { what: 'a part that is opened', lie: { message: ' part$' }, code: 'COPIES_DIFFER', named: 1 },
  { what: 'an opening of keys', lie: { control: 'key-open' }, code: 'PEER_MISBEHAVED', named: 1 },
];

let lies = 0;

/** The cheating node tells that lie once, in the next query. */
async function cheat(lie: Lie['lie'] | { readonly answer: number }): Promise<void> {
  await writeFile(all.path('cheat.json'), JSON.stringify({ id: ++lies, ...lie }));
}

function doubtsOf(i: number): FileDoubts {
  return new FileDoubts(all.path(all.names[i] as string));
}

it('a node that lies ends the query with an error that names it; nothing is shown, and every honest node keeps it', async () => {
  const ages = Array.from({ length: 200 }, (_, i) => 20 + ((i * 37) % 80));
  await share('small', `${['age', ...ages].join('\n')}\n`);
  await all.ok(['table', 'small', '--allow-three', 'yes'], 'provider');
  await all.kill(LIAR);
  await all.start(LIAR, CHEAT);
  for (const { what, lie, code, named } of LIES) {
    await cheat(lie);
    const ended = await all.run(small(), 'analyst');
    expect(ended.exit, what).toBe(FAILED);
    expect(Object.keys(JSON.parse(ended.stdout) as object)).toEqual(['error']);
    const error = errorOf(ended);
    expect(error.code, what).toBe(code);
    expect(error.message, what).toContain('west');
    if (named === 2)
      expect(error.message, what).toMatch(/node '(north|south|east)' or node|or node '(north|south|east)'/);
    for (const i of HONEST) {
      expect(await doubtsOf(i).read(), `${what}: ${all.names[i]}`).toMatchObject({ code });
      await doubtsOf(i).clear();
      const events = (await all.audit(i)).split('\n').filter((line) => line.includes('"check-failed"'));
      expect(
        events.some((line) => line.includes(code)),
        what,
      ).toBe(true);
    }
  }
}, 240_000);

it('an altered answer is not shown, and its node named', async () => {
  await cheat({ answer: 3 });
  const ended = await all.run(small(), 'analyst');
  expect(ended.exit).toBe(FAILED);
  expect(errorOf(ended)).toMatchObject({ code: 'COPIES_DIFFER', details: { nodes: ['west'] } });
  expect(Object.keys(JSON.parse(ended.stdout) as object)).toEqual(['error']);
  for (const i of HONEST) {
    expect(await doubtsOf(i).read()).toMatchObject({ code: 'COPIES_DIFFER', told_by: 'analyst' });
    await doubtsOf(i).clear();
  }
}, 60_000);

it('three go on without the liar only when the operators of all three have looked into it', async () => {
  const whole = await all.ok(small(), 'analyst');
  await cheat(PRODUCT);
  expect((await all.run(small(), 'analyst')).exit).toBe(FAILED);
  await all.kill(LIAR);
  for (const i of HONEST) {
    const refused = await all.run(small('--with-three'), 'analyst');
    expect(refused.exit).toBe(REFUSED);
    expect(errorOf(refused)).toMatchObject({
      code: 'THREE_NOT_ALLOWED',
      details: { check: 'COPIES_DIFFER' },
    });
    const shown = await all.ok(['node', 'doubt', '--dir', all.path(all.names[i] as string), '--clear']);
    expect(shown.stdout).toContain('COPIES_DIFFER');
  }
  const three = await all.ok(small('--with-three'), 'analyst');
  expect(rowsOf(three)).toEqual(rowsOf(whole));
}, 120_000);
