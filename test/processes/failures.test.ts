/** Nodes that are killed or stopped in the middle of uploads and queries, with real processes and disks. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Organisations } from './support/organisations.js';

const ROWS = 150_000;
const SLOW_QUERY =
  'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients WHERE age >= 40 GROUP BY sex';
const UNREACHABLE = 4;
const LIMIT_SECONDS = 10;

let all: Organisations;

function patients(rows: number, salt: number): string {
  const lines = ['age,sex,weight,smoker'];
  for (let i = 0; i < rows; i++) {
    const mixed = Math.imul(i + salt, 2654435761) >>> 0;
    const age = 20 + (mixed % 80);
    const weight = (400 + ((mixed >>> 8) % 600)) / 10;
    lines.push(`${age},${mixed & 1 ? 'F' : 'M'},${weight.toFixed(1)},${mixed & 6 ? 'no' : 'yes'}`);
  }
  return `${lines.join('\n')}\n`;
}

const upload = (file: string, slice: string): string[] => [
  'upload',
  all.path(file),
  '--table',
  'patients',
  '--slice',
  slice,
  '--schema',
  all.path('schema.json'),
];
const query = ['query', '--json', SLOW_QUERY];

beforeAll(async () => {
  all = await Organisations.found();
  await writeFile(all.path('one.csv'), patients(ROWS, 1));
  await writeFile(all.path('two.csv'), patients(ROWS, 2));
  await all.ok(['schema', 'infer', all.path('one.csv'), '--out', all.path('schema.json')]);
}, 180_000);
afterAll(() => all.close());

/** Waits until a node has logged, audited or the command has run for long enough to be in the middle. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The command that fails within the limit after `harm`, counted from then. */
async function failsAfter(
  running: Promise<{ exit: number; stderr: string }>,
  harm: () => unknown,
): Promise<void> {
  await harm();
  const harmed = performance.now();
  const { exit, stderr } = await running;
  expect(exit, stderr).toBe(UNREACHABLE);
  expect((performance.now() - harmed) / 1000).toBeLessThan(LIMIT_SECONDS);
}

it('an upload during which a node is killed exits with 4, stores nothing, and goes on after the restart', async () => {
  const running = all.run(upload('one.csv', 'one'), 'provider');
  // The upload has begun at that node when its audit log says so.
  for (let i = 0; i < 200 && !(await all.audit(1)).includes('upload-started'); i++) await pause(50);
  await failsAfter(running, () => all.kill(1));
  await all.start(1);
  expect(JSON.parse((await all.ok(['tables', '--json'], 'provider')).stdout)).toMatchObject({ tables: [] });
  const again = await all.ok(upload('one.csv', 'one'), 'provider');
  expect(again.stderr).toContain('150,000 rows');
  await all.ok(['grant', 'patients', 'analyst'], 'provider');
}, 180_000);

it('a query during which a node is killed exits with 4, and the same query succeeds after the restart', async () => {
  const before = await all.ok(query, 'analyst');
  const running = all.run(query, 'analyst');
  const started = (await all.audit(2)).split('query-started').length;
  for (let i = 0; i < 400 && (await all.audit(2)).split('query-started').length === started; i++)
    await pause(10);
  await failsAfter(running, () => all.kill(2));
  await all.start(2);
  const after = await all.ok(query, 'analyst');
  expect(JSON.parse(after.stdout).rows).toEqual(JSON.parse(before.stdout).rows);
}, 180_000);

it('a stopped node (SIGSTOP) ends the query at the others with the same code, and serves again when it goes on', async () => {
  const running = all.run(query, 'analyst');
  const started = (await all.audit(1)).split('query-started').length;
  for (let i = 0; i < 400 && (await all.audit(1)).split('query-started').length === started; i++)
    await pause(10);
  await failsAfter(running, () => all.signal(0, 'SIGSTOP'));
  all.signal(0, 'SIGCONT');
  for (const i of [1, 2]) expect(await all.audit(i)).toContain('"NODE_LOST"');
  await all.untilLogged(1, (log) => log.lastIndexOf('linked') > log.lastIndexOf('NODE_LOST'));
  await pause(1_000);
  await all.ok(query, 'analyst');
}, 180_000);

it('two queries, an upload and a killed node together: all end with 4 in time, then all succeed', async () => {
  const running = [
    all.run(query, 'analyst'),
    all.run(['query', '--json', 'SELECT COUNT(*), AVG(weight) FROM patients'], 'analyst'),
    all.run(upload('two.csv', 'two'), 'provider'),
  ];
  for (let i = 0; i < 200 && !(await all.audit(0)).includes('"two"'); i++) await pause(50);
  await all.kill(1);
  const killed = performance.now();
  const outcomes = await Promise.all(running);
  expect((performance.now() - killed) / 1000).toBeLessThan(LIMIT_SECONDS);
  // A query may have been answered before the node was killed; nothing else than 0 and 4 may come out.
  for (const { exit, stderr } of outcomes) expect([0, UNREACHABLE], stderr).toContain(exit);
  expect(outcomes[2]?.exit).toBe(UNREACHABLE);
  await all.start(1);
  await all.ok(upload('two.csv', 'two'), 'provider');
  const { stdout } = await all.ok(['query', '--json', 'SELECT COUNT(*) AS n FROM patients'], 'analyst');
  expect(JSON.parse(stdout).rows).toEqual([{ n: 2 * ROWS }]);
  for (const [i, name] of ['north', 'south', 'east'].entries()) {
    await all.ok(['audit', '--dir', all.path(name), '--verify']);
    expect(await all.audit(i)).not.toMatch(/[0-9a-f]{200}/);
  }
}, 240_000);
