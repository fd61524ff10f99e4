/**
 * What leaves on a link: control frames first, then data frames of its sources in turn, as fast as the socket drains.
 *
 * Data frames go to the socket past `ws`, head and payload as they are: no copy, and on the accepting side no mask.
 */
import type { EncodedData } from './encode-frame.js';
import type { TransportLimits } from './limits.js';
import type { Connection } from './link.js';
import { DelayLine, type LinkShape } from './shape.js';
import { binaryFrameHead } from './web-socket-reader.js';

/** A data frame, and whom to tell when it was written: the socket then reads its bytes no more. */
export type LeavingFrame = readonly [...EncodedData, written: (() => void) | undefined];

/** Something that has data frames to send; asked again and again until it has none. */
export interface FrameSource {
  nextFrame(): LeavingFrame | undefined;
}

/** Milliseconds for which a shaped wire may be booked ahead, and bytes that may be under way on it. */
const BOOKED_MS = 20;
const UNDER_WAY_BYTES = 64 * 1024 * 1024;

export class LinkWriter {
  readonly #connection: Connection;
  readonly #limits: TransportLimits;
  readonly #line: DelayLine | undefined;
  readonly #control: Uint8Array[] = [];
  readonly #sources = new Set<FrameSource>();
  #controlBytes = 0;
  #isStopped = false;
  #pumping = false;

  constructor(connection: Connection, limits: TransportLimits, shape: LinkShape | undefined) {
    this.#connection = connection;
    this.#limits = limits;
    this.#line = shape === undefined ? undefined : new DelayLine(shape);
  }

  /** Queues a frame that goes before all data; false if the queue is full. */
  sendControl(frame: Uint8Array): boolean {
    this.#controlBytes += frame.length;
    if (this.#controlBytes > this.#limits.controlQueueBytes) return false;
    this.#control.push(frame);
    this.#schedule();
    return true;
  }

  /** A source has frames. */
  wake(source: FrameSource): void {
    this.#sources.add(source);
    this.#schedule();
  }

  /** Nothing more leaves. */
  stop(): void {
    this.#isStopped = true;
    this.#control.length = 0;
    this.#sources.clear();
    this.#line?.clear();
  }

  /** Frames queued in the same turn leave together. */
  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { socket } = this.#connection;
    socket.cork();
    while (!this.#isStopped && this.#hasRoom()) {
      const control = this.#control.shift();
      const data = control === undefined ? this.#nextData() : undefined;
      if (control !== undefined) {
        this.#controlBytes -= control.length;
        this.#leave(control.length, () => this.#writeControl(control));
      } else if (data !== undefined) {
        this.#leave(data[0].length + data[1].length, () => this.#writeData(data));
      } else {
        break;
      }
    }
    socket.uncork();
  }

  #hasRoom(): boolean {
    const { webSocket } = this.#connection;
    if (webSocket.bufferedAmount >= this.#limits.socketBytes) return false;
    const line = this.#line;
    return line === undefined || (line.bookedMs < BOOKED_MS && line.underWay < UNDER_WAY_BYTES);
  }

  #leave(bytes: number, write: () => void): void {
    if (this.#line === undefined) write();
    else this.#line.push(bytes, write);
  }

  #writeControl(frame: Uint8Array): void {
    this.#connection.webSocket.send(frame, (error) => this.#written(error));
  }

  #writeData([head, payload, written]: LeavingFrame): void {
    const { socket } = this.#connection;
    socket.cork();
    socket.write(Buffer.concat([binaryFrameHead(head.length + payload.length), head]));
    socket.write(payload, (error) => {
      if (error === undefined || error === null) written?.();
      this.#written(error);
    });
    socket.uncork();
  }

  #written(error: Error | null | undefined): void {
    if (error === undefined || error === null) this.#schedule();
  }

  #nextData(): LeavingFrame | undefined {
    for (const source of this.#sources) {
      // To the back of the queue: sources take turns frame by frame.
      this.#sources.delete(source);
      const frame = source.nextFrame();
      if (frame === undefined) continue;
      this.#sources.add(source);
      return frame;
    }
    return undefined;
  }
}
