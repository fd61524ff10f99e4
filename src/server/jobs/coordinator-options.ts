/** What the coordinator of jobs is given: its surroundings, and what a request wishes. */
import type { WarifuError } from '../../core/errors.js';
import type { NodeIndex, Scheme } from '../../core/scheme.js';
import type { Proposal } from './control-message.js';
import type { Job } from './job.js';
import type { JobMesh } from './job-mesh.js';

export interface CoordinatorOptions {
  readonly mesh: JobMesh;
  readonly cluster: string;
  readonly scheme: Scheme;
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  readonly nameOf: (node: NodeIndex) => string;
  /** Told of every job that ends with an error here, before the client is. */
  readonly onFailed?: (job: Pick<Job, 'id' | 'query'>, error: WarifuError) => Promise<void>;
  readonly epoch: number;
  /** Bytes that all running jobs together may take. */
  readonly memory: number;
  readonly maxRunning: number;
  readonly maxWaiting: number;
}

export type JobWish = Pick<Proposal, 'kind' | 'agreed' | 'minCount' | 'memory'> & {
  /** The node without which the survivors go on; it is among what they agree on. */
  readonly lost?: NodeIndex | undefined;
  /** The id that the client gave a query, for the audit log. */
  readonly query?: string | undefined;
};
