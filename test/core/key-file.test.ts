import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { decodeKeyFile, encodeKeyFile, needsPassphrase, newNamedKey } from '../../src/core/key-file.js';

/** Cheap, for tests; the default costs 128 MiB. */
const LOG_COST = 10;
const key = newNamedKey('user', '山田');

describe('key file', () => {
  it('keeps a key in clear', async () => {
    const text = await encodeKeyFile(key, undefined);
    expect(needsPassphrase(text)).toBe(false);
    const read = await decodeKeyFile(text, 'user');
    expect(read.name).toBe('山田');
    expect(read.privateKey.reveal()).toEqual(key.privateKey.reveal());
    expect(read.publicKey).toEqual(key.publicKey);
  });

  it('keeps a key under a passphrase, without the key in the text', async () => {
    const text = await encodeKeyFile(key, 'パスワード 1', LOG_COST);
    expect(needsPassphrase(text)).toBe(true);
    expect(text).not.toContain(bytesToHex(key.privateKey.reveal()));
    const read = await decodeKeyFile(text, 'user', 'パスワード 1');
    expect(read.privateKey.reveal()).toEqual(key.privateKey.reveal());
    // the same characters typed in half width are the same passphrase (NFKC)
    await expect(decodeKeyFile(text, 'user', 'ﾊﾟｽﾜｰﾄﾞ 1')).resolves.toHaveProperty('name', '山田');
    await expect(decodeKeyFile(text, 'user', 'パスワード 2')).rejects.toThrow(/passphrase .* is wrong/);
    await expect(decodeKeyFile(text, 'user')).rejects.toThrow(/protected by a passphrase/);
  });

  it('binds the sealed key to name and owner', async () => {
    const text = await encodeKeyFile(key, 'x', LOG_COST);
    await expect(decodeKeyFile(text.replace('山田', '田中'), 'user', 'x')).rejects.toHaveProperty(
      'code',
      'KEY_INVALID',
    );
    await expect(decodeKeyFile(text, 'node', 'x')).rejects.toThrow(/key of a user, not of a node/);
    const forged = text.replace('"owner": "user"', '"owner": "node"');
    await expect(decodeKeyFile(forged, 'node', 'x')).rejects.toHaveProperty('code', 'KEY_INVALID');
  });

  it('notices a public key that is not the private one', async () => {
    const text = await encodeKeyFile(key, undefined);
    const other = text.replace(bytesToHex(key.publicKey), bytesToHex(newNamedKey('user', 'x').publicKey));
    await expect(decodeKeyFile(other, 'user')).rejects.toThrow(/do not belong together/);
  });

  it('refuses other texts without quoting them', async () => {
    const seed = 'deadbeef'.repeat(7);
    for (const text of [
      '',
      '{}',
      '[]',
      `{"warifu_private_key":1,"private_key":{"kind":"clear","seed":"${seed}"}}`,
    ]) {
      const refusal = await decodeKeyFile(text, 'user').catch((thrown: unknown) => thrown);
      expect(refusal).toHaveProperty('code', 'KEY_INVALID');
      expect(String(refusal)).not.toContain('deadbeef');
    }
    await expect(decodeKeyFile('x'.repeat(5000), 'user')).rejects.toThrow(/at most 4096/);
  });

  it('refuses costs that would take all memory', async () => {
    const text = (await encodeKeyFile(key, 'x', LOG_COST)).replace('"log_cost": 10', '"log_cost": 30');
    await expect(decodeKeyFile(text, 'user', 'x')).rejects.toThrow(/log_cost/);
  });

  it('opens what scrypt and ChaCha20-Poly1305 of node:crypto sealed', async () => {
    const { createCipheriv, scryptSync } = await import('node:crypto');
    const [salt, nonce] = [new Uint8Array(16).fill(1), new Uint8Array(12).fill(2)];
    const head = {
      algorithm: 'ed25519',
      name: '山田',
      owner: 'user',
      public_key: bytesToHex(key.publicKey),
      warifu_private_key: 1,
    };
    const wrapping = scryptSync('p', salt, 32, { N: 1024, r: 8, p: 1 });
    const cipher = createCipheriv('chacha20-poly1305', wrapping, nonce, { authTagLength: 16 });
    cipher.setAAD(Buffer.from(JSON.stringify(head)), { plaintextLength: 32 });
    const sealed = Buffer.concat([
      cipher.update(key.privateKey.reveal()),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const stored = {
      kind: 'passphrase',
      kdf: 'scrypt',
      log_cost: 10,
      salt: bytesToHex(salt),
      nonce: bytesToHex(nonce),
      sealed: sealed.toString('hex'),
    };
    const read = await decodeKeyFile(JSON.stringify({ ...head, private_key: stored }), 'user', 'p');
    expect(read.privateKey.reveal()).toEqual(key.privateKey.reveal());
    expect(hexToBytes(stored.sealed)).toHaveLength(48);
  });

  it.each(['', 'two words', '../x', 'a/b', 'x'.repeat(65), '-x'])('refuses the name %j', (name) => {
    expect(() => newNamedKey('user', name)).toThrow(/cannot be a name/);
  });
});
