/** What the connections of a client port have in common. */
import type { Cluster } from '../../core/cluster-file.js';
import type { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { EnrolledUsers } from '../users/enrolled-users.js';
import type { ReplayGuard } from '../users/replay-guard.js';
import type { ClientPortLimits } from './limits.js';
import type { RequestHandler } from './request-handler.js';
import type { UserConnections } from './user-connections.js';

export interface PortContext {
  readonly cluster: Pick<Cluster, 'fingerprint' | 'scheme'>;
  readonly node: NodeIndex;
  readonly handler: RequestHandler;
  /** The users as they are now: asked for every request and frame, so that a revocation counts at once. */
  readonly users: () => Promise<EnrolledUsers>;
  readonly replay: ReplayGuard;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For the log: what was refused or broken off, and for whom. Messages hold no share, key or cell. */
  readonly onRefused: (error: WarifuError, remoteAddress: string) => void;
  readonly limits: ClientPortLimits;
  readonly byUser: UserConnections;
}
