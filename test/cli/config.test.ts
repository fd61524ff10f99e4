import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { configDirectory, stateDirectory } from '../../src/cli/config.js';
import { run, temporaryDirectory, writeFile } from './support.js';

const directory = temporaryDirectory();

describe('the configuration directory', () => {
  it.each([
    [{ WARIFU_HOME: '/w', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, '/w', '/w/uploads'],
    [{ XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, '/c/warifu', '/s/warifu/uploads'],
    [{ WARIFU_HOME: '', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, '/c/warifu', '/s/warifu/uploads'],
  ])('of %j is %s', (environment, config, state) => {
    expect(configDirectory(environment)).toBe(config);
    expect(stateDirectory(environment)).toBe(state);
  });
});

describe('cluster and key', () => {
  let key = '';
  beforeAll(async () => {
    key = join(directory, 'key.json');
    await run(['user', 'keygen', 'hana', '--no-passphrase', '--out', key]);
  });

  it('says where a cluster file was looked for', async () => {
    const { code, stdout, stderr } = await run(['query', '--json', 'SELECT 1'], { WARIFU_HOME: directory });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `no cluster file: give --cluster FILE, set WARIFU_CLUSTER, or put it at '${directory}/cluster.json'`,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'CONFIG_INVALID', details: { file: `${directory}/cluster.json` } },
    });
  });

  it.each([
    ['an option', ['--cluster', '/nowhere/a.json'], { WARIFU_CLUSTER: '/nowhere/b.json' }, '/nowhere/a.json'],
    ['the environment', [], { WARIFU_CLUSTER: '/nowhere/b.json' }, '/nowhere/b.json'],
  ])('takes the cluster file from %s', async (_from, options, environment, path) => {
    const { code, stderr } = await run(['tables', ...options], environment);
    expect(code).toBe(2);
    expect(stderr).toContain(`error FILE_MISSING: there is no file '${path}'`);
  });

  it.each([
    ['no JSON', '{', 'not valid JSON'],
    ['another file', '{}', 'the cluster file is not valid'],
    ['nothing', '', 'not valid JSON'],
  ])('refuses a cluster file that holds %s', async (_what, text, message) => {
    const cluster = writeFile(directory, 'bad-cluster.json', text);
    const { code, stderr } = await run(['tables', '--cluster', cluster, '--key', key]);
    expect(code).toBe(2);
    expect(stderr).toContain('error CONFIG_INVALID');
    expect(stderr).toContain(message);
  });

  it('refuses a directory for a cluster file', async () => {
    const { code, stderr } = await run(['tables', '--cluster', directory]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error CONFIG_INVALID: '${directory}' is not a file`);
  });
});
