import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { Pins, publicKeyPin } from '../../src/transport/pins.js';
import { makeIdentity } from './support/certificates.js';

/** The pin as openssl and sha256sum make it; undefined where openssl is not installed. */
function pinByOpenssl(pem: string): string | undefined {
  const script = 'openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum';
  try {
    return execFileSync('sh', ['-c', script], { input: pem, stdio: ['pipe', 'pipe', 'ignore'] })
      .toString()
      .slice(0, 64);
  } catch {
    return undefined;
  }
}

test('a pin is the SHA-256 of the public key', async () => {
  const { certificate } = await makeIdentity('node');
  const pin = publicKeyPin(new X509Certificate(certificate));
  expect(pin).toMatch(/^[0-9a-f]{64}$/);
  expect(pin).toBe(pinByOpenssl(certificate) ?? pin);
});

test('pins name the node, and are one or two for each', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => makeIdentity(name)));
  const [first, second, third] = [a, b, c].map((identity) => identity?.certificate ?? '') as [
    string,
    string,
    string,
  ];
  const pins = new Pins([
    { node: 1, certificates: [first, second] },
    { node: 2, certificates: [third] },
  ]);
  expect([first, second, third].map((pem) => pins.nodeOf(new X509Certificate(pem)))).toEqual([1, 1, 2]);
  const stranger = await makeIdentity('a');
  expect(pins.nodeOf(new X509Certificate(stranger.certificate))).toBeUndefined();

  expect(() => new Pins([{ node: 1, certificates: [] }])).toThrow('has 0 pinned certificates');
  expect(() => new Pins([{ node: 1, certificates: [first, second, third] }])).toThrow('has 3');
  expect(() => new Pins([{ node: 1, certificates: ['-----BEGIN'] }])).toThrow('not readable PEM');
  expect(
    () =>
      new Pins([
        { node: 1, certificates: [first] },
        { node: 2, certificates: [first] },
      ]),
  ).toThrow('nodes 1 and 2 have the same public key');
});
