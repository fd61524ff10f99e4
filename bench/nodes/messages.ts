/** What the bench and its node processes say to each other: every message to a node has one reply. */
import type { LinkOptions } from '../../src/cli/link-options.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import type { JobKeys } from '../../src/server/jobs/job-keys.js';
import type { PartSummary } from '../protocols/verify.js';

export interface NodeSettings {
  readonly self: NodeIndex;
  /** The node's private key, as the text of an unprotected key file. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** The text of the cluster file. */
  readonly cluster: string;
  readonly links: LinkOptions;
  /** Links without TLS. */
  readonly plain: boolean;
}

export type ToNode =
  | { readonly kind: 'start'; readonly settings: NodeSettings }
  /** Deal the inputs of a bench. */
  | { readonly kind: 'prepare'; readonly bench: string; readonly n: number }
  /** Open a session for one run. */
  | { readonly kind: 'open'; readonly session: string; readonly keys: JobKeys }
  | { readonly kind: 'go' }
  /** All nodes have finished. */
  | { readonly kind: 'close' }
  | { readonly kind: 'result' };

export type FromNode =
  | { readonly kind: 'hello' | 'started' | 'prepared' | 'opened' }
  /** Its part of the run is over; on the clock that all processes of the machine share. */
  | { readonly kind: 'finished'; readonly atNs: bigint }
  | { readonly kind: 'closed'; readonly cost: RunCost }
  | { readonly kind: 'result'; readonly parts: readonly PartSummary[] }
  | { readonly kind: 'failed'; readonly message: string };

/** What one run took at one node. */
export interface RunCost {
  readonly cpuSeconds: number;
  readonly rounds: number;
  readonly bytes: number;
  /** Largest so far. */
  readonly peakRssMb: number;
}

/** Now, on the clock that all processes of the machine share. */
export function machineClock(): bigint {
  return process.hrtime.bigint();
}
