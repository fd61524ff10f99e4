import { createDecipheriv, hkdfSync, randomBytes, scryptSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Files } from '../../../src/server/store/files.js';
import { Vault, type VaultSecret } from '../../../src/server/store/vault.js';
import { SimulatedDisk } from './simulated-disk.js';

const ROOT = '/node';
const CHEAP = 10;
const secret: VaultSecret = { kind: 'passphrase', passphrase: 'パスワード one' };
const context = Buffer.from('place');

function fresh(): { disk: SimulatedDisk; files: Files } {
  const disk = new SimulatedDisk(ROOT);
  return { disk, files: new Files(disk, ROOT) };
}

async function keyJson(files: Files): Promise<Record<string, unknown>> {
  const bytes = await files.read('/node/key.json', 0, 9999);
  return JSON.parse(Buffer.from(bytes ?? []).toString()) as Record<string, unknown>;
}

async function rewrite(files: Files, change: (json: Record<string, unknown>) => void): Promise<void> {
  const json = await keyJson(files);
  change(json);
  await files.writeAtomically('/node/key.json', [Buffer.from(JSON.stringify(json))]);
}

describe('Vault', () => {
  it('opens again with the same passphrase, however its characters were composed', async () => {
    const { files } = fresh();
    const sealed = (await Vault.create(files, ROOT, secret, CHEAP))
      .sealer('a')
      .seal(context, Buffer.from('x'));
    for (const form of ['NFC', 'NFD', 'NFKC'] as const) {
      const typed: VaultSecret = { kind: 'passphrase', passphrase: 'パスワード one'.normalize(form) };
      const vault = await Vault.open(files, ROOT, typed);
      expect(vault.sealer('a').open(context, sealed)).toEqual(new Uint8Array(Buffer.from('x')));
    }
  });

  it('refuses a wrong passphrase, a wrong key and the wrong kind of secret', async () => {
    const { files } = fresh();
    await Vault.create(files, ROOT, secret, CHEAP);
    const wrong: VaultSecret[] = [
      { kind: 'passphrase', passphrase: 'other' },
      { kind: 'passphrase', passphrase: '' },
      { kind: 'key', key: randomBytes(32) },
    ];
    for (const tried of wrong) {
      await expect(Vault.open(files, ROOT, tried)).rejects.toMatchObject({ code: 'STORE_KEY' });
    }
    const other = fresh();
    const key = randomBytes(32);
    await Vault.create(other.files, ROOT, { kind: 'key', key });
    await Vault.open(other.files, ROOT, { kind: 'key', key });
    for (const tried of [randomBytes(32), randomBytes(31)]) {
      await expect(Vault.open(other.files, ROOT, { kind: 'key', key: tried })).rejects.toMatchObject({
        code: 'STORE_KEY',
      });
    }
    await expect(Vault.create(files, ROOT, secret, CHEAP)).rejects.toMatchObject({ code: 'STORE_KEY' });
  });

  it('stores the standard cost by default, and key.json is what the file head says', async () => {
    const { files } = fresh();
    const vault = await Vault.create(files, ROOT, secret);
    const json = (await keyJson(files)) as {
      wrapping: { log_cost: number; salt: string };
      wrapped_key: string;
    };
    expect(json.wrapping.log_cost).toBe(17);
    // Unwrapped by hand, from the documented construction alone.
    const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 + 2 ** 20 };
    const kek = scryptSync(
      'パスワード one'.normalize('NFKC'),
      Buffer.from(json.wrapping.salt, 'hex'),
      32,
      options,
    );
    const wrapped = Buffer.from(json.wrapped_key, 'hex');
    const decipher = createDecipheriv('aes-256-gcm', kek, wrapped.subarray(0, 12));
    decipher.setAAD(Buffer.from(`warifu data key ${JSON.stringify(json.wrapping)}`));
    decipher.setAuthTag(wrapped.subarray(44));
    const dataKey = Buffer.concat([decipher.update(wrapped.subarray(12, 44)), decipher.final()]);
    const derived = Buffer.from(hkdfSync('sha256', dataKey, '', 'warifu store 1 label', 32));
    const sealed = vault.sealer('label').seal(context, Buffer.from('hello'));
    const chunk = createDecipheriv('aes-256-gcm', derived, sealed.subarray(0, 12));
    chunk.setAAD(context).setAuthTag(sealed.subarray(sealed.length - 16));
    expect(chunk.update(sealed.subarray(12, sealed.length - 16)).toString()).toBe('hello');
    chunk.final();
    for (const clear of [dataKey, kek]) {
      expect(JSON.stringify(json)).not.toContain(clear.toString('hex'));
      expect(JSON.stringify(json)).not.toContain(clear.toString('base64'));
    }
  });

  it('refuses a newer format, and anything else in key.json', async () => {
    const { files } = fresh();
    await expect(Vault.open(files, ROOT, secret)).rejects.toMatchObject({ code: 'STORE_KEY' });
    await Vault.create(files, ROOT, secret, CHEAP);
    await rewrite(files, (json) => {
      json['warifu_key'] = 2;
      json['wrapping'] = 'unknown to us';
    });
    await expect(Vault.open(files, ROOT, secret)).rejects.toMatchObject({ code: 'STORE_FORMAT' });
    for (const damage of ['', '{', '[]', '{"warifu_key":1}', '\0'.repeat(300)]) {
      await files.writeAtomically('/node/key.json', [Buffer.from(damage)]);
      await expect(Vault.open(files, ROOT, secret)).rejects.toMatchObject({ code: 'STORE_KEY' });
    }
  });

  it('notices every changed parameter', async () => {
    for (const change of [{ log_cost: 11 }, { log_cost: 60 }, { salt: '00'.repeat(16) }]) {
      const { files } = fresh();
      await Vault.create(files, ROOT, secret, CHEAP);
      await rewrite(files, (json) => Object.assign(json['wrapping'] as object, change));
      await expect(Vault.open(files, ROOT, secret)).rejects.toMatchObject({ code: 'STORE_KEY' });
    }
  });

  it('opens nothing whose bytes, context or label differ', () => {
    const vault = Vault.ephemeral();
    const plain = randomBytes(40);
    const sealed = vault.sealer('a').seal(context, plain);
    expect(Buffer.from(vault.sealer('a').open(context, sealed) ?? [])).toEqual(plain);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      expect(vault.sealer('a').open(context, changed)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(vault.sealer('a').open(context, sealed.subarray(0, length))).toBeUndefined();
    }
    expect(vault.sealer('b').open(context, sealed)).toBeUndefined();
    expect(vault.sealer('a').open(Buffer.from('plac'), sealed)).toBeUndefined();
    expect(Vault.ephemeral().sealer('a').open(context, sealed)).toBeUndefined();
    expect(Buffer.compare(sealed, vault.sealer('a').seal(context, plain))).not.toBe(0);
  });

  it('shows no key when printed, and serves no more once wiped', async () => {
    const { files } = fresh();
    const key = randomBytes(32);
    const vault = await Vault.create(files, ROOT, { kind: 'key', key });
    expect(inspect(vault, { showHidden: true, depth: 9 })).not.toContain(key.toString('hex').slice(0, 8));
    expect(JSON.stringify(vault)).toBe('{}');
    vault.wipe();
    expect(() => vault.sealer('a')).toThrow(TypeError);
  });
});
