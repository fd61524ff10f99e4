import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import type { TlsIdentity } from '../../../src/transport/sockets.js';

const DAY = 86_400_000;

/** A self-signed Ed25519 certificate, valid from and until so many days from now. */
export async function makeIdentity(name: string, fromDays = -1, untilDays = 30): Promise<TlsIdentity> {
  const keys = (await webcrypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() + fromDays * DAY),
      notAfter: new Date(Date.now() + untilDays * DAY),
      signingAlgorithm: { name: 'Ed25519' },
      keys,
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: PemConverter.encode(key, 'PRIVATE KEY'), certificate: certificate.toString('pem') };
}
