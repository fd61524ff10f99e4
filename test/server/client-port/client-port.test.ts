import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ByteWriter } from '../../../src/core/bytes.js';
import { type NamedKey, newNamedKey } from '../../../src/core/key-file.js';
import type { RequestBody } from '../../../src/query/request.js';
import { newRequest, requestDigest, signRequest } from '../../../src/query/request-envelope.js';
import { encodeManifest, Manifest, manifestDigest } from '../../../src/query/request-manifest.js';
import { type ReplyKey, ReplyOpener } from '../../../src/query/request-seal.js';
import { encodeUploadFrame, type UploadFrame } from '../../../src/query/request-upload-frame.js';
import { CLIENT_PATH, decodeReplyMessage, MAX_WIRE_MESSAGE } from '../../../src/query/request-wire.js';
import type { ClientPortLimits } from '../../../src/server/client-port/limits.js';
import type { RequestHandler } from '../../../src/server/client-port/request-handler.js';
import { gate, handler, TestCluster } from '../../client/support/test-cluster.js';

const open = new Set<{ destroy(): void }>();
let running: TestCluster | undefined;

async function start(node0: RequestHandler, limits: Partial<ClientPortLimits> = {}): Promise<TestCluster> {
  running = await TestCluster.start({ handlers: [node0], limits });
  return running;
}

afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  await running?.stop();
});

const echo = handler(({ request }) => ({ data: request.kind }));

function portOf({ cluster }: TestCluster): number {
  return Number(cluster.nodes[0]!.client.split(':')[1]);
}

async function tlsSocket(test: TestCluster): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port: portOf(test), rejectUnauthorized: false });
  open.add(socket);
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error('closed')));
  });
  return socket;
}

/** A client that speaks raw messages. */
class RawClient {
  readonly webSocket: WebSocket;
  readonly messages: Buffer[] = [];
  closed: number | undefined;

  static async connect(test: TestCluster, path = CLIENT_PATH): Promise<RawClient> {
    const socket = await tlsSocket(test);
    const webSocket = new WebSocket(`ws://node${path}`, { createConnection: () => socket });
    const client = new RawClient(webSocket);
    await new Promise((resolve, reject) => {
      webSocket.once('open', resolve);
      webSocket.on('error', reject);
    });
    return client;
  }

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data) => this.messages.push(data as Buffer));
    webSocket.on('close', (code) => {
      this.closed = code;
    });
  }

  send(type: number, body: Uint8Array): void {
    this.webSocket.send(new ByteWriter().u8(type).raw(body).finish());
  }

  async next(): Promise<Buffer> {
    await vi.waitUntil(() => this.messages.length > 0, { interval: 5 });
    return this.messages.shift()!;
  }

  async refusal(): Promise<string> {
    const message = await this.next();
    if (message[0] !== 3) throw new Error(`a message of type ${message[0]}, not a refusal`);
    return (JSON.parse(message.subarray(1).toString()) as { code: string }).code;
  }

  async closing(): Promise<number> {
    await vi.waitUntil(() => this.closed !== undefined, { interval: 5 });
    return this.closed!;
  }
}

function signed(test: TestCluster, body: RequestBody, user: NamedKey = test.alice) {
  const origin = { cluster: test.cluster.fingerprint, user: user.name, now: Date.now() };
  const { request, replyKey } = newRequest(origin, body);
  return { envelope: signRequest(request, user.privateKey), replyKey };
}

function opened(test: TestCluster, sent: { envelope: Uint8Array; replyKey: ReplyKey }, message: Buffer) {
  expect(message[0]).toBe(1);
  const context = {
    requestDigest: requestDigest(sent.envelope),
    cluster: test.cluster.fingerprint,
    node: 0,
  } as const;
  return decodeReplyMessage(new ReplyOpener(sent.replyKey, context).open(message.subarray(1)).bytes);
}

async function ask(test: TestCluster, client: RawClient, body: RequestBody) {
  const sent = signed(test, body);
  client.send(1, sent.envelope);
  return opened(test, sent, await client.next());
}

const VERSION = 'ab'.repeat(16);
const PLACE = { table: '患者', slice: 'kita', version: VERSION };
const BEGIN: RequestBody = {
  kind: 'upload-begin',
  ...PLACE,
  schema: {
    warifu_schema: 1,
    missing: [''],
    columns: [{ name: '年齢', type: 'integer', min: '0', max: '120', nullable: false }],
  },
  rows: 64,
  chunk_rows: 64,
  replace: false,
};

function frameOf(test: TestCluster, changes: Partial<UploadFrame> = {}, user = test.alice): Uint8Array {
  const frame: UploadFrame = {
    cluster: test.cluster.fingerprint,
    node: 0,
    user: user.name,
    ...PLACE,
    part: 1,
    chunk: 0,
    sections: [
      { column: 0, kind: 'values', form: 'seed', salt: new Uint8Array(32), payload: new Uint8Array(16) },
    ],
    ...changes,
  };
  return encodeUploadFrame(frame, user.privateKey);
}

describe('requests', () => {
  it('are answered one after the other on one connection, also after a sealed error', async () => {
    const test = await start(
      handler(({ request }) => {
        if (request.kind === 'tables') throw Object.assign(new Error('broken at /secret/path'));
        return { data: request.kind };
      }),
    );
    const client = await RawClient.connect(test);
    expect(await ask(test, client, { kind: 'status' })).toMatchObject({ kind: 'result', data: 'status' });
    const error = await ask(test, client, { kind: 'tables' });
    expect(error.kind).toBe('error');
    expect(JSON.stringify(error.data)).not.toContain('secret');
    expect(await ask(test, client, { kind: 'status' })).toMatchObject({ kind: 'result' });
    expect(test.codes(0)).toEqual(['INTERNAL']);
  });

  it('that were served before are refused, and the connection stays usable', async () => {
    let served = 0;
    const test = await start(handler(() => ({ data: ++served })));
    const client = await RawClient.connect(test);
    const sent = signed(test, { kind: 'status' });
    client.send(1, sent.envelope);
    await client.next();
    client.send(1, sent.envelope);
    expect(await client.refusal()).toBe('REQUEST_REPLAYED');
    const other = await RawClient.connect(test);
    other.send(1, sent.envelope);
    expect(await other.refusal()).toBe('REQUEST_REPLAYED');
    expect(served).toBe(1);
    expect((await ask(test, client, { kind: 'status' })).data).toBe(2);
  });

  it('of strangers, of another key, or altered are refused without reaching the handler', async () => {
    let served = 0;
    const test = await start(handler(() => ({ data: ++served })));
    const client = await RawClient.connect(test);
    client.send(1, signed(test, { kind: 'status' }, newNamedKey('user', 'eve')).envelope);
    expect(await client.refusal()).toBe('NOT_ENROLLED');
    const altered = signed(test, { kind: 'status' }).envelope;
    altered[altered.length - 1]! ^= 1;
    client.send(1, altered);
    expect(await client.refusal()).toBe('REQUEST_INVALID');
    expect(await client.closing()).toBe(1008);
    const impostor = await RawClient.connect(test);
    impostor.send(1, signed(test, { kind: 'status' }, newNamedKey('user', 'alice')).envelope);
    expect(await impostor.refusal()).toBe('REQUEST_INVALID');
    expect(served).toBe(0);
    expect(test.codes(0)).toEqual(['NOT_ENROLLED', 'REQUEST_INVALID', 'REQUEST_INVALID']);
  });

  it('are refused a few times only on a connection', async () => {
    const test = await start(echo, { refusals: 3 });
    const client = await RawClient.connect(test);
    const eve = newNamedKey('user', 'eve');
    for (let i = 0; i < 3; i++) {
      client.send(1, signed(test, { kind: 'status' }, eve).envelope);
      expect(await client.refusal()).toBe('NOT_ENROLLED');
    }
    expect(await client.closing()).toBe(1008);
  });

  it('do not overlap: a message during a reply closes the connection and aborts the request', async () => {
    const aborted = gate();
    const began = gate();
    const test = await start(
      handler(({ signal }) => {
        began.open();
        signal.addEventListener('abort', () => aborted.open());
        return aborted.opened.then(() => ({ data: 1 }));
      }),
    );
    const client = await RawClient.connect(test);
    client.send(1, signed(test, { kind: 'status' }).envelope);
    await began.opened;
    client.send(1, signed(test, { kind: 'status' }).envelope);
    expect(await client.refusal()).toBe('REQUEST_INVALID');
    expect(await client.closing()).toBe(1008);
    await aborted.opened;
  });

  it('are aborted when the client is cut off', async () => {
    const aborted = gate();
    const began = gate();
    const test = await start(
      handler(({ signal }) => {
        began.open();
        signal.addEventListener('abort', () => aborted.open());
        return aborted.opened.then(() => ({ data: 1 }));
      }),
    );
    const client = await RawClient.connect(test);
    client.send(1, signed(test, { kind: 'status' }).envelope);
    await began.opened;
    client.webSocket.terminate();
    await expect(aborted.opened).resolves.toBeUndefined();
  });
});

describe('uploads', () => {
  it('store frames in order, with acknowledgements, and hand the manifest to its commit', async () => {
    const stored: string[] = [];
    const manifests: (Uint8Array | undefined)[] = [];
    const test = await start(
      handler(
        ({ manifest }) => {
          manifests.push(manifest);
          return { data: {} };
        },
        async ({ part, chunk }) => {
          await new Promise((resolve) => setTimeout(resolve, chunk === 0 ? 20 : 0));
          stored.push(`${part}/${chunk}`);
        },
      ),
    );
    const client = await RawClient.connect(test);
    await ask(test, client, BEGIN);
    for (let chunk = 0; chunk < 20; chunk++) client.send(2, frameOf(test, { chunk }));
    for (let chunk = 0; chunk < 20; chunk++) {
      expect([...(await client.next())]).toEqual([2, 1, chunk, 0, 0, 0]);
    }
    expect(stored).toEqual(Array.from({ length: 20 }, (_, chunk) => `1/${chunk}`));
    const { manifest, digest } = manifestOf(test);
    client.send(3, manifest);
    await ask(test, client, commit(digest));
    await ask(test, client, commit(digest));
    expect(manifests.map((bytes) => bytes?.length)).toEqual([undefined, manifest.length, undefined]);
  });

  it.each([
    ['before any was begun', 'none', {}, 'REQUEST_INVALID'],
    ['of another upload', 'begun', { version: 'cd'.repeat(16) }, 'REQUEST_INVALID'],
    ['for another node', 'begun', { node: 1 as const }, 'REQUEST_MISADDRESSED'],
    ['of a part that the node must not have', 'begun', { part: 2 as const }, 'REQUEST_MISADDRESSED'],
    ['of another cluster', 'begun', { cluster: 'ee'.repeat(32) }, 'REQUEST_MISADDRESSED'],
  ])('refuse a frame %s, and read no further', async (_, state, changes, code) => {
    let stored = 0;
    const test = await start(
      handler(
        () => ({ data: {} }),
        () => Promise.resolve(void stored++),
      ),
    );
    const client = await RawClient.connect(test);
    await ask(test, client, state === 'none' ? { kind: 'status' } : BEGIN);
    client.send(2, frameOf(test, changes));
    client.send(2, frameOf(test));
    expect(await client.refusal()).toBe(code);
    expect(await client.closing()).toBe(1008);
    expect(stored).toBe(0);
    expect(test.codes(0)).toEqual([code]);
  });

  it('refuse a manifest that is not the one of the commit, or of another upload', async () => {
    const test = await start(handler(() => ({ data: {} })));
    const client = await RawClient.connect(test);
    await ask(test, client, BEGIN);
    const right = manifestOf(test);
    client.send(3, right.manifest);
    expect(await ask(test, client, commit('cd'.repeat(32)))).toMatchObject({ kind: 'error' });
    const other = manifestOf(test, { slice: 'another' });
    client.send(3, other.manifest);
    const answer = await ask(test, client, commit(other.digest));
    expect(answer).toMatchObject({ kind: 'error', data: { code: 'REQUEST_INVALID' } });
    const forged = manifestOf(test, {}, newNamedKey('user', 'eve'));
    client.send(3, forged.manifest);
    expect(await ask(test, client, commit(forged.digest))).toMatchObject({ kind: 'error' });
    client.send(3, right.manifest);
    expect(await ask(test, client, commit(right.digest))).toMatchObject({ kind: 'result' });
  });

  it('know no manifest without an upload', async () => {
    const test = await start(echo);
    const client = await RawClient.connect(test);
    client.send(3, manifestOf(test).manifest);
    expect(await client.refusal()).toBe('REQUEST_INVALID');
    expect(await client.closing()).toBe(1008);
  });
});

function commit(digest: string): RequestBody {
  return { kind: 'upload-commit', ...PLACE, manifest_digest: digest };
}

function manifestOf(test: TestCluster, changes: { slice?: string } = {}, signer = test.alice) {
  const head = {
    cluster: test.cluster.fingerprint,
    user: 'alice',
    ...PLACE,
    rows: 64,
    chunkRows: 64,
    parts: 3,
    nullable: [false],
    ...changes,
  };
  const manifest = encodeManifest(new Manifest(head, new Uint8Array(96)), signer.privateKey);
  return { manifest, digest: bytesToHex(manifestDigest(manifest)) };
}

describe('what is no client', () => {
  it.each([
    ['an unknown type', (client: RawClient) => client.send(9, new Uint8Array(10)), 1008, 'REQUEST_INVALID'],
    [
      'an empty message',
      (client: RawClient) => client.webSocket.send(new Uint8Array()),
      1008,
      'REQUEST_INVALID',
    ],
    [
      'garbage as a request',
      (client: RawClient) => client.send(1, randomBytes(5000)),
      1008,
      'REQUEST_INVALID',
    ],
    ['text', (client: RawClient) => client.webSocket.send('hello'), 1008, 'REQUEST_INVALID'],
    [
      'a message over the limit',
      (client: RawClient) => client.webSocket.send(new Uint8Array(MAX_WIRE_MESSAGE + 1)),
      1009,
      'FRAME_INVALID',
    ],
  ])('sends %s: closed, logged by code, nothing after it is read', async (_, send, closing, code) => {
    let served = 0;
    const test = await start(handler(() => ({ data: ++served })));
    const client = await RawClient.connect(test);
    send(client);
    client.send(1, signed(test, { kind: 'status' }).envelope);
    expect(await client.closing()).toBe(closing);
    expect(served).toBe(0);
    expect(test.codes(0)).toEqual([code]);
    expect(test.refused[0]!.address).toContain('127.0.0.1');
  });

  it('bytes that are no WebSocket frame', async () => {
    const test = await start(echo);
    const client = await RawClient.connect(test);
    const { _socket: socket } = client.webSocket as unknown as { _socket: TLSSocket };
    socket.write(Buffer.from('ffffffffffffffff', 'hex'));
    await client.closing();
    expect(test.codes(0)).toEqual(['FRAME_INVALID']);
  });

  it('asks for another path, or by HTTP', async () => {
    const test = await start(echo);
    await expect(RawClient.connect(test, '/warifu-peer')).rejects.toThrow('404');
    const socket = await tlsSocket(test);
    const answer = new Promise<string>((resolve) =>
      socket.once('data', (data: Buffer) => resolve(data.toString())),
    );
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1.1 426/);
    const other = await tlsSocket(test);
    other.write('SSH-2.0-OpenSSH_9\r\n\r\n');
    await new Promise((resolve) => other.once('close', resolve));
    expect(test.codes(0)).toEqual(['FRAME_INVALID', 'FRAME_INVALID', 'FRAME_INVALID']);
  });

  it('speaks no TLS, or an old one', async () => {
    const test = await start(echo);
    const socket = connectTcp(portOf(test), '127.0.0.1');
    open.add(socket);
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    await expect(
      new Promise((resolve, reject) => {
        const old = connectTls({
          port: portOf(test),
          host: '127.0.0.1',
          maxVersion: 'TLSv1.2',
          rejectUnauthorized: false,
        });
        old.once('secureConnect', resolve);
        old.once('error', reject);
      }),
    ).rejects.toThrow(/protocol version/);
    await expect.poll(() => test.codes(0)).toEqual(['FRAME_INVALID', 'FRAME_INVALID']);
  });

  it('connects and says nothing, at any stage', async () => {
    const test = await start(echo, { handshakeMs: 150 });
    const tcp = connectTcp(portOf(test), '127.0.0.1');
    open.add(tcp);
    const tls = await tlsSocket(test);
    const client = await RawClient.connect(test);
    const ended = [tcp, tls].map((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      return new Promise((resolve) => socket.once('close', resolve));
    });
    await Promise.all(ended);
    expect(await client.closing()).toBe(1006);
    expect(test.codes(0)).toContain('NO_PROGRESS');
  });

  it('keeps a connection without asking anything', async () => {
    const test = await start(echo, { idleMs: 100 });
    const client = await RawClient.connect(test);
    await ask(test, client, { kind: 'status' });
    expect(await client.closing()).toBe(1006);
    expect(test.codes(0)).toEqual(['NO_PROGRESS']);
  });

  it('is gone without a farewell', async () => {
    const aborted = gate();
    const test = await start(
      handler(({ signal }) => {
        signal.addEventListener('abort', () => aborted.open());
        return aborted.opened.then(() => ({ data: 1 }));
      }),
      { pingMs: 20, silenceMs: 100 },
    );
    const client = await RawClient.connect(test);
    client.send(1, signed(test, { kind: 'status' }).envelope);
    // A stopped process reads nothing and answers no ping.
    client.webSocket.pause();
    await aborted.opened;
    expect(test.codes(0)).toContain('NO_PROGRESS');
  });

  it('sends more than a request before it has shown who it is', async () => {
    const test = await start(echo, { strangerBytes: 100_000 });
    const client = await RawClient.connect(test);
    client.send(2, new Uint8Array(1_000_000));
    await client.closing();
    expect(test.codes(0)).toEqual(['FRAME_INVALID']);
    const user = await RawClient.connect(test);
    await ask(test, user, BEGIN);
    user.send(2, new Uint8Array(1_000_000));
    expect(await user.refusal()).toBe('REQUEST_INVALID');
  });

  it('holds many connections: a user has some of them, and the others are served', async () => {
    const test = await start(echo, { connectionsOfUser: 2 });
    const clients = [await RawClient.connect(test), await RawClient.connect(test)];
    for (const client of clients) {
      await ask(test, client, { kind: 'status' });
      await ask(test, client, { kind: 'tables' });
    }
    const third = await RawClient.connect(test);
    expect(await ask(test, third, { kind: 'status' })).toMatchObject({ data: { code: 'NODE_BUSY' } });
    expect(await third.closing()).toBe(1008);
    clients[0]?.webSocket.close();
    await clients[0]?.closing();
    await vi.waitUntil(
      async () => (await ask(test, await RawClient.connect(test), { kind: 'status' })).kind === 'result',
    );
  });

  it('comes in numbers: connections over the limit are dropped, the others are served', async () => {
    const test = await start(echo, { connections: 3 });
    const clients = [
      await RawClient.connect(test),
      await RawClient.connect(test),
      await RawClient.connect(test),
    ];
    const flood = await Promise.allSettled(Array.from({ length: 20 }, () => tlsSocket(test)));
    expect(flood.every(({ status }) => status === 'rejected')).toBe(true);
    expect(new Set(test.codes(0))).toEqual(new Set(['NODE_BUSY']));
    for (const client of clients) expect((await ask(test, client, { kind: 'status' })).kind).toBe('result');
    clients[0]!.webSocket.close();
    await clients[0]!.closing();
    await expect
      .poll(() =>
        RawClient.connect(test).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});
