/**
 * Gives memory back before the garbage collector finds it: masks and messages are used up at once, and every 32 MiB of
 * them brought a collection, and cold memory for the next (docs/decisions/0001-who-frees-a-vector.md).
 *
 * A buffer that is posted to another place is detached here, and freed where nobody takes it, as behind a closed port.
 */

/** Bytes below which posting costs more than it spares. */
const SHORTEST = 1 << 15;

type Port = InstanceType<typeof MessageChannel>['port1'];

/** Made when it is first needed. */
let nowhere: Port | undefined;

/**
 * Frees the memory of these bytes, of those that have their buffer alone. Whoever still holds a view of it finds the view
 * empty, never the bytes of another.
 */
export function release(pieces: readonly Uint8Array[]): void {
  const buffers = [...new Set(pieces.filter(isWorthIt).map(({ buffer }) => buffer as ArrayBuffer))];
  if (buffers.length === 0) return;
  nowhere ??= closedPort();
  nowhere.postMessage(undefined, buffers);
}

function isWorthIt({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength >= SHORTEST && byteLength === buffer.byteLength;
}

function closedPort(): Port {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}
