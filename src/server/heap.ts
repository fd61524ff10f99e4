/**
 * How V8 collects garbage in a process that works on long vectors.
 *
 * Vectors lie outside the JavaScript heap (decision 0001) but count for its limit, which V8 sets to a small multiple
 * of a small heap: with 12 MB of objects, every few megabytes of vectors made it mark the whole heap, 1.3 times for
 * each product of a million elements, which took a third of a node's time. With a larger multiple it collects when
 * 64 MiB of vectors have come since the last time (a fifth as often), which V8 does in any case.
 */
import { setFlagsFromString } from 'node:v8';

/** The heap may grow to ten times what lived after the last collection. */
const GROWTH_PERCENT = 900;

/** For the process that a node runs in, at its start; once more does no harm. */
export function growHeapForVectors(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
