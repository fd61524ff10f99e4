/**
 * A dialled socket as `ws` sees it, and a way past `ws` for what arrives.
 *
 * The socket reads into one fixed buffer (`onread`), which spares an allocation for every piece of every message.
 * What `ws` needs, the answer to the opening handshake, is pushed to it; all bytes after that go to a reader,
 * which gives back whatever is not its business (`passOn`).
 */
import type { OnReadOpts, Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Long enough for a TLS record (16 KiB) with room; larger ones only leave the cache sooner. */
const READ_BYTES = 64 * 1024;
const END_OF_HEAD = '\r\n\r\n';
/** What `ws` may leave unread before the connection is cut: it reads whatever comes, at once. */
const PASSED_ON_BYTES = 256 * 1024;

export class DialledStream extends Duplex {
  #socket: Socket | undefined;
  /** Characters of the end of the opening handshake's answer seen so far. */
  #endSeen = 0;
  /** What arrived after the answer and before there was a reader. */
  #early: Buffer[] = [];
  #reader: ((bytes: Uint8Array) => void) | undefined;

  /** The socket option that makes what arrives come here. */
  readonly onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (length, buffer) => this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, length)),
  };

  /** To be called at once with the socket that was made with `onread`. */
  attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    // The end of a socket is told only to a stream that flows.
    socket.resume();
  }

  /** From now on everything that arrives goes to the reader, in views that are valid during the call only. */
  readWith(reader: (bytes: Uint8Array) => void): void {
    this.#reader = reader;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) reader(bytes);
    this.#socket?.resume();
  }

  /** Hands bytes to `ws`. */
  passOn(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes));
    if (this.readableLength > PASSED_ON_BYTES) this.destroy(new Error('too much is left unread'));
  }

  override _read(): void {
    // What arrives is pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket?.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket?.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }

  /** False makes the socket stop reading. */
  #take(bytes: Buffer): boolean {
    if (this.#reader !== undefined) {
      this.#reader(bytes);
      return true;
    }
    const end = this.#endOfHead(bytes);
    if (end > 0) this.passOn(bytes.subarray(0, end));
    if (end < bytes.length) this.#early.push(Buffer.from(bytes.subarray(end)));
    return this.#endSeen < END_OF_HEAD.length || this.#early.length === 0;
  }

  /** How many of these bytes belong to the answer to the opening handshake. */
  #endOfHead(bytes: Buffer): number {
    let at = 0;
    for (; at < bytes.length && this.#endSeen < END_OF_HEAD.length; at++) {
      const expected = END_OF_HEAD.charCodeAt(this.#endSeen);
      if (bytes[at] === expected) this.#endSeen++;
      else this.#endSeen = bytes[at] === END_OF_HEAD.charCodeAt(0) ? 1 : 0;
    }
    return at;
  }
}
