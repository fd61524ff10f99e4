/** A node whose disk is lost is recovered by its operator's command, with real processes and disks. */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  chunkFiles,
  errorOf,
  flip,
  loseDisk,
  nodeOptions,
  recovery,
  uploadPatients,
} from './support/lost-disk.js';
import { MAIN, Organisations } from './support/organisations.js';

/** Some chunks, and one. */
const ROWS = { one: 140_000, two: 20_000 };
const SQL =
  'SELECT sex, COUNT(*), COUNT(weight), SUM(age), AVG(weight), t_test(weight, smoker) FROM patients GROUP BY sex';
const LOST = 1;

let all: Organisations;
let answer: unknown;

async function rowsOfQuery(): Promise<unknown> {
  return JSON.parse((await all.ok(['query', '--json', SQL], 'analyst')).stdout).rows;
}

const command = (...more: string[]): string[] => recovery(all, 'south', ...more);

async function recovered(...more: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await all.ok(command(...more))).stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  all = await Organisations.found();
  await uploadPatients(all, ROWS);
  await all.ok(['table', 'patients', '--min-count', '5'], 'provider');
  answer = await rowsOfQuery();
}, 180_000);
afterAll(() => all.close());

it('killed, its data deleted, recovered: the same query gives the same digits', async () => {
  await loseDisk(all, LOST);
  // Nobody told this node that its disk is new: it does not begin with nothing.
  const run = await all.run(['node', 'run', ...nodeOptions(all, 'south')]);
  expect([run.exit, run.stderr]).toEqual([1, expect.stringContaining('error STORE_MISSING')]);
  const anew = await all.run(['node', 'run', ...nodeOptions(all, 'east'), '--new-store']);
  expect([anew.exit, anew.stderr]).toEqual([1, expect.stringContaining('error STORE_LOCKED')]);
  const refused = await all.run(['query', '--json', SQL], 'analyst');
  expect([refused.exit, refused.stderr]).toEqual([4, expect.stringContaining('south')]);
  expect(await recovered()).toMatchObject({ state: 'recovered', tables: 1, slices: 2, lost: [] });
  await all.start(LOST);
  expect(await rowsOfQuery()).toEqual(answer);
  for (const name of ['north', 'south', 'east']) await all.ok(['audit', '--dir', all.path(name), '--verify']);
  expect(await all.audit(LOST)).toContain('"node-recovered"');
  for (const other of [0, 2]) {
    expect(await all.audit(other)).toContain('"recovery-opened"');
    // No share, salt or commitment in any log.
    expect(await all.audit(other)).not.toMatch(/[0-9a-f]{200}/);
    expect(all.logs[other]).toContain('asks for the parts that it holds');
  }
}, 240_000);

it('run at a node that is whole, it says so and changes nothing; at one that runs, it is refused', async () => {
  expect(errorOf(await all.run(command()))).toMatchObject({ exit: 1, code: 'STORE_LOCKED' });
  await all.kill(LOST);
  const before = await all.audit(LOST);
  expect(await recovered()).toMatchObject({ state: 'whole', chunks: 0 });
  expect(await all.audit(LOST)).toBe(before);
  await all.start(LOST);
}, 240_000);

it('a flipped byte at the only other holder is told by node and place; nothing wrong is stored', async () => {
  await loseDisk(all, LOST);
  const chunks = await chunkFiles(all, 'east');
  const file = chunks.find((path) => path.endsWith('p2-0.chunk')) as string;
  await flip(file);
  const { exit, code, details } = errorOf(await all.run(command()));
  expect([exit, code, details['node'], details['part'], details['chunk']]).toEqual([
    1,
    'CHUNK_DAMAGED',
    'east',
    2,
    0,
  ]);
  expect(await all.audit(LOST)).toContain('"part-refused"');
  // What was fetched is not visible: the node does not run on it.
  const run = await all.run(['node', 'run', ...nodeOptions(all, 'south')]);
  expect([run.exit, run.stderr]).toEqual([1, expect.stringContaining("run 'warifu node recover' again")]);
  await flip(file);
  expect(await recovered()).toMatchObject({ state: 'recovered', chunks: 1 });
  await all.start(LOST);
  expect(await rowsOfQuery()).toEqual(answer);
}, 240_000);

it('killed in the middle, the command goes on where it was', async () => {
  await loseDisk(all, LOST);
  const child = spawn(process.execPath, [MAIN, ...command()], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const chunks = async (): Promise<number> => (await chunkFiles(all, 'south')).length;
  while ((await chunks()) === 0 && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGKILL');
  await ended;
  const total = (await chunkFiles(all, 'north')).length;
  const done = await recovered();
  expect(done).toMatchObject({ state: 'recovered', slices: 2 });
  expect(Number(done['chunks'])).toBeLessThan(total);
  await all.start(LOST);
  expect(await rowsOfQuery()).toEqual(answer);
}, 240_000);

it('a node of another cluster, and one without its own files, are refused', async () => {
  const addresses = ['--peer', '127.0.0.1:1', '--client', '127.0.0.1:2'];
  const own = ['--dir', all.path('foreign'), '--key-file', all.path('foreign.key')];
  await all.ok(['node', 'init', ...own, '--name', 'foreign', ...addresses]);
  const foreign = ['node', 'recover', ...own, '--cluster', all.path('cluster.json'), '--json'];
  expect(errorOf(await all.run(foreign))).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
  await rm(join(all.path('foreign'), 'node.json'));
  expect(errorOf(await all.run(foreign)).details).toMatchObject({ missing: ['node.json'] });
}, 240_000);

it('a directory that cannot be written is told, and the same command succeeds when it can', async () => {
  await loseDisk(all, LOST);
  const blocked = join(all.path('south'), 'chunks');
  await writeFile(blocked, '');
  expect(errorOf(await all.run(command()))).toMatchObject({ exit: 1, code: 'STORE_FAILED' });
  await rm(blocked);
  expect(await recovered()).toMatchObject({ state: 'recovered' });
  await all.start(LOST);
  expect(await rowsOfQuery()).toEqual(answer);
}, 240_000);
