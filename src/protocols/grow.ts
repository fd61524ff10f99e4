/**
 * A message that travels while it is made: block by block, each block in its turn of the event loop.
 */
import type { GrowingMessage } from '../transport/channel.js';
import type { Turns } from './turn.js';

/** Bytes made at a time: the operands and masks of a block stay in the cache, and streams are fastest so. */
const BLOCK_BYTES = 1 << 17;

/** Makes a message of `length` bytes by `fill`, which writes its bytes from `start` to `end`, in order. */
export async function grow(
  message: GrowingMessage,
  length: number,
  fill: (start: number, end: number) => void,
  turns: Turns,
): Promise<void> {
  let start = 0;
  do {
    const end = Math.min(start + BLOCK_BYTES, length);
    await turns.next(end - start);
    fill(start, end);
    await message.advance(end);
    start = end;
  } while (start < length);
}
