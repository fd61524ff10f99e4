/**
 * A node's self-signed TLS certificate over its Ed25519 key. Nobody vouches for it: peers and clients know the
 * node by the pin, the SHA-256 of the public key in the cluster file.
 */
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { WarifuError } from '../../core/errors.js';
import type { NamedKey } from '../../core/key-file.js';
import type { SecretBytes } from '../../core/secret.js';

const VALID_YEARS = 2;
const SERIAL_BYTES = 16;
/** Clocks of the nodes may differ by this much; a new certificate must be valid at all of them at once. */
const BACKDATED_MS = 10 * 60 * 1000;
/** PKCS #8 of an Ed25519 key (RFC 8410) is this, followed by the 32-byte seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) is this, followed by the 32-byte key. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * A certificate with the node's name as subject, valid for two years.
 *
 * @param now milliseconds since 1970.
 * @returns PEM.
 */
export async function createCertificate(key: NamedKey, now: number): Promise<string> {
  // Loaded here only: it takes a third of a second, and certificates are made rarely. It needs the metadata first.
  await import('reflect-metadata');
  const { cryptoProvider, X509CertificateGenerator } = await import('@peculiar/x509');
  cryptoProvider.set(webcrypto);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  const pkcs8 = pkcs8Of(key.privateKey);
  const algorithm = { name: 'Ed25519' };
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  pkcs8.fill(0);
  const publicKey = await webcrypto.subtle.importKey('raw', key.publicKey.slice(), algorithm, true, [
    'verify',
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [key.name] }],
      notBefore: new Date(now - BACKDATED_MS),
      notAfter,
      keys: { privateKey, publicKey },
      signingAlgorithm: algorithm,
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** The private key as TLS wants it: PKCS #8 in PEM. Not for logs or files. */
export function privateKeyPem(privateKey: SecretBytes): string {
  const pkcs8 = pkcs8Of(privateKey);
  const lines = Buffer.from(pkcs8).toString('base64');
  pkcs8.fill(0);
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

/**
 * SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER), hex.
 *
 * @throws WarifuError CONFIG_INVALID when it is no certificate over an Ed25519 key signed by itself.
 */
export function certificatePin(pem: string): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new WarifuError('CONFIG_INVALID', 'a certificate is not readable PEM');
  }
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== 'ed25519' || !certificate.verify(publicKey)) {
    throw new WarifuError(
      'CONFIG_INVALID',
      'a certificate is not an Ed25519 certificate signed by its own key',
    );
  }
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The pin of a public key: SHA-256 of its SubjectPublicKeyInfo, hex. */
export function keyPin(publicKey: Uint8Array): string {
  return createHash('sha256').update(SPKI_HEAD).update(publicKey).digest('hex');
}

function pkcs8Of(privateKey: SecretBytes): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...PKCS8_HEAD, ...privateKey.reveal()]);
}

/** Random and positive (RFC 5280, 4.1.2.2): the first bit is 0 and the first byte is not. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
