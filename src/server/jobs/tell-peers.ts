/** Control messages from this node to others. */
import { asWarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { ControlMessage } from './control-message.js';
import type { JobMesh } from './job-mesh.js';

/** Tells each of some peers; one that is down learns nothing. */
export function tellPeers(
  mesh: Pick<JobMesh, 'sendControl'>,
  peers: readonly NodeIndex[],
  message: ControlMessage,
): void {
  for (const peer of peers) {
    try {
      mesh.sendControl(peer, message);
    } catch (thrown) {
      if (asWarifuError(thrown).code !== 'NODE_UNREACHABLE') throw thrown;
    }
  }
}
