/** Local clusters that lose a node: `demo` and `dev` of four go on with three. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, MAIN, run, start, temporaryDirectory, until, writeFile } from './support.js';

const directory = temporaryDirectory();
const TMPDIR = join(directory, 'tmp');

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run 'npm run build' first`);
});
beforeEach(() => mkdirSync(TMPDIR, { recursive: true }));

describe('demo', () => {
  it('of four nodes kills one, and the other three come to the same', async () => {
    const { code, stdout } = await start(['demo', '--nodes', '4'], { TMPDIR }).ended;
    expect(code).toBe(0);
    const question = stdout.slice(stdout.indexOf('4. The analyst asks'));
    const [first, again] = [...question.matchAll(/(┌[^]*?┘)/g)].map((match) => match[1]);
    expect(first).toContain('COUNT(*)');
    const last = stdout.slice(stdout.indexOf('7. A node is lost'));
    expect(last).toMatch(/error NODE_\w+: .*node-d/);
    expect(last).toContain(first);
    expect(last).toContain("computed by three nodes: node 'node-d' was lost");
    expect(again).not.toBe(first);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

describe('dev', () => {
  const lines = Array.from({ length: 40 }, (_, i) => i).join('\n');

  async function dev(home: string, nodes: '3' | '4') {
    const started = start(['dev', '--dir', home, '--nodes', nodes], { TMPDIR });
    let told = '';
    started.process.stderr?.on('data', (text: string) => {
      told += text;
    });
    await until('it tells how it is reached', () => told.includes('Ctrl-C stops it.'));
    return {
      ...started,
      told: () => told,
      kill: (name: string) => {
        const pid = new RegExp(`${name}: +process (\\d+)`).exec(told)?.[1];
        process.kill(Number(pid), 'SIGKILL');
      },
    };
  }

  it('of four nodes goes on with three when one is killed, takes it back by the command that it tells, and ends with the second', async () => {
    const home = join(directory, 'dev of four');
    const as = (user: string, ...args: string[]): Promise<Ended> =>
      start(args, {
        WARIFU_HOME: join(directory, 'home'),
        WARIFU_CLUSTER: join(home, 'cluster.json'),
        WARIFU_KEY: join(home, 'keys', `${user}.key.json`),
      }).ended;
    const cluster = await dev(home, '4');
    const csv = writeFile(directory, 'four.csv', `x\n${lines}\n`);
    const schema = join(directory, 'four.schema.json');
    expect((await run(['schema', 'infer', csv, '--out', schema])).code).toBe(0);
    const upload = ['upload', csv, '--table', 't', '--slice', 's', '--schema', schema];
    expect((await as('provider', ...upload)).code).toBe(0);
    expect((await as('provider', 'grant', 't', 'analyst')).code).toBe(0);
    expect((await as('provider', 'table', 't', '--allow-three', 'yes')).code).toBe(0);

    cluster.kill('node-b');
    await until('it tells what ended', () => cluster.told().includes('warifu node run'));
    expect(cluster.told()).toMatch(
      /node 'node-b' \(process \d+\) was ended by SIGKILL; the other three go on/,
    );
    const query = ['query', '--json', 'SELECT SUM(x) FROM t'];
    expect(await as('analyst', ...query)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/node-b.*--with-three/) as string,
    });
    const three = await as('analyst', ...query, '--with-three');
    expect(JSON.parse(three.stdout)).toMatchObject({ rows: [{ 'SUM(x)': 780 }], lost: 'node-b' });
    const refused = await as('provider', 'table', 't', '--min-count', '20');
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/node-b.*nothing was changed at any node/) as string,
    });

    const told = /^ {2}warifu (node run .*)$/m.exec(cluster.told())?.[1] ?? '';
    const again = start(told.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", '')));
    let up = await as('analyst', 'node', 'status');
    for (let tries = 0; up.code !== 0 && tries < 120; tries++) {
      await sleep(250);
      up = await as('analyst', 'node', 'status');
    }
    expect(up.code).toBe(0);
    expect((await as('analyst', ...query)).code).toBe(0);

    cluster.kill('node-d');
    await until('it tells of the other one', () => cluster.told().includes("node 'node-d' (process"));
    expect((await as('analyst', ...query, '--with-three')).code).toBe(0);
    cluster.kill('node-a');
    const { code, stderr } = await cluster.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /NODE_LOST: node 'node-d' had ended before; now the process of node 'node-a' was ended by SIGKILL/,
    );
    again.process.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
  }, 240_000);

  it('of three nodes ends with the first', async () => {
    const cluster = await dev(join(directory, 'dev of three'), '3');
    cluster.kill('node-c');
    const { code, stderr } = await cluster.ended;
    expect(code).toBe(4);
    expect(stderr).toContain("NODE_LOST: the process of node 'node-c' was ended by SIGKILL");
    expect(stderr).toContain('the same command starts all nodes again, with their data');
  });
});
