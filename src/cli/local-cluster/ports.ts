/** Ports on loopback: those that nobody listens on, and whether somebody does. */
import { connect, createServer } from 'node:net';
import { WarifuError } from '../../core/errors.js';

export const LOOPBACK = '127.0.0.1';
const CONNECT_MS = 1000;

/**
 * So many different ports that were free a moment ago. Another process may take one before it is used: whoever
 * asks must be ready to ask again.
 */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, so that none is given twice.
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, LOOPBACK, () => {
              const address = server.address();
              if (address !== null && typeof address === 'object') resolve(address.port);
              else reject(new WarifuError('INTERNAL', 'a port was opened without a number'));
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
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
