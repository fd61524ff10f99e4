/** One of four parties that shows what it tells a node: of what it sends a tag of, the message. */
import type { NodeIndex } from '../../src/core/scheme.js';
import type { StepPath } from '../../src/core/step.js';
import type { KeyedRandomness } from '../../src/protocols/randomness.js';
import { type GrowingJoint, type JointKey, Rep4Party, type Route } from '../../src/protocols/rep4/party.js';
import type { TagKeys } from '../../src/protocols/rep4/tag-keys.js';
import type { Channel } from '../../src/transport/channel.js';

/** Sees what a backup knows. */
export type Told = (step: StepPath, tag: string, message: Uint8Array) => void;

export class WatchedParty extends Rep4Party {
  readonly #receiver: NodeIndex;
  readonly #told: Told;

  /** @param receiver the node to which all that is told is shown. */
  constructor(
    channel: Channel,
    randomness: KeyedRandomness,
    tagKeys: TagKeys,
    receiver: NodeIndex,
    told: Told,
  ) {
    super(channel, randomness, tagKeys);
    this.#receiver = receiver;
    this.#told = told;
  }

  override async tell(route: Route, key: JointKey, message: Uint8Array): Promise<void> {
    if (route.receiver === this.#receiver) this.#told(key.step, key.tag, new Uint8Array(message));
    await super.tell(route, key, message);
  }

  override begin(route: Route, key: JointKey, length: number): GrowingJoint {
    const joint = super.begin(route, key, length);
    if (route.receiver !== this.#receiver) return joint;
    const message = new Uint8Array(length);
    let piece = new Uint8Array();
    let at = 0;
    return {
      piece: (start, end) => {
        piece = joint.piece(start, end) as Uint8Array<ArrayBuffer>;
        return piece;
      },
      advance: async (end) => {
        message.set(piece.subarray(0, end - at), at);
        at = end;
        if (end === length) this.#told(key.step, key.tag, message);
        await joint.advance(end);
      },
    };
  }
}
