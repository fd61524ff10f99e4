import { getEventListeners } from 'node:events';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClusterClient } from '../../src/client/cluster-client.js';
import { WarifuError } from '../../src/core/errors.js';
import { newNamedKey } from '../../src/core/key-file.js';
import type { OpenedRequest } from '../../src/server/client-port/request-handler.js';
import { privateKeyPem } from '../../src/server/identity/certificate.js';
import { createNodeIdentity } from '../../src/server/identity/node-identity.js';
import {
  failure,
  gate,
  handler,
  handlers,
  TestCluster,
  type TestClusterOptions,
} from './support/test-cluster.js';

const FAST = { connectMs: 1000, pingMs: 50, silenceMs: 300, graceMs: 200 };
const STATUS = { kind: 'status' } as const;
const DAY = 86_400_000;
const running: TestCluster[] = [];

async function start(options: TestClusterOptions): Promise<TestCluster> {
  const cluster = await TestCluster.start(options);
  running.push(cluster);
  return cluster;
}

/** Waits for a reply until the client is gone; tells what it saw. */
function waiting(seen: { aborted: number; started: number }, all?: { open(): void }) {
  return ({ signal }: OpenedRequest) => {
    seen.started += 1;
    if (seen.started === 3) all?.open();
    return new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => {
        seen.aborted += 1;
        reject(new WarifuError('CANCELLED', 'the client is gone'));
      }),
    );
  };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((cluster) => cluster.stop()));
});

describe('a request to all nodes', () => {
  it('reaches each with the same bytes, brings progress and every answer', async () => {
    const digests: string[] = [];
    const cluster = await start({
      handlers: handlers(({ request, digest, progress }, node) => {
        digests.push(Buffer.from(digest).toString('hex'));
        progress('computing', 1, 2);
        return { data: { node, user: request.user }, attachment: new Uint8Array([node, 7]) };
      }),
    });
    const progress: unknown[] = [];
    const replies = await cluster.client().request(STATUS, { onProgress: (one) => progress.push(one) });
    expect(replies.map(({ reply }) => reply)).toEqual(
      [0, 1, 2].map((node) => ({
        kind: 'result',
        data: { node, user: 'alice' },
        attachment: new Uint8Array([node, 7]),
      })),
    );
    expect(new Set(digests).size).toBe(1);
    expect(progress).toHaveLength(3);
    expect(progress).toContainEqual({ node: 2, stage: 'computing', done: 1, total: 2 });
    expect(cluster.refused).toEqual([]);
  });

  it('side by side on one client', async () => {
    const cluster = await start({ handlers: handlers((_, node) => ({ data: node })) });
    const client = cluster.client();
    const all = await Promise.all(Array.from({ length: 5 }, () => client.request(STATUS)));
    expect(all.flat().map(({ reply }) => reply.data)).toEqual(all.flatMap(() => [0, 1, 2]));
  });

  it('is refused at once when a user is not enrolled, without a node being blamed', async () => {
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })) });
    const error = await failure(cluster.client(FAST, newNamedKey('user', 'eve')).request(STATUS));
    expect(error.code).toBe('NOT_ENROLLED');
    expect(error.message).toMatch(/^all nodes asked say: user 'eve'/);
    expect(cluster.codes(1)).toEqual(['NOT_ENROLLED']);
  });

  it('is refused when the clock of the client is off, saying by how much', async () => {
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })) });
    const client = new ClusterClient({
      cluster: cluster.cluster,
      user: cluster.alice,
      now: () => Date.now() - 9 * 60_000,
    });
    const error = await failure(client.request(STATUS));
    expect(error.code).toBe('REQUEST_EXPIRED');
    expect(error.details.seconds).toBe(540);
  });
});

describe('which error is shown', () => {
  const lost = new WarifuError('NODE_LOST', 'another node is gone');
  const notGranted = new WarifuError('NOT_GRANTED', 'the owner has not granted it');

  it.each([
    [
      'a policy error before losses that follow from it',
      [lost, notGranted, lost],
      'NOT_GRANTED',
      /^node 'naka': /,
    ],
    ['the same error of all, unnamed', [notGranted, notGranted, notGranted], 'NOT_GRANTED', /^the owner/],
    [
      'a cause before differing policies',
      [new WarifuError('POLICY_DIFFERS', 'x'), notGranted, lost],
      'NOT_GRANTED',
      /naka/,
    ],
    [
      'an altered copy before what it led to',
      [lost, lost, new WarifuError('COPIES_DIFFER', 'part 1')],
      'COPIES_DIFFER',
      /minami/,
    ],
    [
      'no internals of a node',
      [new Error('at /srv/secret'), lost, lost],
      'INTERNAL',
      /operator finds the reason/,
    ],
  ])('%s', async (_, errors, code, message) => {
    const cluster = await start({ handlers: handlers((_opened, node) => Promise.reject(errors[node]!)) });
    const error = await failure(cluster.client().request(STATUS));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('/srv');
  });

  it('does not wait long for nodes that do not answer after one failed', async () => {
    const seen = { started: 0, aborted: 0 };
    const cluster = await start({
      handlers: [handler(waiting(seen)), handler(() => Promise.reject(notGranted)), handler(waiting(seen))],
    });
    expect((await failure(cluster.client(FAST).request(STATUS))).code).toBe('NOT_GRANTED');
    await expect.poll(() => seen.aborted).toBe(2);
  });

  it("keeps a node's text away from the terminal", async () => {
    const evil = new WarifuError('NOT_GRANTED', 'no\u001b[2J\u202e\nnext line');
    const cluster = await start({ handlers: handlers(() => Promise.reject(evil)) });
    const error = await failure(cluster.client().request(STATUS));
    expect(error.message).toBe('no\u{fffd}[2J\u{fffd}\nnext line');
  });
});

describe('a node that is not there', () => {
  it('is named with its address, and nothing is sent to the others', async () => {
    let asked = 0;
    const cluster = await start({ handlers: handlers(() => ({ data: ++asked })) });
    await cluster.ports[2]!.close();
    const error = await failure(cluster.client(FAST).request(STATUS));
    expect(error.code).toBe('NODE_UNREACHABLE');
    expect(error.message).toContain(`node 'minami' at ${cluster.cluster.nodes[2]!.client}`);
    expect(error.message).toContain('ECONNREFUSED');
    expect(asked).toBe(0);
  });

  it('does not hold up a request that each node serves by itself', async () => {
    const cluster = await start({ handlers: handlers((_, node) => ({ data: node })) });
    await cluster.ports[0]!.close();
    const outcomes = await cluster.client(FAST).ask(STATUS);
    expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : outcome.reply.data))).toEqual(
      ['NODE_UNREACHABLE', 1, 2],
    );
  });

  it('that goes away in the middle is lost, and the others are cancelled', async () => {
    const seen = { started: 0, aborted: 0 };
    const all = gate();
    const cluster = await start({ handlers: handlers(waiting(seen, all)) });
    const asked = failure(cluster.client(FAST).request(STATUS));
    await all.opened;
    await cluster.ports[1]!.close();
    const error = await asked;
    expect(error.code).toBe('NODE_LOST');
    expect(error.message).toContain("node 'naka'");
    expect(error.exitCode).toBe(4);
    await expect.poll(() => seen.aborted).toBe(3);
  });

  it('that falls silent is given up after the limit', async () => {
    const identities = await Promise.all(['a', 'b', 'c'].map((name) => createNodeIdentity(name, Date.now())));
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })), identities });
    await cluster.ports[0]!.close();
    const silent = new WebSocketServer({ noServer: true, autoPong: false });
    const port = Number(cluster.cluster.nodes[0]!.client.split(':')[1]);
    const { createServer: createHttps } = await import('node:https');
    const server = createHttps({
      key: privateKeyPem(identities[0]!.key.privateKey),
      cert: identities[0]!.certificate,
    });
    server.on('upgrade', (request, socket, head) =>
      silent.handleUpgrade(request, socket, head, () => undefined),
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const error = await failure(cluster.client(FAST).request(STATUS));
    expect(error.code).toBe('NO_PROGRESS');
    expect(error.message).toContain("node 'a'");
    server.closeAllConnections();
    for (const webSocket of silent.clients) webSocket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  it('that accepts and never shakes hands is given up after the limit', async () => {
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })) });
    await cluster.ports[0]!.close();
    const { createServer: createTcp } = await import('node:net');
    const sockets: import('node:net').Socket[] = [];
    const mute = createTcp((socket) => sockets.push(socket.on('error', () => undefined)));
    const port = Number(cluster.cluster.nodes[0]!.client.split(':')[1]);
    await new Promise<void>((resolve) => mute.listen(port, '127.0.0.1', resolve));
    const { signal } = new AbortController();
    const error = await failure(cluster.client({ ...FAST, connectMs: 200 }).request(STATUS, { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(error.code).toBe('NODE_UNREACHABLE');
    expect(error.message).toContain('within 0.2 seconds');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });
});

describe('a client that stops', () => {
  it('ends the request at every node', async () => {
    const seen = { started: 0, aborted: 0 };
    const all = gate();
    const cluster = await start({ handlers: handlers(waiting(seen, all)) });
    const controller = new AbortController();
    const asked = failure(cluster.client().request(STATUS, { signal: controller.signal }));
    await all.opened;
    controller.abort();
    expect((await asked).code).toBe('CANCELLED');
    await expect.poll(() => seen.aborted).toBe(3);
  });

  it('before it started reaches nobody', async () => {
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })) });
    const error = await failure(cluster.client().request(STATUS, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('CANCELLED');
  });
});

describe('the certificate of a node', () => {
  async function served(identity: Awaited<ReturnType<typeof createNodeIdentity>>, second = false) {
    const cluster = await start({
      handlers: handlers(() => ({ data: 1 })),
      served: second ? [undefined, identity] : [identity],
    });
    return failure(cluster.client().request(STATUS));
  }

  it('that is self-made is refused, saying both pins', async () => {
    const error = await served(await createNodeIdentity('kita', Date.now()));
    expect(error.code).toBe('HANDSHAKE_CERTIFICATE');
    expect(error.message).toMatch(
      /node 'kita'.*its key has pin [0-9a-f]{16}….*the cluster file says [0-9a-f]{16}…/,
    );
  });

  it('that is expired, or not yet valid, is refused', async () => {
    for (const [made, why] of [
      [Date.now() - 900 * DAY, /expired on/],
      [Date.now() + 2 * DAY, /compare the clocks/],
    ] as const) {
      const identities = await Promise.all(['a', 'b', 'c'].map((name) => createNodeIdentity(name, made)));
      const cluster = await start({ handlers: handlers(() => ({ data: 1 })), identities });
      const error = await failure(cluster.client().request(STATUS));
      expect(error.code).toBe('HANDSHAKE_CERTIFICATE');
      expect(error.message).toMatch(why);
    }
  });

  it('of another node of the cluster is recognised as that', async () => {
    const identities = await Promise.all(['a', 'b', 'c'].map((name) => createNodeIdentity(name, Date.now())));
    const cluster = await start({
      handlers: handlers(() => ({ data: 1 })),
      identities,
      served: [identities[1], identities[0]],
    });
    const error = await failure(cluster.client().request(STATUS));
    expect(error.message).toMatch(/its key is that of node '[ab]'; are the addresses swapped/);
  });

  it('does not help a server that speaks TLS 1.2 only', async () => {
    const identities = await Promise.all(['a', 'b', 'c'].map((name) => createNodeIdentity(name, Date.now())));
    const cluster = await start({ handlers: handlers(() => ({ data: 1 })), identities });
    await cluster.ports[0]!.close();
    const key = privateKeyPem(identities[0]!.key.privateKey);
    const old = createServer({ key, cert: identities[0]!.certificate, maxVersion: 'TLSv1.2' });
    old.on('tlsClientError', () => undefined);
    const port = Number(cluster.cluster.nodes[0]!.client.split(':')[1]);
    await new Promise<void>((resolve) => old.listen(port, '127.0.0.1', resolve));
    expect((await failure(cluster.client(FAST).request(STATUS))).code).toBe('NODE_UNREACHABLE');
    await new Promise((resolve) => old.close(resolve));
  });
});
