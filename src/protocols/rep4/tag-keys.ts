/**
 * One-time keys for the tags of messages: known to the node that makes the tag and the one that checks it, and to nobody
 * else, least of all to the sender of the message. Each is made of the peer's key and the message's name by a pseudo-random
 * function (`amac`), as the keys of streams are.
 */
import { amac } from '../../core/digest.js';
import { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';

export class TagKeys {
  readonly #self: NodeIndex;
  readonly #keys: ReadonlyMap<NodeIndex, Uint8Array>;
  readonly #used = new Set<string>();

  /** @param keys for each peer, the 32-byte key that this node shares with it alone, fresh for each computation. */
  constructor(self: NodeIndex, keys: ReadonlyMap<NodeIndex, Uint8Array>) {
    for (const key of keys.values()) {
      if (key.length !== 32) throw new RangeError('a key for tags has 32 bytes');
    }
    this.#self = self;
    this.#keys = keys;
  }

  /** For the tag that this node sends to a peer. RANDOMNESS_REUSED when asked for twice. */
  toPeer(peer: NodeIndex, step: StepPath, message: string): Uint8Array {
    return this.#once(peer, `${this.#self}>${peer}\0${step}\0${message}`);
  }

  /** For the tag that this node has from a peer. */
  fromPeer(peer: NodeIndex, step: StepPath, message: string): Uint8Array {
    return this.#once(peer, `${peer}>${this.#self}\0${step}\0${message}`);
  }

  #once(peer: NodeIndex, name: string): Uint8Array {
    const key = this.#keys.get(peer);
    if (key === undefined) throw new WarifuError('INTERNAL', `no key for tags with node ${peer}`);
    if (this.#used.has(name)) throw new WarifuError('RANDOMNESS_REUSED', `two tags under the key of ${name}`);
    this.#used.add(name);
    return amac(key, `warifu tag v2\0${name}`);
  }
}
