import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cardText,
  clusterText,
  type NodeCard,
  parseCard,
  spokenFingerprint,
} from '../../../src/core/cluster-file.js';
import {
  certificatePin,
  createCertificate,
  keyPin,
  privateKeyPem,
} from '../../../src/server/identity/certificate.js';
import { createCluster, indexInCluster, parseCluster } from '../../../src/server/identity/cluster.js';
import {
  createCard,
  createNodeIdentity,
  loadNodeIdentity,
  type NodeIdentity,
  saveNodeIdentity,
} from '../../../src/server/identity/node-identity.js';

const NOW = Date.now();
let identities: NodeIdentity[] = [];
let cards: NodeCard[] = [];
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warifu-identity-'));
  identities = await Promise.all(['tokyo', '大阪', 'kyoto'].map((name) => createNodeIdentity(name, NOW)));
  cards = identities.map((identity, i) =>
    createCard(identity, { peer: `127.0.0.1:${7000 + i}`, client: `127.0.0.1:${7100 + i}` }),
  );
});
afterAll(() => rm(directory, { recursive: true }));

const at = <T>(list: readonly T[], i: number): T => {
  const value = list[i];
  if (value === undefined) throw new Error(`nothing at ${i}`);
  return value;
};

describe('node certificate', () => {
  it('is an Ed25519 certificate over the node key, valid now and for two years', () => {
    const { key, certificate } = at(identities, 1);
    const parsed = new X509Certificate(certificate);
    expect(parsed.subject).toBe('CN=大阪');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    const ours = createPublicKey(createPrivateKey(privateKeyPem(key.privateKey)));
    expect(parsed.publicKey.equals(ours)).toBe(true);
    expect(Date.parse(parsed.validFrom)).toBeLessThanOrEqual(NOW);
    const years = (Date.parse(parsed.validTo) - NOW) / (365.25 * 86_400_000);
    expect(years).toBeCloseTo(2, 2);
  });

  it('has the pin of the SubjectPublicKeyInfo as it stands in the certificate', () => {
    const { key, certificate } = at(identities, 0);
    const der = Buffer.from(certificate.replaceAll(/-----.*-----|\s/g, ''), 'base64');
    const head = Buffer.from('302a300506032b6570032100', 'hex');
    const spki = der.subarray(der.indexOf(head), der.indexOf(head) + 44);
    expect(spki.subarray(12)).toEqual(Buffer.from(key.publicKey));
    const digest = createHash('sha256').update(spki).digest('hex');
    expect(certificatePin(certificate)).toBe(digest);
    expect(keyPin(key.publicKey)).toBe(digest);
  });

  it('works for TLS 1.3 in both directions when pinned', async () => {
    const [server, client] = [at(identities, 0), at(identities, 2)];
    const listener = createServer({
      key: privateKeyPem(server.key.privateKey),
      cert: server.certificate,
      ca: [client.certificate],
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    });
    const accepted = new Promise<TLSSocket>((resolve) => listener.once('secureConnection', resolve));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    const socket = connect({
      port,
      host: '127.0.0.1',
      key: privateKeyPem(client.key.privateKey),
      cert: client.certificate,
      ca: [server.certificate],
      minVersion: 'TLSv1.3',
      checkServerIdentity: () => undefined,
    });
    const peer = await accepted;
    expect(peer.authorized).toBe(true);
    expect(peer.getProtocol()).toBe('TLSv1.3');
    expect(certificatePin(peer.getPeerX509Certificate()?.toString() ?? '')).toBe(at(cards, 2).pins[0]);
    socket.destroy();
    peer.destroy();
    listener.close();
  });

  it('of another algorithm or form is refused', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const other = await X509CertificateGenerator.createSelfSigned(
      { keys, signingAlgorithm: algorithm },
      webcrypto,
    );
    expect(() => certificatePin(other.toString('pem'))).toThrow(/not an Ed25519 certificate/);
    expect(() => certificatePin('hello')).toThrow(/not readable PEM/);
  });
});

describe('node identity on disk', () => {
  it('survives, private, and is not overwritten', async () => {
    const identity = at(identities, 0);
    await saveNodeIdentity(directory, identity, undefined);
    expect((await stat(join(directory, 'node-key.json'))).mode & 0o777).toBe(0o600);
    const loaded = await loadNodeIdentity(directory);
    expect(loaded.certificate).toBe(identity.certificate);
    expect(loaded.key.privateKey.reveal()).toEqual(identity.key.privateKey.reveal());
    await expect(saveNodeIdentity(directory, identity, undefined)).rejects.toThrow(/exists already/);
    await chmod(join(directory, 'node-key.json'), 0o640);
    await expect(loadNodeIdentity(directory)).rejects.toThrow(/mode 640\); run: chmod 600/);
  });

  it('notices a certificate of another key', async () => {
    const other = await mkdtemp(join(directory, 'n-'));
    await saveNodeIdentity(
      other,
      { ...at(identities, 0), certificate: at(identities, 1).certificate },
      undefined,
    );
    await expect(loadNodeIdentity(other)).rejects.toThrow(/not the certificate of the key/);
  });

  it('is absent from an empty directory', async () => {
    const empty = await mkdtemp(join(directory, 'e-'));
    await expect(loadNodeIdentity(empty)).rejects.toHaveProperty('code', 'FILE_MISSING');
  });
});

describe('cluster file', () => {
  it('is the same for all who read it, and changes with anything in it', () => {
    const cluster = createCluster(cards, { scheme: 'rep3' });
    const read = parseCluster(clusterText(cluster));
    expect(read).toEqual(cluster);
    expect(cluster.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(spokenFingerprint(cluster.fingerprint)).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
    expect(cluster.fingerprint.startsWith(spokenFingerprint(cluster.fingerprint).replaceAll(' ', ''))).toBe(
      true,
    );
    const reordered = createCluster([at(cards, 1), at(cards, 0), at(cards, 2)], { scheme: 'rep3' });
    const moved = createCluster([{ ...at(cards, 0), peer: '127.0.0.1:7999' }, at(cards, 1), at(cards, 2)], {
      scheme: 'rep3',
    });
    expect(new Set([cluster, reordered, moved].map(({ fingerprint }) => fingerprint)).size).toBe(3);
    // white space and the order of keys in the file do not matter
    const respelled = JSON.stringify(
      Object.fromEntries(Object.entries(JSON.parse(clusterText(cluster)) as object).reverse()),
    );
    expect(parseCluster(respelled).fingerprint).toBe(cluster.fingerprint);
  });

  it('tells a node its index', () => {
    const cluster = createCluster(cards, { scheme: 'rep3' });
    identities.forEach((identity, i) => {
      expect(indexInCluster(cluster, keyPin(identity.key.publicKey))).toBe(i);
    });
    expect(() => indexInCluster(cluster, '00'.repeat(32))).toThrow(/no node with this node's key/);
  });

  it('takes a second certificate, for renewal', async () => {
    const renewed = await createCertificate(at(identities, 0).key, NOW + 1000);
    const fresh = await createNodeIdentity('tokyo', NOW);
    const card = {
      ...at(cards, 0),
      certificates: [at(identities, 0).certificate, fresh.certificate],
      pins: [certificatePin(renewed), certificatePin(fresh.certificate)],
    };
    expect(createCluster([card, at(cards, 1), at(cards, 2)], { scheme: 'rep3' }).nodes[0]?.pins).toHaveLength(
      2,
    );
  });

  it.each<[string, (first: NodeCard, second: NodeCard) => Partial<NodeCard>, RegExp]>([
    ['a name twice', (_a, b) => ({ name: b.name }), /differ in every name, but '大阪' occurs twice/],
    ['a name twice but for case', () => ({ name: 'KYOTO' }), /every name/],
    ['a key twice', (_a, b) => ({ certificates: b.certificates, pins: b.pins }), /every key/],
    ['an address twice', (_a, b) => ({ peer: b.peer }), /every address/],
    ['one address for both ports', (a) => ({ client: a.peer }), /every address/],
    ['a pin of another key', () => ({ pins: ['00'.repeat(32)] }), /a pin that is not its certificate's/],
  ])('refuses %s', (_what, change, message) => {
    const [first, second, third] = [at(cards, 0), at(cards, 1), at(cards, 2)];
    const changed = { ...first, ...change(first, second) };
    expect(() => createCluster([changed, second, third], { scheme: 'rep3' })).toThrow(message);
  });

  it('has the scheme of its number of nodes, three or four', async () => {
    const identity = await createNodeIdentity('nara', NOW);
    const fourth = createCard(identity, { peer: '127.0.0.1:7990', client: '127.0.0.1:7991' });
    expect(createCluster(cards).scheme).toBe('rep3');
    const four = createCluster([...cards, fourth]);
    expect(four.scheme).toBe('rep4');
    expect(parseCluster(clusterText(four))).toEqual(four);
    expect(indexInCluster(four, keyPin(identity.key.publicKey))).toBe(3);
    expect(() => createCluster(cards.slice(1))).toThrow(/3 or 4 nodes, not 2/);
    expect(() => createCluster([...cards, fourth], { scheme: 'rep3' })).toThrow(/rep3 does not have 4 nodes/);
    const posing = clusterText(four).replace('"rep4"', '"rep3"');
    expect(() => parseCluster(posing)).toThrow(/rep3 does not have 4 nodes/);
  });

  it.each<[string, (data: Record<string, unknown>) => Record<string, unknown>]>([
    ['a later format', (data) => ({ ...data, warifu_card: 2 })],
    ['an unknown field', (data) => ({ ...data, note: 'x' })],
    ['a URL for an address', (data) => ({ ...data, peer: 'https://x:1' })],
    ['a port that is none', (data) => ({ ...data, peer: 'x:65536' })],
    ['no pin', (data) => ({ ...data, pins: [] })],
    ['a pin too many', (data) => ({ ...data, pins: ['00'.repeat(32), '11'.repeat(32)] })],
    ['a name of two words', (data) => ({ ...data, name: 'to kyo' })],
  ])('refuses a card with %s', (_what, change) => {
    const data = JSON.parse(cardText(at(cards, 0))) as Record<string, unknown>;
    expect(parseCard(JSON.stringify(data))).toEqual(cards[0]);
    expect(() => parseCard(JSON.stringify(change(data)))).toThrow(/the node card is not valid/);
  });
});
