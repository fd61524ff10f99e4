/**
 * What a protocol sees of the network: messages keyed by step, between the nodes of one computation.
 *
 * Each (sender, receiver, step, tag) carries exactly one message. The receiver states the exact length it
 * expects; anything else is a typed error (MESSAGE_LENGTH) and ends the computation.
 */
import type { NodeIndex } from '../core/scheme.js';
import type { StepPath } from '../core/step.js';

/** Names one message inside a step: a step that sends twice to the same node uses two tags. */
export interface MessageKey {
  readonly step: StepPath;
  readonly tag: string;
}

/** A message that travels while the rest of it is being computed: its bytes become final from the front. */
export interface GrowingMessage {
  /**
   * The bytes before `end` are final and may leave. Resolves when the transport takes more (flow control); for
   * `end` = the message's length as `send` does. `end` never shrinks; until it reaches the length, the receiver waits.
   */
  advance(end: number): Promise<void>;
}

export interface Channel {
  readonly self: NodeIndex;

  /**
   * Queues a message; resolves when the transport accepted it (flow control), not when it arrived.
   * The bytes must not be changed by the caller afterwards.
   *
   * @param clock logical time of the message: one more than the number of dependent messages before it.
   */
  send(to: NodeIndex, key: MessageKey, bytes: Uint8Array, clock: number): Promise<void>;

  /**
   * Begins a message of bytes.length bytes, none of which is final yet: `advance` says how many are. `send` is
   * begin and one advance. Errors as those of `send`.
   *
   * @param left called when the transport reads the bytes no more; never if the computation ends before.
   */
  begin(to: NodeIndex, key: MessageKey, bytes: Uint8Array, clock: number, left?: () => void): GrowingMessage;

  /**
   * The message of that key, once it is complete. The bytes belong to the caller, start at an offset that is
   * a multiple of 8 in their buffer, and have exactly `length` bytes.
   *
   * Errors: MESSAGE_LENGTH, FRAME_INVALID, NODE_LOST, NO_PROGRESS, CANCELLED.
   */
  receive(from: NodeIndex, key: MessageKey, length: number): Promise<Uint8Array>;
}

/** What a metered channel has counted so far at one node. */
export interface Meter {
  /** Largest clock of any message that this node sent; the rounds of a computation are the largest of all nodes. */
  readonly rounds: number;
  /** Payload bytes sent by this node. */
  readonly bytesSent: number;
}
