/** Four organisations as real processes: one is killed in the middle of a query, the other three go on. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Organisations } from './support/organisations.js';

const ROWS = 60_000;
const SQL =
  'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients WHERE age >= 40 GROUP BY sex';
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

beforeAll(async () => {
  all = await Organisations.found(4);
  await writeFile(all.path('patients.csv'), patients());
  const schema = all.path('schema.json');
  await all.ok(['schema', 'infer', all.path('patients.csv'), '--out', schema]);
  const named = ['--table', 'patients', '--slice', 'one', '--schema', schema];
  await all.ok(['upload', all.path('patients.csv'), ...named], 'provider');
  await all.ok(['grant', 'patients', 'analyst'], 'provider');
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
