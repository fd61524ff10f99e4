/** Whether the server at the other end is the node that the cluster file means. */
import type { TLSSocket } from 'node:tls';
import { WarifuError } from '../core/errors.js';
import { publicKeyPin } from '../transport/pins.js';
import { type KnownNode, nodeLabel } from './node-address.js';

/**
 * TLS has proved that the server holds the key of its certificate; here that key is compared with the node's pins.
 * Host names and certificate authorities play no part.
 *
 * @param all the nodes of the cluster, to tell swapped addresses from a stranger's key.
 * @param now milliseconds since 1970.
 * @throws WarifuError HANDSHAKE_CERTIFICATE saying what differs.
 */
export function checkServer(
  socket: TLSSocket,
  known: KnownNode,
  all: readonly KnownNode[],
  now: number,
): void {
  const refuse = (why: string): never => {
    throw new WarifuError(
      'HANDSHAKE_CERTIFICATE',
      `${nodeLabel(known)}: its certificate is refused: ${why}`,
      {
        node: known.node,
      },
    );
  };
  const certificate = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate();
  if (certificate === undefined) return refuse('it showed none');
  const pin = publicKeyPin(certificate);
  if (!known.card.pins.includes(pin)) {
    const other = all.find(({ card }) => card.pins.includes(pin));
    if (other !== undefined)
      refuse(`its key is that of node '${other.card.name}'; are the addresses swapped?`);
    const wanted = known.card.pins.map((text) => `${text.slice(0, 16)}…`).join(' or ');
    refuse(
      `its key has pin ${pin.slice(0, 16)}…, the cluster file says ${wanted}; ask its operator for the current card, and do not go on before the pins agree`,
    );
  }
  if (!(now <= Date.parse(certificate.validTo))) refuse(`it expired on ${certificate.validTo}`);
  if (!(now >= Date.parse(certificate.validFrom))) {
    refuse(`it is valid from ${certificate.validFrom} only; compare the clocks`);
  }
}
