/** Listening on an address, with the system's reason when that is not possible. */
import type { AddressInfo, Server } from 'node:net';
import { WarifuError } from '../core/errors.js';

/**
 * Resolves with the port once the server listens.
 *
 * @param port 0 for any free one.
 * @throws WarifuError NODE_UNREACHABLE with the reason of the system.
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void =>
      reject(new WarifuError('NODE_UNREACHABLE', `cannot listen on ${host}:${port}: ${error.message}`));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
