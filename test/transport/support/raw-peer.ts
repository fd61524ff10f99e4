import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { encodeHelloFrame } from '../../../src/transport/encode-frame.js';
import { encodeHello, type Hello, PROTOCOL_VERSION } from '../../../src/transport/hello.js';
import type { TlsIdentity } from '../../../src/transport/sockets.js';
import { CLUSTER } from './meshes.js';

/** A TLS connection to a peer port, whoever answers. */
export function rawTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/** Everything that arrives until the other side hangs up. */
export async function untilHungUp(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return Buffer.concat(chunks).toString();
}

export interface RawPeer {
  readonly webSocket: WebSocket;
  readonly received: Buffer[];
  /** Resolves with the WebSocket close code. */
  readonly closed: Promise<number>;
}

/** A peer with a good certificate that says, after the upgrade, whatever a test makes it say. */
export async function rawPeer(port: number, identity: TlsIdentity): Promise<RawPeer> {
  const socket = await rawTls(port, { key: identity.key, cert: identity.certificate });
  const webSocket = new WebSocket('ws://node/warifu-peer', { createConnection: () => socket });
  const received: Buffer[] = [];
  webSocket.on('message', (data: Buffer) => received.push(data));
  webSocket.on('error', () => webSocket.terminate());
  const closed = new Promise<number>((resolve) => webSocket.once('close', (code) => resolve(code)));
  await new Promise((resolve) => webSocket.once('open', resolve));
  return { webSocket, received, closed };
}

export function helloFrame(node: number, changes: Partial<Hello> = {}): Uint8Array {
  return encodeHelloFrame(
    encodeHello({
      version: PROTOCOL_VERSION,
      cluster: CLUSTER,
      node,
      wallClock: Date.now(),
      bootId: 'b0'.repeat(16),
      software: 'raw',
      ...changes,
    }),
  );
}
