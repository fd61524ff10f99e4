/**
 * What the client port asks of the node behind it.
 *
 * The port authenticates (signature, time, replay) and seals replies; the handler decides and acts.
 */
import type { Request } from '../../query/request.js';
import type { UploadFrame } from '../../query/request-upload-frame.js';

/** One opened request, with what a handler needs to bind its work to it. */
export interface OpenedRequest {
  readonly request: Request;
  /** SHA-256 of the envelope. */
  readonly digest: Uint8Array;
  /** Aborted when the client is gone: whatever was started for it is cancelled everywhere. */
  readonly signal: AbortSignal;
  /** The manifest that the client sent on this connection, or undefined. */
  readonly manifest: Uint8Array | undefined;
  /** Sends a progress message (progressReply) to the client; never waits. */
  progress(stage: string, done: number, total: number): void;
}

export interface HandledReply {
  readonly data: unknown;
  readonly attachment?: Uint8Array;
}

export interface RequestHandler {
  /** Answers a request or throws a WarifuError, which goes to the client sealed. */
  handle(opened: OpenedRequest): Promise<HandledReply>;
  /** Stores an authenticated upload frame; resolves when it is durable. */
  storeFrame(frame: UploadFrame): Promise<void>;
}
