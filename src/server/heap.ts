/**
 * How a process that works on long vectors gets and gives back memory.
 *
 * Vectors lie outside the JavaScript heap (decision 0001) but count for its limit, which V8 sets to a small multiple
 * of a small heap: with 12 MB of objects, every few megabytes of vectors made it mark the whole heap, 1.3 times for
 * each product of a million elements, which took a third of a node's time. With a larger multiple it collects when
 * 64 MiB of vectors have come since the last time (a fifth as often), which V8 does in any case.
 *
 * glibc gives large freed blocks back to the system at once, to fault them in again page by page, until it has seen
 * one of 32 MiB freed: from then on it keeps what it has (mallopt(3), M_MMAP_THRESHOLD, which adapts by itself).
 */
import { setFlagsFromString } from 'node:v8';

/** The heap may grow to ten times what lived after the last collection. */
const GROWTH_PERCENT = 900;

/** The largest block that glibc's threshold adapts to is 32 MiB with the block's head. */
const LARGEST_ADAPTED = 32 * 1024 * 1024 - 4096;

/** For the process that a node runs in, at its start; once more does no harm. */
export function growHeapForVectors(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // Dropped at once, so that the next collection frees it; its pages are never touched.
  Buffer.allocUnsafeSlow(LARGEST_ADAPTED);
}
