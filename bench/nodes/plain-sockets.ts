/**
 * Links without TLS, on loopback, to measure what TLS costs. They prove nothing about who is at the other end, which
 * is why they exist only here: each node dials from a loopback address of its own, and is taken for that node.
 */
import { connect, createServer, type Server, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { WarifuError } from '../../src/core/errors.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import type { PeerSockets, ServerEvents } from '../../src/transport/sockets.js';

/** Node i dials from this and i + 1. */
const DIALS_FROM = '127.77.0.';

export class PlainSockets implements PeerSockets {
  readonly connected = 'connect';
  readonly #self: NodeIndex;
  readonly #nodeByPort: ReadonlyMap<number, NodeIndex>;

  /** @param ports where each node listens, in the order of the nodes. */
  constructor(self: NodeIndex, ports: readonly number[]) {
    this.#self = self;
    this.#nodeByPort = new Map(ports.map((port, node) => [port, node as NodeIndex]));
  }

  createServer({ onSocket }: ServerEvents): Server {
    return createServer(onSocket);
  }

  connect(to: TcpSocketConnectOpts): Socket {
    return connect({ ...to, localAddress: `${DIALS_FROM}${this.#self + 1}` });
  }

  /** Of an accepted socket by where it was dialled from, of a dialled one by where it leads. */
  identify({ remoteAddress = '', remotePort = 0 }: Socket): NodeIndex {
    const node = remoteAddress.startsWith(DIALS_FROM)
      ? Number(remoteAddress.slice(DIALS_FROM.length)) - 1
      : this.#nodeByPort.get(remotePort);
    if (node === 0 || node === 1 || node === 2 || node === 3) return node;
    throw new WarifuError(
      'HANDSHAKE_CERTIFICATE',
      `nobody of this bench is at ${remoteAddress}:${remotePort}`,
    );
  }
}
