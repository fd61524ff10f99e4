/**
 * Which nodes this one has itself lost, and for how long: a query may go on without a node only where each survivor
 * says so of its own link.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { JobMesh } from './job-mesh.js';

/** A link that breaks for a moment, or has not come up yet, is no loss. */
const LOST_AFTER_MS = 3_000;

export class LostNodes {
  readonly #mesh: Pick<JobMesh, 'status'>;
  readonly #nameOf: (node: NodeIndex) => string;
  readonly #afterMs: number;
  readonly #started = performance.now();
  readonly #downSince = new Map<NodeIndex, number>();

  constructor(
    mesh: Pick<JobMesh, 'status'>,
    nameOf: (node: NodeIndex) => string,
    afterMs: number = LOST_AFTER_MS,
  ) {
    this.#mesh = mesh;
    this.#nameOf = nameOf;
    this.#afterMs = afterMs;
  }

  /** To be told when a link breaks. */
  wentDown(node: NodeIndex): void {
    this.#downSince.set(node, performance.now());
  }

  /**
   * Resolves when this node has lost the other one for long enough.
   *
   * @throws WarifuError STATE_DIFFERS when its link is up.
   */
  async expectLost(node: NodeIndex): Promise<void> {
    const since = this.#downSince.get(node) ?? this.#started;
    const left = since + this.#afterMs - performance.now();
    if (left > 0 && this.#isDown(node)) await sleep(left);
    if (this.#isDown(node) && (this.#downSince.get(node) ?? this.#started) === since) return;
    const name = this.#nameOf(node);
    throw new WarifuError(
      'STATE_DIFFERS',
      `node ${name} is not lost here: its link is up or has just broken; ask all four nodes, or again in a few seconds`,
      { node: name },
    );
  }

  #isDown(node: NodeIndex): boolean {
    return this.#mesh.status().some((peer) => peer.node === node && !peer.up);
  }
}
