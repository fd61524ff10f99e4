/**
 * Keys for correlated randomness of four nodes: for each part of a sharing, a fresh 32-byte key per query, known to
 * exactly the three nodes that hold the part, and chosen by none of them.
 *
 * A seed that one holder sends to the others breaks privacy: it may send two of them different ones (Eurocrypt 2026,
 * eprint 2026/234). So the holders toss it. Each draws 32 bytes and
 *   1. commits: sends SHA-256 over its place, a 32-byte salt and the bytes to the two other holders;
 *   2. opens, once it has the commitments of all: sends salt and bytes, which each compares with the commitment;
 *   3. echoes: sends what it has seen of each of the three holders, itself included, as digests, which each compares
 *      with what it has seen itself. Until all are equal there is no key, so nothing can be computed with it.
 * The key is HKDF-SHA256 over the three contributions in node order, salted with the three digests, bound to the
 * cluster, the query, the digest of its start record and the part. Everything travels inside pinned links between two
 * holders, so that the fourth node learns nothing of it; salts and places keep commitments from being guessed or copied.
 *
 * Who lied: whose opening is not what it committed to; who echoes something else of the listener than it sent, or of
 * itself than the listener got. Where two say different things of the third, either may lie, and both are named.
 */
import { randomBytes } from 'node:crypto';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 as sha256Hash } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { ByteWriter } from '../../core/bytes.js';
import { equalBytes, sha256 } from '../../core/digest.js';
import { WarifuError } from '../../core/errors.js';
import { digestField, hexField } from '../../core/fields.js';
import { holdersOf, type NodeIndex, type PartIndex, partsHeldBy } from '../../core/scheme.js';
import { SecretBytes, wipeAll } from '../../core/secret.js';
import type { KeyContext } from './pairwise-keys.js';

const CONTRIBUTION_BYTES = 32;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const COMMIT_DOMAIN = 'warifu part key commitment v1';
const SEEN_DOMAIN = 'warifu part key seen v1';
const KEY_DOMAIN = 'warifu part key v1';
/** Two of four nodes have two parts in common. */
const MAX_COMMON = 3;

const part = z.literal([0, 1, 2, 3]);

/** One entry for each part that sender and receiver both hold, in ascending order. */
export const partCommitments = z.array(z.strictObject({ part, commitment: digestField })).max(MAX_COMMON);
export const partOpenings = z
  .array(z.strictObject({ part, salt: hexField(SALT_BYTES), contribution: hexField(CONTRIBUTION_BYTES) }))
  .max(MAX_COMMON);
/** What the sender has seen of each holder of the part, in node order. */
export const partEchoes = z
  .array(z.strictObject({ part, seen: z.array(digestField).max(4) }))
  .max(MAX_COMMON);

export type PartCommitments = z.infer<typeof partCommitments>;
export type PartOpenings = z.infer<typeof partOpenings>;
export type PartEchoes = z.infer<typeof partEchoes>;

/** What one node has heard of one holder about one part. */
interface Heard {
  commitment?: Uint8Array;
  salt?: Uint8Array;
  contribution?: SecretBytes;
}

/** One node's side of the tosses of one query, for all the parts that it holds. */
export class PartKeyToss {
  readonly #context: KeyContext;
  readonly #heard = new Map<string, Heard>();
  readonly #echoed = new Set<NodeIndex>();
  readonly #keys = new Map<PartIndex, SecretBytes>();

  constructor(context: KeyContext) {
    this.#context = context;
    const { self, scheme } = context;
    for (const mine of partsHeldBy(scheme, self)) {
      const salt = new Uint8Array(randomBytes(SALT_BYTES));
      const contribution = new Uint8Array(randomBytes(CONTRIBUTION_BYTES));
      const commitment = this.#commit(self, mine, salt, contribution);
      this.#heard.set(keyOf(self, mine), { commitment, salt, contribution: new SecretBytes(contribution) });
    }
  }

  /** The first message to a peer. */
  commitmentsFor(peer: NodeIndex): PartCommitments {
    return this.#common(peer).map((shared) => ({
      part: shared,
      commitment: bytesToHex(this.#own(shared).commitment),
    }));
  }

  /** @throws WarifuError PEER_MISBEHAVED for other parts than both hold, or a second message. */
  acceptCommitments(peer: NodeIndex, list: PartCommitments): void {
    this.#expectParts(peer, list);
    for (const { part: shared, commitment } of list) {
      if (this.#heard.has(keyOf(peer, shared))) throw misbehaved(peer, 'committed itself twice to a key');
      this.#heard.set(keyOf(peer, shared), { commitment: hexToBytes(commitment) });
    }
  }

  /**
   * The second message to a peer.
   *
   * @throws TypeError before all commitments have come: what is opened earlier lets others choose theirs by it.
   */
  openingsFor(peer: NodeIndex): PartOpenings {
    this.#expectAll('commitment');
    return this.#common(peer).map((shared) => {
      const { salt, contribution } = this.#own(shared);
      return {
        part: shared,
        salt: bytesToHex(salt),
        contribution: bytesToHex(contribution.reveal()),
      };
    });
  }

  /** @throws WarifuError PEER_MISBEHAVED for an opening that is not what the peer committed to. */
  acceptOpenings(peer: NodeIndex, list: PartOpenings): void {
    this.#expectParts(peer, list);
    for (const opening of list) {
      const heard = this.#heard.get(keyOf(peer, opening.part));
      if (heard?.commitment === undefined) throw misbehaved(peer, 'opened a key before it committed itself');
      if (heard.contribution !== undefined) throw misbehaved(peer, 'opened a key twice');
      const salt = hexToBytes(opening.salt);
      const contribution = hexToBytes(opening.contribution);
      if (!equalBytes(heard.commitment, this.#commit(peer, opening.part, salt, contribution))) {
        throw misbehaved(
          peer,
          `opened another contribution to the key of part ${opening.part} than it committed to`,
        );
      }
      heard.salt = salt;
      heard.contribution = new SecretBytes(contribution);
    }
  }

  /** The third message to a peer. TypeError before all openings have come. */
  echoesFor(peer: NodeIndex): PartEchoes {
    this.#expectAll('contribution');
    return this.#common(peer).map((shared) => ({
      part: shared,
      seen: this.#holders(shared).map((holder) => bytesToHex(this.#seen(holder, shared))),
    }));
  }

  /** @throws WarifuError PEER_MISBEHAVED naming the node, or both of two of which one lies. */
  acceptEchoes(peer: NodeIndex, list: PartEchoes): void {
    this.#expectParts(peer, list);
    const differences = list.flatMap(({ part: shared, seen }) => {
      const holders = this.#holders(shared);
      if (seen.length !== holders.length) throw misbehaved(peer, 'sent an echo of another length');
      return holders
        .filter((holder, i) => seen[i] !== bytesToHex(this.#seen(holder, shared)))
        .map((about) => ({ about, of: shared }));
    });
    // What the peer says of itself, or of this node, tells who lies; what it says of the third does not.
    const certain = differences.find(({ about }) => about === peer || about === this.#context.self);
    const found = certain ?? differences[0];
    if (found !== undefined) throw this.#differs(peer, found.about, found.of);
    this.#echoed.add(peer);
  }

  /**
   * For each part that this node holds its key; owned by the toss.
   *
   * @throws TypeError before the echoes of all peers were accepted.
   */
  keys(): ReadonlyMap<PartIndex, SecretBytes> {
    const { self, scheme } = this.#context;
    const isWhole = scheme.nodes.every((node) => node === self || this.#echoed.has(node));
    if (!isWhole) throw new TypeError('not all peers have confirmed what they saw');
    if (this.#keys.size === 0) {
      for (const mine of partsHeldBy(scheme, self)) this.#keys.set(mine, this.#derive(mine));
    }
    return this.#keys;
  }

  /** At the end of the query, however it ends. */
  wipe(): void {
    wipeAll([...this.#heard.values()].flatMap(({ contribution }) => contribution ?? []));
    wipeAll(this.#keys.values());
  }

  #derive(mine: PartIndex): SecretBytes {
    const holders = this.#holders(mine);
    const contributions = holders.map((holder) => this.#complete(holder, mine).contribution.reveal());
    const input = new Uint8Array(holders.length * CONTRIBUTION_BYTES);
    for (const [i, bytes] of contributions.entries()) input.set(bytes, i * CONTRIBUTION_BYTES);
    const salt = sha256(...holders.map((holder) => this.#seen(holder, mine)));
    const key = new SecretBytes(
      hkdf(sha256Hash, input, salt, this.#place(KEY_DOMAIN, mine).finish(), KEY_BYTES),
    );
    input.fill(0);
    return key;
  }

  /** What a holder commits to is bound to its place, so that no other can commit to the same. */
  #commit(holder: NodeIndex, of: PartIndex, salt: Uint8Array, contribution: Uint8Array): Uint8Array {
    return sha256(this.#place(COMMIT_DOMAIN, of).u8(holder).finish(), salt, contribution);
  }

  /** Stands for all that one holder sent; it goes to holders of the part only, who know it all. */
  #seen(holder: NodeIndex, of: PartIndex): Uint8Array {
    const { commitment, salt, contribution } = this.#complete(holder, of);
    return sha256(this.#place(SEEN_DOMAIN, of).u8(holder).finish(), commitment, salt, contribution.reveal());
  }

  #place(domain: string, of: PartIndex): ByteWriter {
    const { cluster, queryId, startDigest } = this.#context;
    return new ByteWriter()
      .text(domain)
      .sized(hexToBytes(cluster))
      .sized(hexToBytes(queryId))
      .sized(startDigest)
      .u8(of);
  }

  #differs(peer: NodeIndex, about: NodeIndex, of: PartIndex): WarifuError {
    const { self } = this.#context;
    if (about === self || about === peer) {
      return misbehaved(peer, `does not confirm the contribution to the key of part ${of} as it was sent`);
    }
    return new WarifuError(
      'PEER_MISBEHAVED',
      `nodes ${peer} and ${about} contradict each other about the key of part ${of}: one of them sent different things`,
      { part: of, nodes: [peer, about].map(String).sort() },
    );
  }

  #expectAll(field: 'commitment' | 'contribution'): void {
    const { self, scheme } = this.#context;
    for (const mine of partsHeldBy(scheme, self)) {
      for (const holder of this.#holders(mine)) {
        if (this.#heard.get(keyOf(holder, mine))?.[field] === undefined) {
          throw new TypeError(`node ${holder} has not sent its ${field} for part ${mine}`);
        }
      }
    }
  }

  #expectParts(peer: NodeIndex, list: readonly { readonly part: PartIndex }[]): void {
    const common = this.#common(peer);
    const fits = list.length === common.length && list.every((entry, i) => entry.part === common[i]);
    if (!fits) throw misbehaved(peer, 'sent what belongs to keys of other parts than both hold');
  }

  #own(of: PartIndex): Required<Heard> {
    return this.#complete(this.#context.self, of);
  }

  #complete(holder: NodeIndex, of: PartIndex): Required<Heard> {
    const { commitment, salt, contribution } = this.#heard.get(keyOf(holder, of)) ?? {};
    if (commitment === undefined || salt === undefined || contribution === undefined) {
      throw new TypeError(`node ${holder} has not opened its contribution for part ${of}`);
    }
    return { commitment, salt, contribution };
  }

  /** The parts that both this node and the peer hold. */
  #common(peer: NodeIndex): PartIndex[] {
    const { scheme, self } = this.#context;
    const theirs = partsHeldBy(scheme, peer);
    return partsHeldBy(scheme, self).filter((one) => theirs.includes(one));
  }

  #holders(of: PartIndex): readonly NodeIndex[] {
    return holdersOf(this.#context.scheme, of);
  }
}

function keyOf(holder: NodeIndex, of: PartIndex): string {
  return `${holder}/${of}`;
}

function misbehaved(node: NodeIndex, what: string): WarifuError {
  return new WarifuError('PEER_MISBEHAVED', `node ${node} ${what}`, { node });
}
