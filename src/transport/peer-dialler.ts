/** Dials a peer: TLS 1.3 with both certificates, the peer's public key compared with its pins, then WebSocket. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { asWarifuError, isErrorCode, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import { DialledStream } from './dialled-stream.js';
import { maxPayload } from './frame.js';
import type { TransportLimits } from './limits.js';
import { PEER_PATH, REFUSAL_HEADER } from './peer-listener.js';
import { certificateError } from './pins.js';
import type { PeerSockets } from './sockets.js';

export interface DialOptions {
  readonly peer: NodeIndex;
  readonly host: string;
  readonly port: number;
  readonly sockets: PeerSockets;
  readonly limits: TransportLimits;
  /** Stops the attempt. */
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  /** Gives what arrives to whoever reads it; `webSocket` writes through it. */
  readonly stream: DialledStream;
}

/**
 * Errors: NODE_UNREACHABLE (with address and reason), HANDSHAKE_CERTIFICATE, or the error with which the peer
 * refused us.
 */
export async function dial(options: DialOptions): Promise<Dialled> {
  const stream = new DialledStream();
  const socket = await connect(stream, options);
  stream.attach(socket);
  return { webSocket: await upgrade(stream, options), socket, stream };
}

function connect(stream: DialledStream, options: DialOptions): Promise<Socket> {
  const { peer, host, port, sockets, limits, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = sockets.connect({ host, port, onread: stream.onread });
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
    socket.once(sockets.connected, () => {
      settled();
      try {
        const node = sockets.identify(socket);
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

function upgrade(stream: DialledStream, options: DialOptions): Promise<WebSocket> {
  const { peer, host, port, limits, signal } = options;
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://node-${peer}${PEER_PATH}`, {
      createConnection: () => stream,
      perMessageDeflate: false,
      maxPayload: maxPayload(limits),
      followRedirects: false,
    });
    let refusal: WarifuError | undefined;
    const stop = () => webSocket.terminate();
    const late = setTimeout(stop, limits.handshakeMs);
    const settled = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop, { once: true });
    webSocket.once('unexpected-response', (request, response) => {
      refusal = readRefusal(response.headers[REFUSAL_HEADER], options);
      request.destroy();
      webSocket.terminate();
    });
    webSocket.once('open', () => {
      settled();
      resolve(webSocket);
    });
    webSocket.on('error', (error) => {
      settled();
      stream.destroy();
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
