/**
 * A message that travels while it is made: block by block, with turns of the event loop between long stretches.
 */
import type { GrowingMessage } from '../../transport/channel.js';
import { turn } from '../turn.js';

/** Bytes made at a time: the operands and masks of a block stay in the cache, and streams are fastest so. */
const BLOCK_BYTES = 1 << 17;

/** Bytes made in one turn of the event loop: a chunk of 65,536 elements of 64 bits takes one turn. */
const TURN_BYTES = 1 << 19;

/** Makes a message of `length` bytes by `fill`, which writes its bytes from `start` to `end`, in order. */
export async function grow(
  message: GrowingMessage,
  length: number,
  fill: (start: number, end: number) => void,
): Promise<void> {
  let start = 0;
  do {
    const end = Math.min(start + BLOCK_BYTES, length);
    fill(start, end);
    await message.advance(end);
    start = end;
    if (start < length && start % TURN_BYTES === 0) await turn();
  } while (start < length);
}
