/** How many control messages of a peer a node reads, and how many bytes of them. */
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import { RateLimit } from './rate-limit.js';

/** A job takes about ten messages of less than a kilobyte. */
const MESSAGES = { burst: 10_000, perSecond: 1_000 };
const BYTES = { burst: 8 << 20, perSecond: 512 << 10 };

export class ControlLimit {
  readonly #nameOf: (node: NodeIndex) => string;
  readonly #peers = new Map(
    ([0, 1, 2, 3] as const).map((peer) => [
      peer,
      {
        messages: new RateLimit(MESSAGES.burst, MESSAGES.perSecond),
        bytes: new RateLimit(BYTES.burst, BYTES.perSecond),
      },
    ]),
  );

  constructor(nameOf: (node: NodeIndex) => string) {
    this.#nameOf = nameOf;
  }

  /** Counts a message. @throws WarifuError FRAME_INVALID, which ends the link, naming who sends too much. */
  count(from: NodeIndex, bytes: number): void {
    const peer = this.#peers.get(from);
    if (peer?.messages.take() === true && peer.bytes.take(bytes)) return;
    const name = this.#nameOf(from);
    throw new WarifuError('FRAME_INVALID', `node ${name} sends more control messages than its jobs can need`);
  }
}
