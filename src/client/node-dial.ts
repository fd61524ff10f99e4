/** Dials a node's client port: TCP, TLS 1.3, the server's key compared with its pins, then WebSocket. */
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import { CLIENT_PATH, MAX_WIRE_MESSAGE } from '../query/request-wire.js';
import type { ConnectionLimits } from './connection-limits.js';
import { clientAddress, type KnownNode, nodeLabel } from './node-address.js';
import { checkServer } from './server-pin.js';

export interface DialOptions {
  readonly known: KnownNode;
  readonly all: readonly KnownNode[];
  readonly limits: Pick<ConnectionLimits, 'connectMs'>;
  /** The client's clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

export interface Dialled {
  readonly webSocket: WebSocket;
  readonly socket: TLSSocket;
}

/** @throws WarifuError NODE_UNREACHABLE naming node, address and reason; HANDSHAKE_CERTIFICATE; CANCELLED. */
export async function dialNode(options: DialOptions): Promise<Dialled> {
  const { known, limits, signal } = options;
  const socket = connect({
    ...clientAddress(known.card),
    minVersion: 'TLSv1.3',
    // Not a lax setting: checkServer compares the pins below, before any byte is written.
    rejectUnauthorized: false,
  });
  // Listened to for the socket's whole life: an error that nobody hears ends the process.
  socket.on('error', () => socket.destroy());
  const stop = () => socket.destroy(new WarifuError('CANCELLED', 'stopped before the nodes were reached'));
  const late = setTimeout(() => {
    const seconds = limits.connectMs / 1000;
    socket.destroy(unreachable(known, `it does not answer within ${seconds} seconds`));
  }, limits.connectMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted === true) stop();
    await secured(socket, options);
    return { webSocket: await upgraded(socket, known), socket };
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', stop);
  }
}

function secured(socket: TLSSocket, { known, all, now }: DialOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: Error) => reject(dialFault(error, known)));
    socket.once('close', () => reject(unreachable(known, 'it closed the connection')));
    socket.once('secureConnect', () => {
      try {
        checkServer(socket, known, all, now());
        socket.setNoDelay(true);
        resolve();
      } catch (thrown) {
        reject(asWarifuError(thrown));
      }
    });
  });
}

function upgraded(socket: TLSSocket, known: KnownNode): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://node-${known.node}${CLIENT_PATH}`, {
      createConnection: () => socket,
      perMessageDeflate: false,
      maxPayload: MAX_WIRE_MESSAGE,
      followRedirects: false,
      generateMask: noMask,
    });
    webSocket.once('unexpected-response', () => {
      reject(unreachable(known, 'it answers, but not as the client port of a node; is the address right?'));
      webSocket.terminate();
    });
    webSocket.on('error', (error) => reject(dialFault(error, known)));
    socket.once('error', (error: Error) => reject(dialFault(error, known)));
    webSocket.once('open', () => {
      // Until its connection listens.
      webSocket.pause();
      resolve(webSocket);
    });
  });
}

/**
 * RFC 6455 asks clients for random masks because of proxies that misread plain text; inside TLS to a pinned key
 * nothing stands in between, and with a mask of zeros neither side passes over the megabytes of an upload.
 */
function noMask(mask: Buffer): void {
  mask.fill(0);
}

function dialFault(error: Error & { code?: string }, known: KnownNode): WarifuError {
  if (error instanceof WarifuError) return error;
  return unreachable(known, error.code ?? error.message);
}

function unreachable(known: KnownNode, why: string): WarifuError {
  return new WarifuError('NODE_UNREACHABLE', `${nodeLabel(known)} cannot be reached: ${why}`, {
    node: known.node,
  });
}
