/**
 * One client's connection: a small state machine over whole messages, handled one after the other.
 *
 * A request that fails leaves the connection usable. What breaks the protocol (an unknown or unexpected message, a
 * frame that is not stored) closes it with 1008, and nothing after it is read.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { ByteWriter } from '../../core/bytes.js';
import { asWarifuError, type ErrorCode, WarifuError } from '../../core/errors.js';
import type { ReplySealer } from '../../query/request-seal.js';
import {
  encodeReplyMessage,
  FROM_CLIENT,
  FROM_NODE,
  MAX_WIRE_MESSAGE,
  type ReplyMessage,
} from '../../query/request-wire.js';
import { type BegunUpload, checkManifest, expectBegun, readUploadFrame } from './begun-upload.js';
import { errorForClient } from './error-for-client.js';
import { watchLiveness } from './liveness.js';
import { type OpenedEnvelope, openEnvelope } from './open-envelope.js';
import type { PortContext } from './port-context.js';
import type { HandledReply } from './request-handler.js';

const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
/** How long a farewell may take. */
const FAREWELL_MS = 1000;
const EMPTY = new Uint8Array();

export class ClientConnection {
  readonly #webSocket: WebSocket;
  readonly #context: PortContext;
  readonly #remoteAddress: string;
  readonly #stopLiveness: () => void;
  readonly #stopCounting: () => void;
  readonly #queue: Uint8Array[] = [];
  #working = false;
  #ended = false;
  /** The request that is being answered. */
  #answering: AbortController | undefined;
  #upload: BegunUpload | undefined;
  #manifest: Uint8Array | undefined;
  #refusals = 0;
  /** Until the first request that a user signed, and between requests. */
  #deadline: NodeJS.Timeout;

  constructor(webSocket: WebSocket, socket: Socket, context: PortContext, remoteAddress: string) {
    this.#webSocket = webSocket;
    this.#context = context;
    this.#remoteAddress = remoteAddress;
    const { limits } = context;
    this.#deadline = this.#closeAfter(limits.handshakeMs, 'no request of an enrolled user came in time');
    this.#stopLiveness = watchLiveness({
      webSocket,
      socket,
      limits,
      isPaused: () => webSocket.isPaused,
      onSilent: () => this.#lose(`nothing came from the client for ${limits.silenceMs / 1000} seconds`),
    });
    this.#stopCounting = this.#countStranger(socket);
    webSocket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    webSocket.on('error', (error) => this.#faulty(error));
    webSocket.on('close', () => this.#end());
  }

  /** Ends the connection because the node stops. */
  close(): void {
    this.#farewell(GOING_AWAY, 'the node is stopping');
  }

  #receive(data: Uint8Array, isBinary: boolean): void {
    if (this.#ended) return;
    if (!isBinary) return this.#break(invalid('a text message came where only binary ones are known'));
    if (this.#answering !== undefined) {
      return this.#break(invalid('a message came before the reply to the last request had ended'));
    }
    this.#queue.push(data);
    if (this.#queue.length >= this.#context.limits.queuedMessages) this.#webSocket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    clearTimeout(this.#deadline);
    let message = this.#queue.shift();
    while (message !== undefined && !this.#ended) {
      // Before a request is answered, so that its client is heard when it goes away.
      if (this.#queue.length === 0) this.#webSocket.resume();
      try {
        await this.#process(message);
      } catch (thrown) {
        this.#break(asWarifuError(thrown));
      }
      message = this.#queue.shift();
    }
    this.#working = false;
    if (this.#ended) return;
    const { idleMs, handshakeMs } = this.#context.limits;
    this.#deadline = this.#closeAfter(
      this.#refusals === 0 ? idleMs : Math.min(idleMs, handshakeMs),
      'the client asked nothing more',
    );
  }

  async #process(message: Uint8Array): Promise<void> {
    const body = message.subarray(1);
    switch (message[0]) {
      case FROM_CLIENT.request:
        return this.#answer(body);
      case FROM_CLIENT.uploadFrame:
        return this.#store(body);
      case FROM_CLIENT.manifest:
        expectBegun(this.#upload);
        this.#manifest = body;
        return;
      default:
        throw invalid('a message of an unknown type came');
    }
  }

  async #store(bytes: Uint8Array): Promise<void> {
    const frame = await readUploadFrame(bytes, this.#upload, this.#context);
    await this.#context.handler.storeFrame(frame);
    this.#send(FROM_NODE.stored, new ByteWriter(8).u8(frame.part).u32(frame.chunk).finish());
  }

  async #answer(envelope: Uint8Array): Promise<void> {
    let opened: OpenedEnvelope;
    try {
      opened = await openEnvelope(envelope, this.#context);
    } catch (thrown) {
      this.#refuse(asWarifuError(thrown));
      return;
    }
    if (this.#ended) return;
    if (this.#queue.length > 0)
      throw invalid('a message came before the reply to the last request had ended');
    this.#refusals = 0;
    this.#stopCounting();
    const controller = new AbortController();
    this.#answering = controller;
    let last: ReplyMessage;
    let isCounted = false;
    try {
      this.#context.byUser.enter(opened.request.user, this);
      isCounted = true;
      const { data, attachment = EMPTY } = await this.#handle(opened, controller.signal);
      last = { kind: 'result', data, attachment };
    } catch (thrown) {
      this.#context.onRefused(asWarifuError(thrown), this.#remoteAddress);
      last = { kind: 'error', data: errorForClient(thrown).toJSON(), attachment: EMPTY };
    }
    this.#answering = undefined;
    this.#sendSealed(opened.sealer, last);
    if (!isCounted) this.#farewell(POLICY_VIOLATION, 'NODE_BUSY');
  }

  async #handle(opened: OpenedEnvelope, signal: AbortSignal): Promise<HandledReply> {
    const { request, digest, sealer, users } = opened;
    let manifest: Uint8Array | undefined;
    if (request.kind === 'upload-commit' && this.#manifest !== undefined) {
      manifest = this.#manifest;
      this.#manifest = undefined;
      checkManifest(manifest, request, users);
    }
    const progress = (stage: string, done: number, total: number): void => {
      if (signal.aborted || this.#answering?.signal !== signal) return;
      if (this.#webSocket.bufferedAmount > this.#context.limits.progressBytes) return;
      this.#sendSealed(sealer, { kind: 'progress', data: { stage, done, total }, attachment: EMPTY });
    };
    const reply = await this.#context.handler.handle({ request, digest, signal, manifest, progress });
    if (request.kind === 'upload-begin') {
      const { user, table, slice, version } = request;
      this.#upload = { user, table, slice, version };
      this.#manifest = undefined;
    }
    return reply;
  }

  #sendSealed(sealer: ReplySealer, message: ReplyMessage): void {
    if (this.#ended) return;
    const isLast = message.kind !== 'progress';
    const sealed = sealer.seal(encodeReplyMessage(message), isLast);
    if (sealed.length >= MAX_WIRE_MESSAGE) {
      this.#break(new WarifuError('INTERNAL', `a reply of ${sealed.length} bytes is too large to be sent`));
      return;
    }
    this.#send(FROM_NODE.sealed, sealed);
  }

  #send(type: number, body: Uint8Array): void {
    if (this.#ended) return;
    this.#webSocket.send(new ByteWriter(body.length + 1).u8(type).raw(body).finish());
  }

  /** Answers, unsealed, a request that could not be opened. */
  #refuse(error: WarifuError): void {
    this.#context.onRefused(error, this.#remoteAddress);
    this.#refusals += 1;
    // A request without the form of one is no slip of an honest client.
    const isHopeless = error.code === 'REQUEST_INVALID' || this.#refusals >= this.#context.limits.refusals;
    this.#sendRefusal(error);
    if (isHopeless) this.#farewell(POLICY_VIOLATION, error.code);
  }

  /** Says why, and reads nothing more. */
  #break(error: WarifuError): void {
    if (this.#ended) return;
    this.#context.onRefused(error, this.#remoteAddress);
    this.#sendRefusal(error);
    this.#farewell(POLICY_VIOLATION, error.code);
  }

  #sendRefusal(error: WarifuError): void {
    this.#send(FROM_NODE.refused, new TextEncoder().encode(JSON.stringify(errorForClient(error))));
  }

  /** The library has found bytes that are no WebSocket frame, or one that is too large; it closes by itself. */
  #faulty(error: Error & { code?: string }): void {
    if (!this.#ended) {
      const why = error.code ?? 'its form';
      this.#context.onRefused(
        new WarifuError('FRAME_INVALID', `a client sent a message that is refused for ${why}`),
        this.#remoteAddress,
      );
    }
    this.#end();
  }

  #lose(why: string, code: ErrorCode = 'NO_PROGRESS'): void {
    if (this.#ended) return;
    this.#context.onRefused(new WarifuError(code, why), this.#remoteAddress);
    this.#end();
    this.#webSocket.terminate();
  }

  #farewell(code: number, reason: string): void {
    if (this.#ended) return;
    this.#end();
    this.#webSocket.close(code, reason);
    this.#webSocket.resume();
    setTimeout(() => this.#webSocket.terminate(), FAREWELL_MS).unref();
  }

  /** Until a user has asked something, a connection may take no more memory than a request does. */
  #countStranger(socket: Socket): () => void {
    let left = this.#context.limits.strangerBytes;
    const count = (data: Uint8Array): void => {
      left -= data.length;
      if (left < 0)
        this.#lose('more came than a request has, before any request of an enrolled user', 'FRAME_INVALID');
    };
    socket.on('data', count);
    return () => socket.off('data', count);
  }

  #closeAfter(limitMs: number, why: string): NodeJS.Timeout {
    return setTimeout(() => this.#lose(why), limitMs);
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#stopLiveness();
    this.#stopCounting();
    this.#context.byUser.leave(this);
    this.#queue.length = 0;
    this.#manifest = undefined;
    this.#answering?.abort(new WarifuError('CANCELLED', 'the client is gone'));
  }
}

function invalid(message: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', message);
}
