/**
 * Who lies, at which step, and who notices: each with its own error, and no log holds a share, key or value.
 * What happens inside protocols is in test/protocols/robustness.test.ts, the ports alone in their own tests.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { CONNECTION_LIMITS } from '../../src/client/connection-limits.js';
import { nodesOf } from '../../src/client/node-address.js';
import { errorOf as errorOfReply, NodeConnection } from '../../src/client/node-connection.js';
import { grantTable, setTableSettings } from '../../src/client/owner/orders.js';
import { describeTable, listTables } from '../../src/client/owner/tables.js';
import type { NodeIndex, PartIndex } from '../../src/core/scheme.js';
import { newRequest, signRequest } from '../../src/query/request-envelope.js';
import { decodeManifest } from '../../src/query/request-manifest.js';
import { CLIENT_PATH } from '../../src/query/request-wire.js';
import { privateKeyPem } from '../../src/server/identity/certificate.js';
import { createNodeIdentity } from '../../src/server/identity/node-identity.js';
import type { SliceVersion } from '../../src/server/store/catalogue.js';
import { ChunkStore } from '../../src/server/store/chunks.js';
import { nodeDisk } from '../../src/server/store/disk.js';
import { Files } from '../../src/server/store/files.js';
import { NodeStore } from '../../src/server/store/node-store.js';
import { Vault } from '../../src/server/store/vault.js';
import { checkCommitments } from '../../src/server/work/check-upload.js';
import { clientOf, codeOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { type Lies, upload, uploadIn } from './support/test-provider.js';

let nodes: LocalNodes;
let hana: ClusterClient;
let ana: ClusterClient;
const logged: string[] = [];
const ROWS = patients(100, 'attacks');
const HONEST = randomBytes(16).toString('hex');
const SECRET = new Uint8Array(randomBytes(32));
const SUM = 'SELECT SUM(age), COUNT(*) FROM patients';

beforeAll(async () => {
  const write = (fields: object, message: string): void => {
    logged.push(`${JSON.stringify(fields)} ${message}`);
  };
  nodes = await localNodes({
    ephemeral: false,
    change: () => ({ log: { info: write, warn: write, error: write } }),
  });
  hana = clientOf(nodes, nodes.user('hana', 'provider'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
  await upload(hana, {
    table: 'patients',
    slice: 'honest',
    version: HONEST,
    schema: SCHEMA,
    rows: ROWS,
    secret: SECRET,
  });
  await grantTable(hana, 'patients', 'ana');
  await setTableSettings(hana, 'patients', { minCount: 1 });
});
afterAll(() => nodes.close());

async function rowsVisible(): Promise<number> {
  const [entry] = await listTables(ana);
  return entry?.rows ?? 0;
}

const other = { table: 'patients', slice: 'other', schema: SCHEMA, rows: patients(70, 'other') };

describe('a lying client', () => {
  const flip = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const onlyAt = (node: number, part: number, bend: (bytes: Uint8Array) => Uint8Array): Lies => ({
    frame: (frame) =>
      frame.node === node && frame.part === part
        ? { ...frame, sections: frame.sections.map((one) => ({ ...one, payload: bend(one.payload) })) }
        : frame,
  });

  test.each<[string, string, Lies]>([
    [
      'another copy of the explicit part for one node',
      'COMMITMENT_MISMATCH',
      onlyAt(0, 0, (bytes) => flip(bytes, 0)),
    ],
    ['another seed of a part for one node', 'COMMITMENT_MISMATCH', onlyAt(2, 2, (bytes) => flip(bytes, 7))],
    [
      'another salt for one node',
      'COMMITMENT_MISMATCH',
      {
        frame: (frame) =>
          frame.node === 1
            ? { ...frame, sections: frame.sections.map((one) => ({ ...one, salt: flip(one.salt, 3) })) }
            : frame,
      },
    ],
    [
      'another manifest for each node',
      'REQUEST_INVALID',
      { commitments: (node, list) => (node === 1 ? flip(list, 40) : list) },
    ],
    [
      'a value outside its range',
      'UPLOAD_CHECK_FAILED',
      { values: (column, encoded) => (column.name === 'age' ? encoded.with(1, 121n) : encoded) },
    ],
    [
      'a value that wraps to one in the range',
      'UPLOAD_CHECK_FAILED',
      { values: (column, encoded) => (column.name === 'age' ? encoded.with(1, (1n << 63n) + 5n) : encoded) },
    ],
  ])('%s: %s, nothing is stored, and the same command with good data works', async (_, code, lies) => {
    const before = await rowsVisible();
    expect(await codeOf(upload(hana, other, lies))).toBe(code);
    expect(await rowsVisible()).toBe(before);
    await upload(hana, other);
    expect(await rowsVisible()).toBe(before + 70);
    await hana.request({ kind: 'drop', table: 'patients', slice: 'other' });
  });

  test('a commit whose manifest never came is refused', async () => {
    const session = await hana.open();
    const version = randomBytes(16).toString('hex');
    const stop = new Error('no commit');
    await uploadIn(hana, session, { ...other, version }, { beforeCommit: () => Promise.reject(stop) }).catch(
      (thrown: unknown) => expect(thrown).toBe(stop),
    );
    // A commit whose manifest never came.
    const body = { kind: 'upload-commit', table: 'patients', slice: 'other', version } as const;
    expect(await codeOf(session.request({ ...body, manifest_digest: 'a'.repeat(64) }))).toBe(
      'REQUEST_INVALID',
    );
    session.close();
  });

  test('a chunk of other content under the same version is refused: a resumed upload cannot change', async () => {
    const version = randomBytes(16).toString('hex');
    const stop = new Error('lost');
    const secret = new Uint8Array(randomBytes(32));
    const part = { ...other, version, secret };
    await upload(hana, part, { beforeCommit: () => Promise.reject(stop) }).catch(() => undefined);
    const edited = other.rows.with(3, { ...(other.rows[3] as (typeof other.rows)[0]), age: '7' });
    const changed =
      other.rows[3]?.age === '7' ? other.rows.with(3, { ...edited[3], age: '8' } as never) : edited;
    expect(await codeOf(upload(hana, { ...part, rows: changed }))).toBe('CHUNK_DIFFERS');
    // The very same goes on.
    await upload(hana, part);
    await hana.request({ kind: 'drop', table: 'patients', slice: 'other' });
  });

  test('frames of another one’s upload, without a begun upload, or for another node are not stored', async () => {
    const eve = clientOf(nodes, nodes.user('eve', 'provider'));
    expect(await codeOf(upload(eve, other))).toBe('NOT_ALLOWED');
    const misaddressed: Lies = {
      frame: (frame) => ({ ...frame, node: ((frame.node + 1) % 3) as NodeIndex }),
    };
    expect(await codeOf(upload(hana, other, misaddressed))).toBe('REQUEST_MISADDRESSED');
    const notHeld: Lies = { frame: (frame) => ({ ...frame, part: ((frame.part + 1) % 3) as PartIndex }) };
    expect(await codeOf(upload(hana, other, notHeld))).toBe('REQUEST_MISADDRESSED');
    const beyond: Lies = { frame: (frame) => ({ ...frame, chunk: frame.chunk + 5 }) };
    expect(await codeOf(upload(hana, other, beyond))).toBe('REQUEST_INVALID');
  });
});

describe('altered on its way', () => {
  test('a part between client and node: its signature does not hold', async () => {
    for (const at of [200, 400]) {
      const error = await errorOf(
        upload(hana, other, {
          frameBytes: (frame, bytes) => {
            if (frame.node !== 1) return bytes;
            const copy = bytes.slice();
            const place = copy.length - at;
            copy[place] = (copy[place] ?? 0) ^ 4;
            return copy;
          },
        }),
      );
      expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
      expect(error.message).toMatch(/signature|section|beta/);
    }
  });

  test('an answer by a lying node: the copies differ, and nothing is shown', async () => {
    for (const liar of [0, 1, 2]) {
      const bent = Object.create(ana, {
        request: {
          value: async (...args: Parameters<ClusterClient['request']>) => {
            const replies = await ana.request(...args);
            const { attachment } = replies[liar]?.reply ?? { attachment: new Uint8Array() };
            attachment[0] = (attachment[0] ?? 0) ^ 1;
            return replies;
          },
        },
      }) as ClusterClient;
      const error = await errorOf(runQuery(bent, SUM));
      expect(error).toMatchObject({ code: 'COPIES_DIFFER' });
    }
  });
});

/** Asks as the analyst does, but keeps the envelope: what each node sees. */
async function captured(
  client: ClusterClient,
  sql: string,
): Promise<{ envelope: Uint8Array; codes: string[] }> {
  const { request, replyKey } = newRequest(
    { cluster: nodes.cluster.fingerprint, user: client.user.name, now: Date.now() },
    { kind: 'query', sql, explain: false, id: randomBytes(16).toString('hex') },
  );
  const envelope = signRequest(request, client.user.privateKey);
  const codes = await sendAll(envelope, (connection) => connection.request(envelope, replyKey));
  return { envelope, codes };
}

async function sendAll(
  envelope: Uint8Array,
  ask: (connection: NodeConnection) => ReturnType<NodeConnection['request']>,
): Promise<string[]> {
  expect(envelope.length).toBeGreaterThan(0);
  const connections = await open();
  const codes = await Promise.all(
    connections.map(async (connection) => {
      try {
        return errorOfReply(await ask(connection))?.code ?? 'no error';
      } catch (thrown) {
        return String((thrown as { code: unknown }).code);
      }
    }),
  );
  for (const connection of connections) connection.fail(new Error('done') as never);
  return codes;
}

async function open(): Promise<NodeConnection[]> {
  const all = nodesOf(nodes.cluster);
  const common = { all, cluster: nodes.cluster.fingerprint, limits: CONNECTION_LIMITS, now: Date.now };
  return await Promise.all(all.map((known) => NodeConnection.open({ ...common, known })));
}

describe('requests', () => {
  const keyOf = (): ReturnType<typeof newRequest>['replyKey'] =>
    newRequest({ cluster: nodes.cluster.fingerprint, user: 'ana', now: Date.now() }, { kind: 'tables' })
      .replyKey;

  test('replayed: refused at every node', async () => {
    const { envelope } = await captured(ana, SUM);
    const codes = await sendAll(envelope, (connection) => connection.request(envelope, keyOf()));
    expect(codes).toEqual(['REQUEST_REPLAYED', 'REQUEST_REPLAYED', 'REQUEST_REPLAYED']);
  });

  test('a node passes an analyst’s query on to its peers, which have not seen it: sealed replies, not for it', async () => {
    const { request } = newRequest(
      { cluster: nodes.cluster.fingerprint, user: 'ana', now: Date.now() },
      { kind: 'query', sql: SUM, explain: false, id: randomBytes(16).toString('hex') },
    );
    const envelope = signRequest(request, ana.user.privateKey);
    // Without the analyst's reply key nothing that comes back can be opened.
    const codes = await sendAll(envelope, (connection) => connection.request(envelope, keyOf()));
    for (const code of codes) expect(['REQUEST_INVALID', 'PEER_MISBEHAVED', 'MESSAGE_FORM']).toContain(code);
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });

  test('expired, of the future, for another cluster, of a stranger, with another’s key', async () => {
    const MINUTE = 60_000;
    for (const shift of [-6 * MINUTE, 6 * MINUTE]) {
      const client = clientOf(nodes, ana.user, () => Date.now() + shift);
      const error = await errorOf(client.request({ kind: 'tables' }));
      expect(error).toMatchObject({
        code: expect.stringMatching(/REQUEST_EXPIRED|HANDSHAKE_CERTIFICATE/) as string,
      });
    }
    const codeFor = async (cluster: string, user: string): Promise<string[]> => {
      const { request, replyKey } = newRequest({ cluster, user, now: Date.now() }, { kind: 'tables' });
      const envelope = signRequest(request, ana.user.privateKey);
      return await sendAll(envelope, (connection) => connection.request(envelope, replyKey));
    };
    expect(new Set(await codeFor('f'.repeat(64), 'ana'))).toEqual(new Set(['REQUEST_MISADDRESSED']));
    expect(new Set(await codeFor(nodes.cluster.fingerprint, 'nobody'))).toEqual(new Set(['NOT_ENROLLED']));
    expect(new Set(await codeFor(nodes.cluster.fingerprint, 'hana'))).toEqual(new Set(['REQUEST_INVALID']));
  });
});

describe('the ports', () => {
  const peerPort = (): number => nodes.nodes[1]?.peerPort ?? 0;
  const clientPort = (): number => nodes.nodes[1]?.clientPort ?? 0;

  /** How a TLS connection to the peer port ends. */
  function ending(socket: TLSSocket): Promise<string> {
    return new Promise((resolve) => {
      let said = '';
      socket.on('data', (bytes: Buffer) => {
        said += bytes.toString('latin1');
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said));
      socket.on('secureConnect', () => socket.write('GET /warifu-peer HTTP/1.1\r\nhost: x\r\n\r\n'));
    });
  }

  test('a client on the peer port, and a self-made certificate there, are refused at once', async () => {
    const self = await createNodeIdentity('alpha', Date.now());
    const tls = { key: privateKeyPem(self.key.privateKey), cert: self.certificate };
    for (const credentials of [{}, tls]) {
      const socket = connect({
        host: '127.0.0.1',
        port: peerPort(),
        rejectUnauthorized: false,
        ...credentials,
      });
      expect(await ending(socket)).toMatch(/^$|^HTTP\/1\.1 403[^]*HANDSHAKE_CERTIFICATE/);
    }
    expect(logged.some((line) => line.includes('HANDSHAKE_CERTIFICATE'))).toBe(true);
  });

  test('an oversized frame and garbage on the client port end the connection, not the node', async () => {
    const url = `wss://127.0.0.1:${clientPort()}${CLIENT_PATH}`;
    for (const message of [Buffer.alloc(17 * 2 ** 20), Buffer.from([99, 1, 2, 3]), Buffer.alloc(0), 'text']) {
      const socket = new WebSocket(url, { rejectUnauthorized: false });
      const code = await new Promise<number>((resolve) => {
        socket.on('error', () => undefined);
        socket.on('open', () => socket.send(message));
        socket.on('close', resolve);
      });
      expect([1006, 1008, 1009]).toContain(code);
    }
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });

  test('bytes that are no TLS do no harm at either port', async () => {
    const { connect: plain } = await import('node:net');
    for (const port of [peerPort(), clientPort()]) {
      await new Promise<void>((resolve) => {
        const socket = plain(port, '127.0.0.1', () => socket.write(randomBytes(4096)));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    }
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });
});

describe('altered on disk', () => {
  /** The chunk files of the honest slice at a node. */
  async function chunkFiles(node: number): Promise<string[]> {
    const directory = join(nodes.directories[node] as string, 'chunks', HONEST);
    return (await readdir(directory)).toSorted().map((name) => join(directory, name));
  }

  test('a flipped byte: CHUNK_DAMAGED naming the place and the node, no answer; mended, all is well', async () => {
    const path = (await chunkFiles(1))[0] as string;
    const bytes = await readFile(path);
    const bent = Buffer.from(bytes);
    bent[bent.length - 40] = (bent[bent.length - 40] ?? 0) ^ 1;
    for (const at of [bent.length - 40, 300]) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      await writeFile(path, copy);
      const error = await errorOf(
        runQuery(
          ana,
          'SELECT SUM(age), AVG(weight), SUM(bill), COUNT(smoker), COUNT(*) FROM patients GROUP BY sex',
        ),
      );
      expect(error).toMatchObject({ code: 'CHUNK_DAMAGED' });
      expect(error.message).toMatch(/table 'patients', slice 'honest', column \d/);
      expect(error.message).toContain('beta');
    }
    await writeFile(path, bytes);
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });

  /**
   * Whoever has a node's store key can seal other content, and is then that node: the sum may come out wrong, which
   * three semi-honest nodes do not promise to notice. What remains is the client's signed list of commitments, kept
   * beside the data, which no node can make: any check against it (at the commit, at a recovery, by an auditor)
   * names the place.
   */
  test('other content under a valid key: the list that the client signed gives it away', async () => {
    const node = 1;
    const directory = nodes.directories[node] as string;
    const secret = { kind: 'key', key: new Uint8Array(32).fill(node + 1) } as const;
    const held = [1, 2] as const;
    await nodes.stop(node);
    const path = (await chunkFiles(node))[0] as string;
    const before = await readFile(path);
    const vault = await Vault.open(new Files(nodeDisk, directory), directory, secret);
    const chunks = new ChunkStore(new Files(nodeDisk, directory), join(directory, 'chunks'), vault);
    const place = { table: 'patients', slice: 'honest', version: HONEST, part: 1 as PartIndex, chunk: 0 };
    const sections = [];
    for (const [column, { nullable }] of SCHEMA.columns.entries()) {
      for (const kind of nullable ? (['values', 'validity'] as const) : (['values'] as const)) {
        sections.push(await chunks.get(place, { column, kind }));
      }
    }
    await chunks.removeChunk(HONEST, place);
    const [first] = sections;
    if (first === undefined) throw new Error('the chunk has no sections');
    first.payload[0] = (first.payload[0] ?? 0) ^ 1;
    await chunks.put(place, sections);
    vault.wipe();
    const store = await NodeStore.open({ directory, secret, parts: held });
    const manifest = decodeManifest((await store.catalogue.manifest(HONEST)) ?? new Uint8Array(), (user) =>
      user === 'hana' ? hana.user.publicKey : undefined,
    );
    const slice = (await store.catalogue.version(HONEST)) as SliceVersion;
    await expect(checkCommitments({ store, held }, slice, manifest)).rejects.toMatchObject({
      code: 'COMMITMENT_MISMATCH',
      details: { column: 0, part: 1, chunk: 0 },
    });
    await writeFile(path, before);
    await checkCommitments({ store, held }, slice, manifest);
    store.close();
    await nodes.start(node);
    await Promise.all(nodes.nodes.map((one) => one.whenLinked(10_000)));
    expect(await codeOf(runQuery(ana, SUM))).toBe('no error');
  });
});

test('no log holds a seed, a key or a value of what was attacked', async () => {
  const audits = await Promise.all(nodes.directories.map((one) => readFile(join(one, 'audit.log'), 'utf8')));
  const everything = [...audits, ...logged].join('\n');
  expect(everything).toContain('COMMITMENT_MISMATCH');
  expect(everything).toContain('UPLOAD_CHECK_FAILED');
  const secrets = [SECRET, hana.user.privateKey.reveal(), ana.user.privateKey.reveal()];
  for (const { key } of nodes.identities) secrets.push(key.privateKey.reveal());
  for (const bytes of secrets) {
    for (const form of ['hex', 'base64'] as const) {
      expect(everything).not.toContain(Buffer.from(bytes).toString(form).slice(0, 20));
    }
  }
  for (const { bill } of ROWS) expect(everything).not.toContain(bill as string);
  expect((await describeTable(ana, 'patients')).rows).toBe(100);
});
