import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FileAuditLog } from '../../src/server/audit/audit-log.js';
import { auditPath } from '../../src/server/audit/audit-path.js';
import { nodeDisk } from '../../src/server/store/disk.js';
import { run, temporaryDirectory, writeFile } from './support.js';

const directory = temporaryDirectory();
const at = (name: string): string => join(directory, name);
function initArguments(name: string, port: number): string[] {
  const addresses = ['--peer', `127.0.0.1:${port}`, '--client', `127.0.0.1:${port + 1}`];
  return ['node', 'init', '--dir', at(name), '--name', name, ...addresses, '--key-file', at(`${name}.key`)];
}

describe('user keygen', () => {
  it('makes a private key for its owner alone and prints the public line', async () => {
    const path = at('hana.key.json');
    const { code, stdout } = await run(['user', 'keygen', '花', '--no-passphrase', '--out', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warifu-user ed25519 花 [A-Za-z0-9+/]{43}=\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never overwrites a key', async () => {
    const path = writeFile(directory, 'precious.json', 'precious');
    const { code, stderr } = await run(['user', 'keygen', 'x', '--no-passphrase', '--out', path]);
    expect(code).toBe(2);
    expect(stderr).toContain('exists already and is not overwritten');
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('puts the key where other commands look for it', async () => {
    const home = at('home');
    expect((await run(['user', 'keygen', 'x', '--no-passphrase'], { WARIFU_HOME: home })).code).toBe(0);
    expect(statSync(join(home, 'key.json')).mode & 0o777).toBe(0o600);
  });

  it('asks how to protect the key where nobody can be asked for a passphrase', async () => {
    const { code, stderr } = await run(['user', 'keygen', 'x', '--out', at('no.json')]);
    expect(code).toBe(2);
    expect(stderr).toContain('--passphrase-file FILE (or WARIFU_PASSPHRASE_FILE), or --no-passphrase');
  });

  it('seals the key under the first line of a file, which the same file opens', async () => {
    const file = writeFile(directory, 'passphrase.txt', 'correct horse\nnot this\n');
    const path = at('sealed.json');
    expect((await run(['user', 'keygen', 'x', '--out', path, '--passphrase-file', file])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('scrypt');
    const cluster = await clusterFile();
    const wrong = writeFile(directory, 'wrong.txt', 'correct hors\n');
    const asked = ['node', 'status', '--cluster', cluster, '--key', path];
    const refused = await run([...asked, '--passphrase-file', wrong]);
    expect(refused.stderr).toContain('error KEY_INVALID: the passphrase');
    expect(refused.code).toBe(2);
    // the key was opened: now it is the nodes that are missing
    const opened = await run(asked, { WARIFU_PASSPHRASE_FILE: file });
    expect(opened.code).toBe(4);
    const unasked = await run(asked);
    expect(unasked.stderr).toContain('nobody can be asked: give --passphrase-file FILE');
    expect(unasked.code).toBe(2);
  });

  it('refuses a passphrase file that others can read', async () => {
    const file = writeFile(directory, 'open.txt', 'secret phrase\n', 0o644);
    const { code, stderr } = await run([
      'user',
      'keygen',
      'x',
      '--out',
      at('n.json'),
      '--passphrase-file',
      file,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('chmod 600');
  });
});

let made: Promise<string> | undefined;
/** A cluster of three nodes that do not run. */
function clusterFile(): Promise<string> {
  made ??= (async () => {
    const cards: string[] = [];
    for (const [i, name] of ['kita', 'minato', 'yama'].entries()) {
      const { code, stdout } = await run(initArguments(name, 7700 + 10 * i));
      expect(code).toBe(0);
      cards.push(writeFile(directory, `${name}.card`, stdout));
    }
    const path = at('cluster.json');
    expect((await run(['cluster', 'create', ...cards, '--out', path])).code).toBe(0);
    return path;
  })();
  return made;
}

describe('node init and cluster create', () => {
  beforeAll(clusterFile);

  it('gives the same file and fingerprint to every operator', async () => {
    const cards = ['kita', 'minato', 'yama'].map((name) => at(`${name}.card`));
    const { stdout, stderr } = await run(['cluster', 'create', ...cards]);
    expect(stdout).toBe(readFileSync(at('cluster.json'), 'utf8'));
    expect(stderr).toMatch(/\n {4}([0-9a-f]{4} ){7}[0-9a-f]{4}\n/);
    const swapped = await run(['cluster', 'create', ...cards.toReversed()]);
    expect(swapped.stderr.split('\n')[2]).not.toBe(stderr.split('\n')[2]);
  });

  it('leaves no key in clear beside the data', () => {
    const text = readFileSync(join(at('kita'), 'node-key.json'), 'utf8');
    expect(text).toContain('"kind": "passphrase"');
    expect(readFileSync(at('kita.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(at('kita.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses a key file inside the directory that it locks', async () => {
    const args = ['node', 'init', '--dir', at('in'), '--name', 'in', '--peer', 'h:1', '--client', 'h:2'];
    const { code, stderr } = await run([...args, '--key-file', join(at('in'), 'k.key')]);
    expect(code).toBe(2);
    expect(stderr).toContain('keep it elsewhere');
  });

  it('makes a node only once', async () => {
    const { code, stderr } = await run(initArguments('kita', 7700));
    expect(code).toBe(2);
    expect(stderr).toContain('not overwritten');
  });

  it.each([
    ['two cards', ['kita.card', 'minato.card'], 'a cluster has 3 or 4 nodes, not 2'],
    ['a card twice', ['kita.card', 'kita.card', 'yama.card'], 'occurs twice'],
    ['a missing file', ['kita.card', 'minato.card', 'none.card'], 'there is no file'],
    [
      'the cluster file',
      ['kita.card', 'minato.card', 'cluster.json'],
      'cluster.json: the node card is not valid',
    ],
  ])('refuses %s', async (_what, names, message) => {
    const { code, stdout, stderr } = await run(['cluster', 'create', ...names.map(at)]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  it('refuses a card whose pin was exchanged', async () => {
    const card = JSON.parse(readFileSync(at('yama.card'), 'utf8')) as { pins: string[] };
    card.pins = ['0'.repeat(64)];
    const forged = writeFile(directory, 'forged.card', JSON.stringify(card));
    const { code, stderr } = await run(['cluster', 'create', at('kita.card'), at('minato.card'), forged]);
    expect(code).toBe(2);
    expect(stderr).toContain("lists a pin that is not its certificate's");
  });

  it('does not take over the store of another node', async () => {
    mkdirSync(at('old'));
    writeFileSync(join(at('old'), 'catalogue.db'), '');
    writeFileSync(join(at('old'), 'key.json'), '{}');
    const { code, stderr } = await run(initArguments('old', 7760));
    expect([code, stderr]).toEqual([2, expect.stringContaining('error STORE_EXISTS')]);
    expect(existsSync(join(at('old'), 'node-key.json'))).toBe(false);
  });

  it('runs no node on an empty store by itself: neither in place of a lost one, nor over one that is there', async () => {
    const node = ['node', 'run', '--dir', at('minato'), '--cluster', at('cluster.json')];
    const args = [...node, '--key-file', at('minato.key')];
    const exists = await run([...args, '--new-store']);
    expect([exists.code, exists.stderr]).toEqual([2, expect.stringContaining('error STORE_EXISTS')]);
    for (const name of ['catalogue.db', 'key.json']) {
      rmSync(join(at('minato'), name));
      const missing = await run(args);
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('error STORE_MISSING')]);
      expect(missing.stderr).toMatch(/'warifu node recover'.*'warifu node run --new-store'/);
    }
  });

  it('does not run a node with the wrong key, or that is not in the cluster', async () => {
    const wrong = writeFile(directory, 'wrong.key', `${'ab'.repeat(32)}\n`);
    const args = ['node', 'run', '--dir', at('kita'), '--cluster', at('cluster.json')];
    const refused = await run([...args, '--key-file', wrong]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('error KEY_INVALID: the key file does not open the node in');
    await run(initArguments('other', 7790));
    const other = ['node', 'run', '--dir', at('other'), '--cluster', at('cluster.json')];
    const stranger = await run([...other, '--key-file', at('other.key')]);
    expect(stranger.code).toBe(2);
    expect(stranger.stderr).toContain("the cluster file has no node with this node's key");
  });
});

describe('what is in the way of a node', () => {
  it('two ports that are one', async () => {
    const addresses = ['--peer', '127.0.0.1:7701', '--client', '127.0.0.1:7701'];
    const key = ['--key-file', at('same.key')];
    const { code, stderr } = await run([
      'node',
      'init',
      '--dir',
      at('same'),
      '--name',
      'same',
      ...addresses,
      ...key,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('--peer and --client are both 127.0.0.1:7701: give them different ports');
    expect(existsSync(at('same'))).toBe(false);
  });

  it('a file where the directory should be', async () => {
    writeFile(directory, 'occupied', 'x');
    for (const args of [initArguments('occupied', 7780), ['dev', '--dir', at('occupied')]]) {
      const { code, stderr } = await run(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error FILE_UNREADABLE: cannot use '.*occupied.*': .*file/);
    }
  });

  it('a cluster file that is none, by name', async () => {
    const file = writeFile(directory, 'no-cluster.txt', 'a,b\n');
    const { code, stderr } = await run(['tables', '--cluster', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error CONFIG_INVALID: '${file}': the cluster file is not valid JSON`);
  });
});

describe('user add, list and revoke', () => {
  let line = '';
  beforeAll(async () => {
    await clusterFile();
    line = (await run(['user', 'keygen', 'mori', '--no-passphrase', '--out', at('mori.json')])).stdout.trim();
  });
  const list = async (): Promise<unknown> =>
    JSON.parse((await run(['user', 'list', '--dir', at('kita'), '--json'])).stdout);

  it('enrols, lists and revokes', async () => {
    // as pasted without quotes
    const added = await run([
      'user',
      'add',
      ...line.split(' '),
      '--role',
      'provider,analyst',
      '--dir',
      at('kita'),
    ]);
    expect(added.code).toBe(0);
    expect(await list()).toMatchObject({
      users: [{ name: 'mori', roles: ['provider', 'analyst'], revoked: null }],
    });
    expect((await run(['user', 'revoke', 'mori', '--dir', at('kita')])).code).toBe(0);
    expect(await list()).toMatchObject({ users: [{ name: 'mori', revoked: expect.stringMatching(/Z$/) }] });
    expect((await run(['user', 'list', '--dir', at('kita')])).stdout).toContain('mori');
  });

  it('refuses what is no key line, and a directory that is no node', async () => {
    const noLine = await run(['user', 'add', 'mori', '--role', 'analyst', '--dir', at('kita')]);
    expect(noLine.code).toBe(2);
    expect(noLine.stderr).toContain('warifu-user ed25519 NAME BASE64');
    const noNode = await run(['user', 'add', line, '--role', 'analyst', '--dir', directory]);
    expect(noNode.code).toBe(2);
    expect(noNode.stderr).toContain('is not the directory of a node');
    expect((await run(['user', 'revoke', 'nobody', '--dir', at('kita')])).code).toBe(3);
  });
});

describe('audit', () => {
  const node = at('audited');
  beforeAll(async () => {
    mkdirSync(node);
    const log = await FileAuditLog.open(nodeDisk, auditPath(node), () => 0);
    await log.append({ kind: 'granted', table: '患者 1', grantor: 'a', grantee: 'b' });
    await log.append({ kind: 'user-revoked', user: 'b' });
  });

  it('prints a line an event', async () => {
    const { code, stdout } = await run(['audit', '--dir', node]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      '1970-01-01T00:00:00.000Z      1 granted table="患者 1" grantor=a grantee=b',
    );
    expect(
      (await run(['audit', '--dir', node, '--json'])).stdout
        .trim()
        .split('\n')
        .map((text) => (JSON.parse(text) as { event: { kind: string } }).event.kind),
    ).toEqual(['granted', 'user-revoked']);
  });

  it('verifies the chain, and against a head noted earlier', async () => {
    const { code, stdout } = await run(['audit', '--verify', '--dir', node, '--json']);
    expect(code).toBe(0);
    const { events, hash } = JSON.parse(stdout) as { events: number; hash: string };
    expect(events).toBe(2);
    expect((await run(['audit', '--verify', '--dir', node, '--known', `2:${hash}`])).code).toBe(0);
    const cut = await run(['audit', '--verify', '--dir', node, '--known', `3:${hash}`]);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain('cut back');
  });

  it('names the line that was edited', async () => {
    const path = auditPath(node);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('"grantee":"b"', '"grantee":"c"'));
    const { code, stderr } = await run(['audit', '--verify', '--dir', node]);
    writeFileSync(path, before);
    expect(code).toBe(1);
    expect(stderr).toContain('error AUDIT_BROKEN: the audit log is broken: line 2');
  });

  it('says when there is no log', async () => {
    const { code, stderr } = await run(['audit', '--dir', directory]);
    expect(code).toBe(2);
    expect(stderr).toContain('has no audit log');
  });
});
