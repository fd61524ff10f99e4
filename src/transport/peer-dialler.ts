/** Dials a peer: TLS 1.3 with both certificates, the peer's public key compared with its pins, then WebSocket. */
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { asWarifuError, isErrorCode, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { TransportLimits } from './limits.js';
import { maxPayload, PEER_PATH, REFUSAL_HEADER, type TlsIdentity } from './peer-listener.js';
import { certificateError, identifyPeer, type Pins } from './pins.js';

export interface DialOptions {
  readonly peer: NodeIndex;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsIdentity;
  readonly pins: Pins;
  readonly limits: TransportLimits;
  /** Stops the attempt. */
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly webSocket: WebSocket;
  readonly socket: TLSSocket;
}

/**
 * Errors: NODE_UNREACHABLE (with address and reason), HANDSHAKE_CERTIFICATE, or the error with which the peer
 * refused us.
 */
export async function dial(options: DialOptions): Promise<Dialled> {
  const socket = await connectTls(options);
  return { webSocket: await upgrade(socket, options), socket };
}

function connectTls(options: DialOptions): Promise<TLSSocket> {
  const { peer, host, port, tls, pins, limits, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      key: tls.key,
      cert: tls.certificate,
      minVersion: 'TLSv1.3',
      // Not a lax setting: identifyPeer compares the pins below, before any byte is written.
      rejectUnauthorized: false,
    });
    const stop = () => socket.destroy(new WarifuError('CANCELLED', 'dialling was stopped'));
    const late = setTimeout(() => socket.destroy(new Error('no answer in time')), limits.handshakeMs);
    signal.addEventListener('abort', stop, { once: true });
    const settled = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    };
    socket.once('error', (error: Error) => {
      settled();
      reject(dialFault(error, options));
    });
    socket.once('secureConnect', () => {
      settled();
      try {
        const node = identifyPeer(socket, pins);
        if (node !== peer) throw certificateError(`it is that of node ${node}, not node ${peer}`);
        socket.setNoDelay(true);
        resolve(socket);
      } catch (thrown) {
        // In good order, so that the other side does not take it for a broken network.
        socket.setTimeout(limits.handshakeMs, () => socket.destroy());
        socket.on('error', () => socket.destroy());
        socket.resume().end();
        const { code, message, details } = asWarifuError(thrown);
        reject(
          new WarifuError(code, `node ${peer} at ${host}:${port}: ${message}`, { ...details, node: peer }),
        );
      }
    });
  });
}

function upgrade(socket: TLSSocket, options: DialOptions): Promise<WebSocket> {
  const { peer, host, port, limits, signal } = options;
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://node-${peer}${PEER_PATH}`, {
      createConnection: () => socket,
      perMessageDeflate: false,
      maxPayload: maxPayload(limits),
      handshakeTimeout: limits.handshakeMs,
      followRedirects: false,
    });
    let refusal: WarifuError | undefined;
    const stop = () => webSocket.terminate();
    signal.addEventListener('abort', stop, { once: true });
    webSocket.once('unexpected-response', (request, response) => {
      refusal = readRefusal(response.headers[REFUSAL_HEADER], options);
      request.destroy();
      webSocket.terminate();
    });
    webSocket.once('open', () => {
      signal.removeEventListener('abort', stop);
      // Until its link listens.
      webSocket.pause();
      resolve(webSocket);
    });
    webSocket.on('error', (error) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      const lost = `node ${peer} at ${host}:${port} ended the connection: ${error.message}`;
      reject(refusal ?? new WarifuError('NODE_UNREACHABLE', lost, { node: peer }));
    });
  });
}

function readRefusal(header: string | string[] | undefined, { peer }: DialOptions): WarifuError {
  const [code, ...words] = decoded(typeof header === 'string' ? header : '').split(' ');
  if (code === undefined || !isErrorCode(code)) {
    return new WarifuError('NODE_UNREACHABLE', `node ${peer} answered with something else than a link`, {
      node: peer,
    });
  }
  const said = words.join(' ').slice(0, 500);
  return new WarifuError(code, `node ${peer} refused this node: ${said}`, { node: peer });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function dialFault(error: Error & { code?: string }, { peer, host, port }: DialOptions): WarifuError {
  if (error instanceof WarifuError) return error;
  const why = `node ${peer} at ${host}:${port} cannot be reached: ${error.code ?? error.message}`;
  return new WarifuError('NODE_UNREACHABLE', why, { node: peer });
}
