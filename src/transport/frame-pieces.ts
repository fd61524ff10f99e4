/**
 * Frames out of the pieces in which their bytes arrive. The payload of a data frame is handed on piece by piece,
 * each as a data frame at its own offset, so that it is copied once: to where it stays. Other frames are put together.
 */
import { WarifuError } from '../core/errors.js';
import { DATA_HEADER_BYTES, type DataFrame, type Frame, type FrameDecoder, isDataFrame } from './frame.js';

export class FramePieces {
  readonly #decoder: FrameDecoder;
  readonly #onFrame: (frame: Frame) => void;
  readonly #head = new Uint8Array(DATA_HEADER_BYTES);
  /** Where the bytes of the current frame are gathered: the head of a data frame, or a whole other frame. */
  #gathered: Uint8Array = this.#head;
  #filled = 0;
  #length = 0;
  #data: DataFrame | undefined;

  constructor(decoder: FrameDecoder, onFrame: (frame: Frame) => void) {
    this.#decoder = decoder;
    this.#onFrame = onFrame;
  }

  /** A frame of that many bytes begins, the one before it being complete. Errors: FRAME_INVALID for an empty one. */
  begin(length: number): void {
    if (length === 0) throw new WarifuError('FRAME_INVALID', 'frame ends too early');
    this.#length = length;
    this.#filled = 0;
    this.#gathered = length < DATA_HEADER_BYTES ? this.#head.subarray(0, length) : this.#head;
  }

  /** Its next bytes. Errors: those of the decoder and of the receiver of frames. */
  add(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#data !== undefined) {
        this.#payload(this.#data, rest);
        return;
      }
      const take = Math.min(rest.length, this.#gathered.length - this.#filled);
      this.#gathered.set(rest.subarray(0, take), this.#filled);
      this.#filled += take;
      rest = rest.subarray(take);
      if (this.#filled === this.#gathered.length) this.#headComplete();
    }
  }

  #headComplete(): void {
    const gathered = this.#gathered;
    if (gathered.length === DATA_HEADER_BYTES && isDataFrame(gathered)) {
      const data = this.#decoder.decodeDataHead(gathered, this.#length - DATA_HEADER_BYTES);
      if (this.#length > DATA_HEADER_BYTES) {
        this.#data = data;
        return;
      }
      this.#end();
      this.#onFrame(data);
      return;
    }
    if (gathered.length < this.#length) {
      this.#gathered = new Uint8Array(this.#length);
      this.#gathered.set(gathered);
      return;
    }
    this.#end();
    this.#onFrame(this.#decoder.decode(gathered));
  }

  /** All bytes given belong to this frame: its reader cuts at the borders of frames. */
  #payload(data: DataFrame, payload: Uint8Array): void {
    const offset = data.offset + this.#filled - DATA_HEADER_BYTES;
    this.#filled += payload.length;
    if (this.#filled === this.#length) this.#end();
    this.#onFrame(pieceOf(data, offset, payload));
  }

  #end(): void {
    this.#length = 0;
    this.#data = undefined;
  }
}

/** Field by field: a spread takes several times as long, and a million products are three thousand pieces. */
function pieceOf(data: DataFrame, offset: number, payload: Uint8Array): DataFrame {
  const { kind, session, key, clock, total, charged } = data;
  return { kind, session, key, clock, total, offset, charged, payload };
}
