/** The links of one node of a bench. */
import { linkShape } from '../../src/cli/link-options.js';
import type { Cluster } from '../../src/core/cluster-file.js';
import type { NamedKey } from '../../src/core/key-file.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import { privateKeyPem } from '../../src/server/identity/certificate.js';
import { PeerMesh } from '../../src/transport/peer-mesh.js';
import type { NodeSettings } from './messages.js';
import { PlainSockets } from './plain-sockets.js';

/** Not started yet. */
export function openMesh(settings: NodeSettings, key: NamedKey, cluster: Cluster): PeerMesh {
  const addresses = cluster.nodes.map((card, i) => {
    const [host, port] = card.peer.split(':') as [string, string];
    return { node: i as NodeIndex, host, port: Number(port), certificates: card.certificates };
  });
  const own = addresses[settings.self]!;
  const shape = linkShape(settings.links);
  return new PeerMesh({
    self: settings.self,
    listen: { host: own.host, port: own.port },
    tls: { key: privateKeyPem(key.privateKey), certificate: settings.certificate },
    peers: addresses.filter(({ node }) => node !== settings.self),
    cluster: cluster.fingerprint,
    software: 'bench',
    ...(shape === undefined ? {} : { shape }),
    ...(settings.plain
      ? {
          sockets: new PlainSockets(
            settings.self,
            addresses.map(({ port }) => port),
          ),
        }
      : {}),
  });
}
