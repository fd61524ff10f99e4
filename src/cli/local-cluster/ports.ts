/** Ports on loopback: those that nobody listens on, and whether somebody does. */
import { randomInt } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { WarifuError } from '../../core/errors.js';

export const LOOPBACK = '127.0.0.1';
const CONNECT_MS = 1000;

/** Below those that systems give to outgoing connections, which would take one before it is used. */
const FIRST = 10_000;
const LAST = 32_000;
const TRIES = 100;

/**
 * So many different ports that were free a moment ago. Another process may take one before it is used: whoever
 * asks must be ready to ask again.
 *
 * @throws WarifuError NODE_UNREACHABLE when there seem to be none.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    const ports: number[] = [];
    // All are held at once, so that none is given twice.
    for (let i = 0; i < count; i++) ports.push(await heldPort(servers));
    return ports;
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function heldPort(servers: Server[]): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, LAST);
    const server = createServer();
    if (!(await listens(server, port))) continue;
    servers.push(server);
    return port;
  }
  throw new WarifuError('NODE_UNREACHABLE', `found no free port between ${FIRST} and ${LAST}`);
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => resolve(true));
  });
}

/** Whether somebody takes connections at an address; one who is silent does not. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
