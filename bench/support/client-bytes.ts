/**
 * How many bytes does a command send? A module to preload (NODE_OPTIONS=--import=...): at the process's end it writes
 * the bytes that were written to its TLS connections, before encryption, into the file WARIFU_BENCH_CLIENT_BYTES.
 */
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import tls, { type TLSSocket } from 'node:tls';

const path = process.env['WARIFU_BENCH_CLIENT_BYTES'];
if (path !== undefined && path !== '') {
  const sockets: TLSSocket[] = [];
  const connect = tls.connect as (...args: unknown[]) => TLSSocket;
  Object.assign(tls, {
    connect: (...args: unknown[]): TLSSocket => {
      const socket = connect(...args);
      sockets.push(socket);
      return socket;
    },
  });
  syncBuiltinESMExports();
  process.on('exit', () => {
    const bytes = sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
    writeFileSync(path, String(bytes));
  });
}
