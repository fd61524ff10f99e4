import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newNamedKey } from '../../../src/core/key-file.js';
import { EnrolledUsers, parseUsers } from '../../../src/server/users/enrolled-users.js';
import { readPrivateFile, writeNewFile } from '../../../src/server/users/key-storage.js';
import { UserFile } from '../../../src/server/users/user-file.js';
import { parseUserKeyLine, userKeyLine } from '../../../src/server/users/user-key-line.js';
import { codeOf } from '../../query/request-fixtures.js';

const NOW = Date.UTC(2026, 10, 22);
const ann = newNamedKey('user', 'ann');
const bob = newNamedKey('user', 'bob');
const none = new EnrolledUsers([]);
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warifu-users-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('public key line', () => {
  it('goes to an operator and back', () => {
    const line = userKeyLine({ name: '山田', publicKey: ann.publicKey });
    expect(line).toMatch(/^warifu-user ed25519 山田 [A-Za-z0-9+/]{43}=$/);
    expect(parseUserKeyLine(` ${line}\r\n`)).toEqual({ name: '山田', publicKey: ann.publicKey });
  });

  const key = Buffer.from(ann.publicKey).toString('base64');
  it.each([
    '',
    key,
    `warifu-user ed25519 ann`,
    `warifu-user ed25519 ann ${key} extra`,
    `warifu-user rsa ann ${key}`,
    `warifu-user ed25519 a/b ${key}`,
    `warifu-user ed25519 ann ${key.slice(1)}`,
    `warifu-user ed25519 ann ${key.replace('=', '')}`,
    // the identity element: one signature fits every message
    `warifu-user ed25519 ann ${Buffer.from([1, ...new Uint8Array(31)]).toString('base64')}`,
    `warifu-user ed25519 ann ${Buffer.alloc(32, 255).toString('base64')}`,
  ])('refuses %j', (line) => {
    expect(codeOf(() => parseUserKeyLine(line))).toBe('KEY_INVALID');
  });
});

describe('enrolled users', () => {
  it('are known by name, with key and roles, until revoked', () => {
    const users = none.enrol(ann, ['provider', 'analyst'], NOW).enrol(bob, ['analyst'], NOW);
    expect(users.publicKeyOf('ann')).toEqual(ann.publicKey);
    expect(users.rolesOf('ann')).toEqual(['provider', 'analyst']);
    expect(users.publicKeyOf('carol')).toBeUndefined();
    expect(users.rolesOf('constructor')).toBeUndefined();
    const later = users.revoke('ann', NOW + 1000);
    expect(later.publicKeyOf('ann')).toBeUndefined();
    expect(later.rolesOf('ann')).toBeUndefined();
    expect(later.rolesOf('bob')).toEqual(['analyst']);
    expect(later.records.find(({ name }) => name === 'ann')?.revoked).toBe('2026-11-22T00:00:01.000Z');
    expect(codeOf(() => later.revoke('ann', NOW))).toBe('NOT_ENROLLED');
  });

  it('can change roles, or come back, with the same key only', () => {
    const users = none
      .enrol(ann, ['analyst'], NOW)
      .revoke('ann', NOW)
      .enrol(ann, ['provider'], NOW + 1);
    expect(users.rolesOf('ann')).toEqual(['provider']);
    expect(users.records).toHaveLength(1);
    expect(() => users.enrol({ ...bob, name: 'ann' }, ['analyst'], NOW)).toThrow(/is another key's here/);
    expect(() => users.revoke('ann', NOW).enrol({ ...bob, name: 'ann' }, ['analyst'], NOW)).toThrow(
      /another key's/,
    );
    expect(() => users.enrol({ ...bob, name: 'Ann' }, ['analyst'], NOW)).toThrow(/another key's/);
    expect(() => users.enrol({ ...ann, name: 'anne' }, ['analyst'], NOW)).toThrow(
      /enrolled already, under the name 'ann'/,
    );
    expect(codeOf(() => users.enrol(bob, [], NOW))).toBe('USAGE');
  });

  it('survive the file', () => {
    const users = none
      .enrol(ann, ['provider'], NOW)
      .enrol(bob, ['analyst'], NOW)
      .revoke('bob', NOW + 5);
    expect(parseUsers(users.toText()).records).toEqual(users.records);
  });

  it.each<[string, (text: string) => string]>([
    ['no JSON', () => '{'],
    ['a later format', (text) => text.replace('"warifu_users": 1', '"warifu_users": 2')],
    ['an unknown role', (text) => text.replace('"provider"', '"root"')],
    ['no roles', (text) => text.replace(/\[\s+"provider"\s+\]/, '[]')],
    ['a time that is none', (text) => text.replace('2026-11-22T00:00:00.000Z', 'yesterday')],
    [
      'a key twice',
      (text) =>
        text.replace(
          /"users": \[([^]*)\n {2}\]/,
          (_all, user) => `"users": [${user},${user.replace('ann', 'bea')}]`,
        ),
    ],
  ])('are not read from a file with %s', (_what, change) => {
    const text = none.enrol(ann, ['provider'], NOW).toText();
    expect(parseUsers(text).records).toHaveLength(1);
    expect(change(text)).not.toBe(text);
    expect(codeOf(() => parseUsers(change(text)))).toBe('CONFIG_INVALID');
  });
});

describe('user file', () => {
  it('is changed by one process and noticed by another', async () => {
    const node = new UserFile(directory);
    const command = new UserFile(directory);
    expect((await node.read()).records).toHaveLength(0);
    await command.change((users) => users.enrol(ann, ['analyst'], NOW));
    expect((await node.read()).rolesOf('ann')).toEqual(['analyst']);
    await command.change((users) => users.revoke('ann', NOW));
    expect((await node.read()).rolesOf('ann')).toBeUndefined();
    expect((await stat(join(directory, 'users', 'users.json'))).mode & 0o777).toBe(0o600);
  });

  it('loses no enrolment when commands run at the same time', async () => {
    const home = await mkdtemp(join(directory, 'n-'));
    const keys = Array.from({ length: 8 }, (_, i) => newNamedKey('user', `user${i}`));
    await Promise.all(
      keys.map((key) => new UserFile(home).change((users) => users.enrol(key, ['analyst'], NOW))),
    );
    expect((await new UserFile(home).read()).records).toHaveLength(8);
  });

  it('stays as it was, and unlocked, when a change is refused', async () => {
    const home = await mkdtemp(join(directory, 'n-'));
    const file = new UserFile(home);
    await file.change((users) => users.enrol(ann, ['analyst'], NOW));
    await expect(file.change((users) => users.revoke('carol', NOW))).rejects.toHaveProperty(
      'code',
      'NOT_ENROLLED',
    );
    expect((await file.change((users) => users.enrol(bob, ['analyst'], NOW))).records).toHaveLength(2);
  });

  it('lets nobody in when it is damaged', async () => {
    const home = await mkdtemp(join(directory, 'n-'));
    const file = new UserFile(home);
    await file.change((users) => users.enrol(ann, ['analyst'], NOW));
    await file.read();
    await writeFile(join(home, 'users', 'users.json'), '{"warifu_users":1,"users":[{}]}');
    await expect(file.read()).rejects.toHaveProperty('code', 'CONFIG_INVALID');
    await expect(file.read()).rejects.toHaveProperty('code', 'CONFIG_INVALID');
  });
});

describe('private files', () => {
  it('are made once, for their owner alone', async () => {
    const path = join(directory, 'ann.key');
    await writeNewFile(path, 'secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readPrivateFile(path)).toBe('secret');
    await expect(writeNewFile(path, 'other')).rejects.toThrow(/exists already and is not overwritten/);
    expect(await readFile(path, 'utf8')).toBe('secret');
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o620, 0o610])('are refused with mode %o', async (mode) => {
    const path = join(directory, `mode-${mode}.key`);
    await writeNewFile(path, 'secret');
    await chmod(path, mode);
    await expect(readPrivateFile(path)).rejects.toHaveProperty('code', 'KEY_INVALID');
    await expect(readPrivateFile(path)).rejects.toThrow(/chmod 600/);
  });

  it('are refused when missing, a directory, too large, or a link to one that others can read', async () => {
    await expect(readPrivateFile(join(directory, 'none'))).rejects.toHaveProperty('code', 'FILE_MISSING');
    await mkdir(join(directory, 'folder'), { mode: 0o700 });
    await expect(readPrivateFile(join(directory, 'folder'))).rejects.toThrow(/is not a file/);
    await writeNewFile(join(directory, 'large'), 'x'.repeat(5000));
    await expect(readPrivateFile(join(directory, 'large'))).rejects.toThrow(/5000 bytes/);
    await writeFile(join(directory, 'open'), 'x', { mode: 0o644 });
    await symlink(join(directory, 'open'), join(directory, 'link'));
    await expect(readPrivateFile(join(directory, 'link'))).rejects.toThrow(/can be read by others/);
    await expect(writeNewFile(join(directory, 'no', 'such'), 'x')).rejects.toHaveProperty(
      'code',
      'FILE_MISSING',
    );
  });
});
