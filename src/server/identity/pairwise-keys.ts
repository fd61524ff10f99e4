/**
 * Fresh 32-byte keys per query, each known to exactly two nodes. With three nodes for correlated randomness: one for
 * each part of a sharing, known to the two nodes that hold it. With four for tags of messages: one for each pair.
 *
 * Inside their pinned channel both nodes send a fresh X25519 key and a nonce; the key is HKDF-SHA256 over the
 * shared secret, salted with both nonces, bound to the cluster (whose fingerprint covers both identities), both
 * indices, both public keys, the query, the digest of its start record, and what it is for. So no two queries, pairs or
 * parts share a key, and neither node alone chooses it (PITFALLS A8, A19). With three nodes two of them have one
 * part in common, so one exchange a pair gives every key; with four, parts have three holders (part-keys.ts).
 */
import { randomBytes } from 'node:crypto';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { ByteWriter } from '../../core/bytes.js';
import { WarifuError } from '../../core/errors.js';
import { hexField } from '../../core/fields.js';
import type { NodeIndex, PartIndex, Scheme } from '../../core/scheme.js';
import { partsHeldBy } from '../../core/scheme.js';
import { SecretBytes, wipeAll } from '../../core/secret.js';
import { x25519PublicKey, x25519Secret } from '../../core/x25519.js';

const KEY_BYTES = 32;
const PART_DOMAIN = 'warifu pairwise key v1';
const TAG_DOMAIN = 'warifu pairwise tag key v1';

/** What one node sends to another, once a query and pair. */
export const keyOfferSchema = z.strictObject({ public_key: hexField(KEY_BYTES), nonce: hexField(KEY_BYTES) });
export type KeyOffer = z.infer<typeof keyOfferSchema>;

/** What both nodes know about the computation before they agree on keys. */
export interface KeyContext {
  readonly scheme: Scheme;
  /** Cluster fingerprint, hex. */
  readonly cluster: string;
  /** Query id: 32 hex digits. */
  readonly queryId: string;
  /** SHA-256 of the start record that all nodes agreed on. */
  readonly startDigest: Uint8Array;
  readonly self: NodeIndex;
}

/** One node's side of the agreements of one query, with each of its peers. */
export class PairwiseAgreement {
  readonly #context: KeyContext;
  readonly #ephemeral = new Map<NodeIndex, SecretBytes>();
  readonly #offers = new Map<NodeIndex, KeyOffer>();
  readonly #partKeys = new Map<PartIndex, SecretBytes>();
  readonly #tagKeys = new Map<NodeIndex, SecretBytes>();

  constructor(context: KeyContext) {
    this.#context = context;
    for (const peer of context.scheme.nodes) {
      if (peer === context.self) continue;
      const secret = new Uint8Array(randomBytes(KEY_BYTES));
      this.#offers.set(peer, {
        public_key: bytesToHex(x25519PublicKey(secret)),
        nonce: randomBytes(KEY_BYTES).toString('hex'),
      });
      this.#ephemeral.set(peer, new SecretBytes(secret));
    }
  }

  /** What to send to that peer. */
  offerTo(peer: NodeIndex): KeyOffer {
    const offer = this.#offers.get(peer);
    if (offer === undefined) throw new RangeError(`node ${peer} is no peer`);
    return offer;
  }

  /**
   * Takes a peer's offer, once; the ephemeral key is wiped.
   *
   * @throws WarifuError PEER_MISBEHAVED naming the peer: an offer of another form, a second one, our own sent
   *   back, or a key of small order.
   */
  accept(peer: NodeIndex, data: unknown): void {
    const ours = this.offerTo(peer);
    const secret = this.#ephemeral.get(peer);
    const parsed = keyOfferSchema.safeParse(data);
    if (!parsed.success) throw misbehaved(peer, 'sent a key offer of another form');
    if (secret === undefined) throw misbehaved(peer, 'sent a second key offer for a query');
    if (parsed.data.public_key === ours.public_key) throw misbehaved(peer, 'sent our own key offer back');
    this.#ephemeral.delete(peer);
    const shared = sharedSecret(secret, parsed.data, peer);
    const derive = (domain: string, of: readonly PartIndex[]): SecretBytes =>
      this.#derive(shared, peer, [ours, parsed.data], domain, of);
    if (this.#context.scheme.name === 'rep4') {
      this.#tagKeys.set(peer, derive(TAG_DOMAIN, []));
    } else {
      for (const part of commonParts(this.#context, peer))
        this.#partKeys.set(part, derive(PART_DOMAIN, [part]));
    }
    shared.fill(0);
  }

  /**
   * With three nodes, for each part that this node holds, the key it shares with the part's other holder; owned by the
   * agreement.
   *
   * @throws TypeError before every peer's offer was accepted.
   */
  keys(): ReadonlyMap<PartIndex, SecretBytes> {
    this.#expectComplete();
    return this.#partKeys;
  }

  /**
   * With four nodes, the key shared with each peer; owned by the agreement.
   *
   * @throws TypeError before every peer's offer was accepted.
   */
  tagKeys(): ReadonlyMap<NodeIndex, SecretBytes> {
    this.#expectComplete();
    return this.#tagKeys;
  }

  /** At the end of the query, however it ends. */
  wipe(): void {
    wipeAll(this.#ephemeral.values());
    wipeAll(this.#partKeys.values());
    wipeAll(this.#tagKeys.values());
  }

  #expectComplete(): void {
    if (this.#ephemeral.size > 0) throw new TypeError('not all peers have sent their key offers');
  }

  #derive(
    shared: Uint8Array,
    peer: NodeIndex,
    [ours, theirs]: readonly [KeyOffer, KeyOffer],
    domain: string,
    parts: readonly PartIndex[],
  ): SecretBytes {
    const { self, cluster, queryId, startDigest } = this.#context;
    // Both sides list the node of the lower index first.
    const [first, second] = self < peer ? [ours, theirs] : [theirs, ours];
    const info = new ByteWriter()
      .text(domain)
      .sized(hexToBytes(cluster))
      .u8(Math.min(self, peer))
      .u8(Math.max(self, peer))
      .sized(hexToBytes(first.public_key))
      .sized(hexToBytes(second.public_key))
      .sized(hexToBytes(queryId))
      .sized(startDigest)
      .raw(Uint8Array.from(parts))
      .finish();
    const salt = hexToBytes(first.nonce + second.nonce);
    return new SecretBytes(hkdf(sha256, shared, salt, info, KEY_BYTES));
  }
}

/** The parts that both this node and the peer hold. */
function commonParts({ scheme, self }: KeyContext, peer: NodeIndex): PartIndex[] {
  const theirs = partsHeldBy(scheme, peer);
  return partsHeldBy(scheme, self).filter((part) => theirs.includes(part));
}

function sharedSecret(secret: SecretBytes, offer: KeyOffer, peer: NodeIndex): Uint8Array {
  try {
    return x25519Secret(secret.reveal(), hexToBytes(offer.public_key));
  } catch {
    throw misbehaved(peer, 'sent an unusable public key');
  } finally {
    secret.wipe();
  }
}

function misbehaved(peer: NodeIndex, what: string): WarifuError {
  return new WarifuError('PEER_MISBEHAVED', `node ${peer} ${what}`, { node: peer });
}
