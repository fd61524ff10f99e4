/**
 * Replies sealed to the client's fresh X25519 key, so that a node that replays a request to its peers learns
 * nothing from what they answer.
 *
 * Key = HKDF-SHA256 (RFC 5869) of the X25519 secret (RFC 7748), bound to the request digest, the cluster, the
 * answering node, both public keys and the direction; ChaCha20-Poly1305 (RFC 8439) with the sequence number in
 * the nonce and the head of the message as associated data. So a message that is altered, repeated, reordered,
 * left out, cut off at the end, or taken from another node, request or cluster is refused.
 *
 * Layout of a message: u8 format, u8 last (0 or 1), u32 sequence, 32 bytes ephemeral key, ciphertext and tag.
 * Authenticity of the node is the pinned TLS link's: the seal alone shows that the sender knew the request.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 as sha256Hash } from '@noble/hashes/sha2.js';
import { hexToBytes, randomBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { equalBytes } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import { SecretBytes } from '../core/secret.js';
import { x25519PublicKey, x25519Secret } from '../core/x25519.js';

const SEAL_FORMAT = 1;
const HEAD_BYTES = 38;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MAX_SEQUENCE = 2 ** 32 - 1;
const DOMAIN = 'warifu reply v1';
/** The only direction so far; in the key derivation so that a later one can never share a key with it. */
const DIRECTION = 'node to client';

/** A client's fresh key pair for the replies to one request. */
export interface ReplyKey {
  readonly privateKey: SecretBytes;
  readonly publicKey: Uint8Array;
}

/** What both sides must agree on for a reply to open. */
export interface ReplyContext {
  /** SHA-256 of the request envelope. */
  readonly requestDigest: Uint8Array;
  /** Cluster fingerprint, hex; with the index it names the node's keys. */
  readonly cluster: string;
  readonly node: NodeIndex;
}

export function newReplyKey(): ReplyKey {
  const privateKey = new SecretBytes(randomBytes(KEY_BYTES));
  return { privateKey, publicKey: x25519PublicKey(privateKey.reveal()) };
}

/** A node's side: seals the messages of one reply, in order, the last one marked. */
export class ReplySealer {
  readonly #key: SecretBytes;
  readonly #ephemeral: Uint8Array;
  #sequence = 0;
  #ended = false;

  /**
   * @param replyKey the request's reply_key (32 bytes).
   * @throws WarifuError REQUEST_INVALID for a key that is no usable X25519 key.
   */
  constructor(replyKey: Uint8Array, context: ReplyContext) {
    const own = newReplyKey();
    this.#ephemeral = own.publicKey;
    this.#key = deriveKey(own.privateKey, replyKey, own.publicKey, replyKey, context);
    own.privateKey.wipe();
  }

  /** One sealed message; after the last one the key is wiped and the sealer throws. */
  seal(bytes: Uint8Array, last: boolean): Uint8Array {
    if (this.#ended) throw new TypeError('the reply has ended; nothing can follow its last message');
    if (this.#sequence > MAX_SEQUENCE) throw new RangeError('a reply has no more than 2^32 messages');
    const head = new ByteWriter(HEAD_BYTES)
      .u8(SEAL_FORMAT)
      .u8(last ? 1 : 0)
      .u32(this.#sequence)
      .raw(this.#ephemeral)
      .finish();
    const sealed = chacha20poly1305(this.#key.reveal(), nonceOf(this.#sequence), head).encrypt(bytes);
    this.#sequence += 1;
    if (last) {
      this.#ended = true;
      this.#key.wipe();
    }
    return new ByteWriter(HEAD_BYTES + sealed.length).raw(head).raw(sealed).finish();
  }
}

/** A client's side: opens the messages of one node's reply, in order. */
export class ReplyOpener {
  readonly #own: ReplyKey;
  readonly #context: ReplyContext;
  readonly #maxBytes: number;
  #key: SecretBytes | undefined;
  #ephemeral: Uint8Array | undefined;
  #sequence = 0;
  #ended = false;

  /** @param maxBytes largest sealed message accepted. */
  constructor(own: ReplyKey, context: ReplyContext, maxBytes = 64 * 1024 * 1024) {
    this.#own = own;
    this.#context = context;
    this.#maxBytes = maxBytes;
  }

  /** Whether the last message has been opened; a reply that stops earlier is incomplete. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The content of the next message.
   *
   * @throws WarifuError PEER_MISBEHAVED naming the node, for anything but exactly that message.
   */
  open(message: Uint8Array): { readonly bytes: Uint8Array; readonly last: boolean } {
    if (this.#ended) throw this.#refuse('sent a message after the last one of its reply');
    if (message.length < HEAD_BYTES + TAG_BYTES || message.length > this.#maxBytes) {
      throw this.#refuse(`sent a sealed message of ${message.length} bytes`);
    }
    const reader = new ByteReader(message, 'the reply');
    if (reader.u8() !== SEAL_FORMAT) throw this.#refuse('sent a reply in an unknown format');
    const lastByte = reader.u8();
    const sequence = reader.u32();
    const ephemeral = reader.raw(KEY_BYTES);
    if (lastByte > 1 || sequence !== this.#sequence) {
      throw this.#refuse(`sent message ${sequence} of its reply where ${this.#sequence} was due`);
    }
    const key = this.#keyFor(ephemeral);
    let bytes: Uint8Array;
    try {
      bytes = chacha20poly1305(key.reveal(), nonceOf(sequence), message.subarray(0, HEAD_BYTES)).decrypt(
        message.subarray(HEAD_BYTES),
      );
    } catch {
      throw this.#refuse('sent a reply that does not open; it was altered or is not for this request');
    }
    this.#sequence += 1;
    if (lastByte === 1) {
      this.#ended = true;
      key.wipe();
    }
    return { bytes, last: lastByte === 1 };
  }

  /** @throws WarifuError NODE_LOST when the reply stopped before its last message. */
  end(): void {
    if (this.#ended) return;
    throw new WarifuError(
      'NODE_LOST',
      `node ${this.#context.node} ended its reply after ${this.#sequence} messages, before the last one; try again`,
      { node: this.#context.node },
    );
  }

  #keyFor(ephemeral: Uint8Array): SecretBytes {
    if (this.#key !== undefined && this.#ephemeral !== undefined) {
      if (!equalBytes(this.#ephemeral, ephemeral)) throw this.#refuse('changed its key within a reply');
      return this.#key;
    }
    let key: SecretBytes;
    try {
      key = deriveKey(this.#own.privateKey, ephemeral, ephemeral, this.#own.publicKey, this.#context);
    } catch (thrown) {
      if (thrown instanceof WarifuError) throw this.#refuse('sent an unusable key');
      throw thrown;
    }
    this.#ephemeral = ephemeral.slice();
    this.#key = key;
    return key;
  }

  #refuse(why: string): WarifuError {
    return new WarifuError('PEER_MISBEHAVED', `node ${this.#context.node} ${why}`, {
      node: this.#context.node,
    });
  }
}

/** A reply of one message. */
export function sealReply(replyKey: Uint8Array, context: ReplyContext, bytes: Uint8Array): Uint8Array {
  return new ReplySealer(replyKey, context).seal(bytes, true);
}

/**
 * Opens a reply of one message.
 *
 * @throws WarifuError PEER_MISBEHAVED or NODE_LOST, naming the node.
 */
export function openReply(own: ReplyKey, context: ReplyContext, message: Uint8Array): Uint8Array {
  const opener = new ReplyOpener(own, context);
  const { bytes } = opener.open(message);
  opener.end();
  return bytes;
}

function deriveKey(
  privateKey: SecretBytes,
  peerKey: Uint8Array,
  nodeKey: Uint8Array,
  clientKey: Uint8Array,
  context: ReplyContext,
): SecretBytes {
  let shared: Uint8Array;
  try {
    shared = x25519Secret(privateKey.reveal(), peerKey);
  } catch {
    throw new WarifuError('REQUEST_INVALID', 'the reply key is not a usable X25519 public key');
  }
  const info = new ByteWriter()
    .text(DOMAIN)
    .text(DIRECTION)
    .sized(hexToBytes(context.cluster))
    .u8(context.node)
    .sized(context.requestDigest)
    .sized(nodeKey)
    .sized(clientKey)
    .finish();
  const key = new SecretBytes(hkdf(sha256Hash, shared, undefined, info, KEY_BYTES));
  shared.fill(0);
  return key;
}

/** The key is fresh for every reply, so the sequence number makes the nonce unique. */
function nonceOf(sequence: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(8, sequence, true);
  return nonce;
}
