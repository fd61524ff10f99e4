/** What the handlers of requests share: the node's identity, store, policy sources and job machinery. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { sha256 } from '../../core/digest.js';
import type { NodeIndex, PartIndex, Scheme } from '../../core/scheme.js';
import type { PeerMesh } from '../../transport/peer-mesh.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { JobCoordinator } from '../jobs/coordinator.js';
import type { Decisions } from '../jobs/decisions.js';
import type { Doubts } from '../jobs/doubts.js';
import type { FailedChecks } from '../jobs/failed-checks.js';
import type { LostNodes } from '../jobs/lost-nodes.js';
import type { Log } from '../log.js';
import type { Actor, TablePolicy } from '../policy/table-policy.js';
import type { TableRecord } from '../store/catalogue.js';
import type { NodeStore } from '../store/node-store.js';
import type { EnrolledUsers } from '../users/enrolled-users.js';

export interface NodeServices {
  readonly self: NodeIndex;
  readonly cluster: string;
  readonly nameOf: (node: NodeIndex) => string;
  /** That of the cluster. */
  readonly scheme: Scheme;
  /** Parts this node holds, in share order. */
  readonly held: readonly PartIndex[];
  readonly store: NodeStore;
  readonly mesh: PeerMesh;
  readonly coordinator: JobCoordinator;
  readonly lost: LostNodes;
  readonly doubts: Doubts;
  readonly checks: FailedChecks;
  readonly decisions: Decisions;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly users: () => Promise<EnrolledUsers>;
  /** The operator's floor for minimum counts. */
  readonly floor: number;
  readonly software: string;
  readonly now: () => number;
}

export async function actorOf(services: NodeServices, user: string): Promise<Actor> {
  return { user, roles: (await services.users()).rolesOf(user) };
}

/** The catalogue's record with the visible slices: what policies decide on. */
export async function policyOf(services: NodeServices, record: TableRecord): Promise<TablePolicy> {
  return { ...record, slices: await services.store.catalogue.visibleSlices(record.name) };
}

/** Stands for a public fact of any length in what nodes compare before a job. */
export function digestOf(fact: Parameters<typeof canonicalJson>[0]): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(fact))));
}

/**
 * The attempt of a change that all nodes make alike: one a request, so that no client can have nodes decide
 * different things under the same one.
 */
export function attemptOf(job: string): string {
  return job.slice(0, 32);
}
