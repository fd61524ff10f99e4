/** What a node's log has about the links to its peers, each fault once until the link is up. */

import type { z } from 'zod';
import type { WarifuError } from '../core/errors.js';
import { nodesBlamed } from '../core/node-names.js';
import type { NodeIndex } from '../core/scheme.js';
import type { wireError } from './jobs/control-message.js';
import type { Log } from './log.js';

/** Different faults of one peer, or of all strangers, that are logged. */
const MAX_FAULTS = 100;

export class LinkLog {
  readonly #log: Log;
  readonly #names: readonly string[];
  readonly #faults = new Map<string, Set<string>>();

  constructor(log: Log, names: readonly string[]) {
    this.#log = log;
    this.#names = names;
  }

  up(peer: NodeIndex): void {
    this.#faults.delete(this.#nameOf(peer));
    this.#log.info({ peer: this.#nameOf(peer) }, 'linked');
  }

  down(peer: NodeIndex, error: WarifuError): void {
    this.#log.warn({ peer: this.#nameOf(peer), code: error.code }, error.message);
  }

  /** The mesh repeats a fault at every attempt, and strangers may. */
  fault(error: WarifuError, peer: NodeIndex | undefined): void {
    const who = peer === undefined ? 'a stranger' : this.#nameOf(peer);
    this.#once(who, { peer: who, code: error.code }, error.message);
  }

  /**
   * A peer ends a job since it has lost another node; one that only passes it on says nothing of its own links.
   *
   * @param isUp whether this node's link to that one is up.
   */
  refused(from: NodeIndex, error: z.infer<typeof wireError>, isUp: (node: NodeIndex) => boolean): void {
    if (error.code !== 'NODE_LOST' && error.code !== 'NODE_UNREACHABLE') return;
    if (error.details['said_by'] !== undefined) return;
    for (const node of nodesBlamed(error.details, this.#names)) {
      if (node === from || !isUp(node)) continue;
      const who = this.#nameOf(from);
      this.#once(
        who,
        { peer: who, code: error.code },
        `node '${who}' says that it has lost node '${this.#nameOf(node)}', to which the link is up here`,
      );
    }
  }

  #once(who: string, fields: { readonly peer: string; readonly code: string }, message: string): void {
    const known = `${fields.code} ${message}`;
    const faults = this.#faults.get(who) ?? new Set();
    if (faults.has(known) || faults.size >= MAX_FAULTS) return;
    this.#faults.set(who, faults.add(known));
    this.#log.warn(fields, message);
  }

  #nameOf(node: NodeIndex): string {
    return this.#names[node] ?? String(node);
  }
}
