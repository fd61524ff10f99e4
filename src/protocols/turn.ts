/**
 * Turns of the event loop: between the pieces of long computations sockets are read and written, clients answered,
 * and other computations of the node go on.
 *
 * What arrives together (a socket gives up to 2 MB at once) would let many chunks go on in one and the same turn, and
 * a long computation hold up a short one at each of its rounds. So a piece of work asks here before it begins, with
 * the bytes that it works on. It goes on at once while the turn has done little, and else waits for a later one; then
 * computations take turns piece by piece.
 */

/** Bytes worked on in a turn, before the last piece: some milliseconds of sharing, masking and encryption. */
export const TURN_BYTES = 1 << 20;

/** Ends this turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface Piece {
  readonly bytes: number;
  readonly begin: () => void;
}

/** The turns of one computation of the process, beside those of the others. */
export class Turns {
  readonly #waiting: Piece[] = [];

  /** Before a piece of work on some bytes: nothing to wait for, or the promise of a turn. */
  next(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && done < TURN_BYTES) {
      begin(bytes);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, begin: resolve });
      queue.add(this);
      setImmediate(goOn);
    });
  }

  /** Lets the piece that has waited longest begin. */
  goOn(): void {
    const piece = this.#waiting.shift();
    // To the back of the queue.
    queue.delete(this);
    if (this.#waiting.length > 0) queue.add(this);
    if (piece === undefined) return;
    begin(piece.bytes);
    piece.begin();
  }
}

/** Computations with pieces that wait, in the order in which they go on. For each piece an immediate is due. */
const queue = new Set<Turns>();

/** Bytes worked on in this turn. */
let done = 0;

function begin(bytes: number): void {
  if (done === 0) {
    setImmediate(() => {
      done = 0;
    });
  }
  // Even an empty piece begins the turn.
  done += Math.max(1, bytes);
}

/** What a piece settles goes on before the next immediate. */
function goOn(): void {
  if (done >= TURN_BYTES) {
    setImmediate(goOn);
    return;
  }
  const [first] = queue;
  first?.goOn();
}
