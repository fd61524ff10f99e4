import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { run } from './support.js';

function commandsOf(command: Command, path: readonly string[] = []): string[][] {
  return command.commands.flatMap((child) => {
    const name = [...path, child.name()];
    return child.commands.length === 0 ? [name] : commandsOf(child, name);
  });
}

const COMMANDS = commandsOf(createProgram({ width: 100 } as Terminal));

describe('help', () => {
  it('has the commands of the contract', () => {
    expect(COMMANDS.map((path) => path.join(' '))).toEqual([
      'try',
      'demo',
      'dev',
      'schema infer',
      'upload',
      'table',
      'grant',
      'revoke',
      'tables',
      'describe',
      'drop',
      'query',
      'user keygen',
      'user add',
      'user revoke',
      'user list',
      'node init',
      'node run',
      'node status',
      'node doubt',
      'node recover',
      'cluster create',
      'audit',
    ]);
  });

  it.each(COMMANDS)('%s %s ends with an example of itself', async (...path) => {
    const names = path.filter((name) => name !== undefined);
    const { code, stdout, stderr } = await run([...names, '--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`Examples:\\n(  \\$ .*\\n)*  \\$ warifu ${names.join(' ')}`));
  });

  it('of all commands is as documented', async () => {
    const texts: string[] = [];
    for (const path of [[], ...COMMANDS]) texts.push((await run([...path, '--help'])).stdout);
    await expect(texts.join(`${'-'.repeat(100)}\n`)).toMatchFileSnapshot('help.snapshot.txt');
  });

  it('is twelve lines at most when nothing was asked', async () => {
    const { code, stdout, stderr } = await run([]);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  });

  it('tells the version of the package', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['qurey'], "unknown command 'qurey'", 'Did you mean query?'],
    [['query', '--jsno', 'SELECT 1'], "unknown option '--jsno'", 'Did you mean --json?'],
    [['query'], "missing required argument 'sql'", 'warifu query --help'],
    [['query', 'SELECT', 'COUNT'], 'too many arguments', 'put the whole SELECT between double quotes'],
    [['upload', 'x.csv', '--table', 't'], "required option '--slice <name>'", 'warifu upload --help'],
    [['try', 'SELECT 1'], "required option '--table <name=file>'", 'warifu try --help'],
    [['try', '--table', 'x.csv', 'SELECT 1'], 'It must be NAME=FILE.csv.', 'warifu try --help'],
    [
      ['try', '--table', 't=x.csv', '--table', 'T=y.csv', 'SELECT 1'],
      "Table 'T' is given twice",
      'warifu try --help',
    ],
    [['try', '--table', 't=x.csv', '--min-count', '0', 'SELECT 1'], 'whole number from 1', '--min-count'],
    [['node'], 'Usage: warifu node', 'Commands:'],
    [['user', 'add', 'x', '--role', 'admin', '--dir', '.'], "'admin' is no role", 'provider'],
    [
      ['node', 'init', '--dir', 'd', '--name', 'n', '--peer', 'host', '--client', 'h:1'],
      'HOST:PORT',
      '--peer',
    ],
    [
      ['node', 'init', '--dir', 'd', '--name', 'n', '--peer', 'h:70000', '--client', 'h:1'],
      'HOST:PORT',
      '--peer',
    ],
    [['schema', 'infer', 'x.csv', '--type', 'a=float'], 'integer, decimal', '--type'],
    [['query', '--json', '--csv', 'SELECT 1'], 'USAGE: give only one of --json and --csv', ''],
    [['table', 'patients'], 'USAGE: nothing to set', '--min-count'],
  ])('%j exits with 2 and says what is wrong', async (args, first, second) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(first);
    expect(stderr).toContain(second);
  });
});
