/** The bench command's line: what it takes, and what it says of everything else. */
import { describe, expect, it } from 'vitest';
import type { Bench } from '../../bench/bench.js';
import { BENCHES } from '../../bench/catalogue.js';
import { parseItems, parseNodes, parseRuns } from '../../bench/options.js';
import { createProgram } from '../../bench/program.js';
import { benchNamed, requestOf } from '../../bench/request.js';

const tell = (): void => undefined;

function bench(name: string): Bench {
  return benchNamed(name, BENCHES);
}

describe('numbers', () => {
  it.each([
    ['1', 1],
    ['10000', 10_000],
    ['10k', 10_000],
    ['1M', 1_000_000],
    ['100M', 100_000_000],
  ])('takes %s items', (text, items) => expect(parseItems(text)).toBe(items));

  it.each(['', '0', '-1', '1.5', '1e6', '101M', '1m', '1 000', '0k'])('refuses %j items', (text) => {
    expect(() => parseItems(text)).toThrow(/whole number from 1 to 100M/);
  });

  it.each(['0', '1001', 'five'])('refuses %s runs', (text) =>
    expect(() => parseRuns(text)).toThrow(/1 to 1000/),
  );

  it('takes three nodes or four', () => {
    expect([parseNodes('3'), parseNodes('4')]).toEqual([3, 4]);
    expect(() => parseNodes('5')).toThrow(/must be 3 or 4/);
  });
});

describe('requests', () => {
  const options = { nodes: 3, runs: 5 } as const;

  it('names all benches where there is none of that name', () => {
    expect(() => bench('multply')).toThrow(/no bench 'multply'; there are: multiply, dot, and, .*memory/);
  });

  it('fills in what the bench says', () => {
    expect(requestOf(bench('multiply'), options, tell)).toMatchObject({
      n: 1_000_000,
      runs: 5,
      plain: false,
    });
    expect(requestOf(bench('latency'), { ...options, n: 2000 }, tell).n).toBe(2000);
  });

  it.each([
    ['matrix', { n: 10 }, /leave --n away/],
    ['matrix', { latency: 10 }, /has no network/],
    ['matrix', { plain: true }, /--plain/],
    ['matrix', { nodes: 4 }, /has no nodes/],
    ['upload', { plain: true }, /always encrypt/],
    ['query-million', { n: 10 }, /needs --n 1000 or more/],
  ] as const)('%s refuses %j', (name, given, message) => {
    expect(() => requestOf(bench(name), { ...options, ...given }, tell)).toThrow(message);
  });
});

describe('the command', () => {
  async function run(...args: string[]): Promise<string[]> {
    const printed: string[] = [];
    const program = createProgram({ print: (text) => printed.push(text), tell }).exitOverride();
    program.configureOutput({ writeErr: tell });
    await program.parseAsync(args, { from: 'user' });
    return printed;
  }

  it('lists every bench in one line', async () => {
    const lines = (await run('--list')).join('\n').split('\n');
    const names = lines.map((line) => line.split(' ')[0]);
    expect(names).toEqual([...BENCHES.map(({ name }) => name), 'kernels', 'all', 'growth']);
    for (const name of [
      'multiply',
      'dot',
      'and',
      'less-than-16',
      'less-than-32',
      'less-than-64',
      'equal-32',
      'b2a',
      'upload',
      'query-million',
      'latency',
      'memory',
    ]) {
      expect(names).toContain(name);
    }
  });

  it.each([
    [[], /name a bench/],
    [['nothing'], /no bench 'nothing'; there are: .*growth/],
    [['multiply', '--nodes', '5'], /must be 3 or 4/],
    [['multiply', '--n', 'many'], /whole number/],
    [['multiply', '--latency', '-3'], /milliseconds above 0/],
    [['multiply', '--bandwidth', '0.5'], /megabits a second from 1 to/],
    [['multiply', '--fast'], /unknown option/],
    [['all', '--plain'], /--plain is for one bench/],
    [['kernels', '--json'], /takes no options/],
  ] as const)('refuses %j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});
