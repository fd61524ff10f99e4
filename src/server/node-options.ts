/** What a node is started with. */
import type { Cluster } from '../core/cluster-file.js';
import type { LinkShape } from '../transport/shape.js';
import type { ListenAddress } from './address.js';
import type { NodeIdentity } from './identity/node-identity.js';
import type { Log } from './log.js';
import type { VaultSecret } from './store/vault.js';
import type { EnrolledUsers } from './users/enrolled-users.js';

export type { LinkShape };

export interface NodeOptions {
  readonly identity: NodeIdentity;
  readonly cluster: Cluster;
  /** Exists, and is this node's alone. */
  readonly directory: string;
  /** 'ephemeral' keeps keys, catalogue and audit log in memory only. */
  readonly secret: VaultSecret | 'ephemeral';
  readonly users: { read(): Promise<EnrolledUsers> };
  /** No table is queried with a smaller minimum count. */
  readonly minCountFloor: number;
  /** Bytes that running queries may take together. */
  readonly memory?: number;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Where to listen, if not at the addresses of the card. */
  readonly listen?: { readonly peer?: ListenAddress; readonly client?: ListenAddress };
  /** Makes the links to the other nodes as slow as those of a wide-area network. */
  readonly shape?: LinkShape | undefined;
}
