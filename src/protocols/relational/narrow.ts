/** Numbers over narrower rings. Local. */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { reduceTo } from '../../share/linear.js';
import type { ArithmeticShare, NumberColumn } from '../../share/shares.js';

/**
 * Over the narrowest ring from which they can be widened again, for which a bit is left.
 *
 * @param within bounds of all that will be made of the numbers.
 */
export function narrow(x: NumberColumn, within: Bounds = x.bounds): NumberColumn {
  return narrowed(x, 2n * (within.max - within.min));
}

/** Over the narrowest ring that tells them apart. */
export function narrowest(x: NumberColumn): NumberColumn {
  return narrowed(x, x.bounds.max - x.bounds.min);
}

function narrowed(x: NumberColumn, spread: bigint): NumberColumn {
  const widths: readonly RingWidth[] = [32, 64, 128];
  const width = widths.find((own) => own < x.width && spread < 1n << BigInt(own)) ?? x.width;
  return width === x.width ? x : (reduceTo(anyWidth(x), width as 64) as NumberColumn);
}

/** A union of widths has no common type to infer: 64 stands for whichever it is. */
export function anyWidth(x: NumberColumn): ArithmeticShare<64> {
  return x as ArithmeticShare<64>;
}
