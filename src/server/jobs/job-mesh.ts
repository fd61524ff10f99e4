/** What jobs need of the links to the other nodes. */
import type { NodeIndex } from '../../core/scheme.js';
import type { PeerMesh } from '../../transport/peer-mesh.js';
import type { Session } from '../../transport/session.js';

export interface JobMesh extends Pick<PeerMesh, 'sendControl'> {
  status(): readonly { readonly node: NodeIndex; readonly up: boolean }[];
  openSession(
    id: string,
    options: { readonly peers: readonly NodeIndex[] },
  ): Pick<Session, 'abort' | 'channel' | 'close' | 'failure'>;
}
