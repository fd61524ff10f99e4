/** Of four nodes one loses its disk: three go on, it is rebuilt, and all four agree; with real processes and disks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  alter,
  chunkFiles,
  errorOf,
  loseDisk,
  nodeOptions,
  recovery,
  uploadPatients,
} from './support/lost-disk.js';
import { Organisations } from './support/organisations.js';

const SQL = 'SELECT sex, COUNT(*), COUNT(weight), SUM(age), AVG(weight) FROM patients GROUP BY sex';
const [SOUTH, EAST, WEST] = [1, 2, 3] as const;
/** Three parts of three chunks. */
const CHUNKS = 9;

let all: Organisations;
let answer: unknown;

interface Answer {
  readonly rows: unknown;
  readonly cost: { readonly bytes_sent: readonly number[] };
}

async function query(...options: string[]): Promise<Answer> {
  return JSON.parse((await all.ok(['query', '--json', ...options, SQL], 'analyst')).stdout) as Answer;
}

/** All four compute and open together: the copies of every part were compared. */
async function expectSameOfFour(): Promise<void> {
  const { rows, cost } = await query();
  expect(rows).toEqual(answer);
  for (const bytes of cost.bytes_sent) expect(bytes).toBeGreaterThan(0);
}

beforeAll(async () => {
  all = await Organisations.found(4);
  await uploadPatients(all, { one: 140_000 });
  await all.ok(['table', 'patients', '--allow-three', 'yes'], 'provider');
  answer = (await query()).rows;
}, 180_000);
afterAll(() => all.close());

it('a helper is killed in the middle: named; three go on meanwhile; again, and all four give the same', async () => {
  await loseDisk(all, SOUTH);
  const asked = (): number => (all.logs[WEST] ?? '').split('asks for the parts that it holds').length;
  const before = asked();
  const broken = all.run(recovery(all, 'south'));
  await all.untilLogged(WEST, () => asked() > before);
  await all.kill(WEST);
  const { exit, code, details } = errorOf(await broken);
  expect([exit, code, details['node']]).toEqual([4, 'NODE_LOST', 'west']);
  const run = await all.run(['node', 'run', ...nodeOptions(all, 'south')]);
  expect([run.exit, run.stderr]).toEqual([1, expect.stringContaining("run 'warifu node recover' again")]);
  await all.start(WEST);
  expect((await query('--with-three')).rows).toEqual(answer);

  const done = JSON.parse((await all.ok(recovery(all, 'south'))).stdout);
  expect(done).toMatchObject({ state: 'recovered', tables: 1, slices: 1, lost: [] });
  expect(await chunkFiles(all, 'south')).toHaveLength(CHUNKS);
  await all.start(SOUTH);
  await expectSameOfFour();
}, 240_000);

it('a node that gives wrong parts is named and passed over: the part has another holder', async () => {
  await loseDisk(all, SOUTH);
  await all.kill(EAST);
  // Part 3 is at nodes 0, 1 and 2; of chunk 1 its second holder beside node 1 is asked first.
  await alter(all, EAST, { part: 3, chunk: 1 });
  await all.start(EAST);
  const { stdout, stderr } = await all.ok(recovery(all, 'south'));
  expect(JSON.parse(stdout)).toMatchObject({ state: 'recovered', chunks: CHUNKS, lost: [] });
  expect(stderr).toContain('node east sent a wrong part');
  expect(await all.audit(SOUTH)).toMatch(/"code":"COMMITMENT_MISMATCH","kind":"check-failed","nodes":\[2\]/);
  const doubt = await all.ok(['node', 'doubt', '--dir', all.path('south')]);
  expect(doubt.stdout).toContain('COMMITMENT_MISMATCH');
  expect((await all.ok(['node', 'doubt', '--dir', all.path('west')])).stdout).toMatch(/south.*east/s);

  // East's own disk is put right by the same command.
  await all.kill(EAST);
  await all.start(SOUTH);
  const mended = JSON.parse((await all.ok(recovery(all, 'east'))).stdout);
  expect(mended).toMatchObject({ state: 'repaired', chunks: 1 });
  await all.start(EAST);
  await expectSameOfFour();
}, 240_000);
