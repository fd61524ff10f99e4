/** Listening on an address, with the system's reason when that is not possible. */
import type { AddressInfo, Server } from 'node:net';
import { WarifuError } from '../core/errors.js';

/**
 * Resolves with the port once the server listens.
 *
 * @param port 0 for any free one.
 * @throws WarifuError CONFIG_INVALID with the reason of the system: another address or another program is in the way.
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(
        new WarifuError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${whyNot(error)}`, {
          address: `${host}:${port}`,
        }),
      );
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program uses this port (EADDRINUSE); stop it, or choose another port';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `it is no address of this computer (${error.code}); name one that is, such as 0.0.0.0`;
    case 'EACCES':
      return 'this user may not use the port (EACCES); choose one from 1024 up';
    default:
      return error.message;
  }
}
