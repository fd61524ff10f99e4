/** All protocol benches by name. */
import { andBench, bitToRingBench } from './bits.js';
import { equalBench, lessThanBench } from './comparisons.js';
import { fixedMultiplyBench } from './fixed-products.js';
import { FUNCTION_BENCHES } from './functions.js';
import { groupByBench } from './groups.js';
import { joinBench } from './joins.js';
import { sgdLogisticBench } from './learning.js';
import { medianBench } from './order.js';
import { dotBench, multiplyBench } from './products.js';
import type { ProtocolBench } from './protocol-bench.js';
import { shuffleBench } from './shuffles.js';
import { sortBench } from './sorts.js';

export const PROTOCOL_BENCHES: readonly ProtocolBench[] = [
  multiplyBench,
  dotBench,
  andBench,
  lessThanBench(16),
  lessThanBench(32),
  lessThanBench(64),
  equalBench(32),
  bitToRingBench,
  shuffleBench,
  sortBench(32),
  sortBench(64),
  medianBench,
  joinBench(32),
  joinBench(128),
  groupByBench,
  fixedMultiplyBench,
  ...FUNCTION_BENCHES,
  sgdLogisticBench('quick'),
  sgdLogisticBench('exact'),
];

/** @throws RangeError for an unknown name. */
export function protocolBench(name: string): ProtocolBench {
  const found = PROTOCOL_BENCHES.find((bench) => bench.name === name);
  if (found === undefined) throw new RangeError(`no protocol bench '${name}'`);
  return found;
}
