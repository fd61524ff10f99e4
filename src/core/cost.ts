/**
 * Cost of a protocol: a contract that the dry run derives and the metered channel must measure exactly.
 *
 * rounds: steps of the longest chain of dependent messages. bytes[i]: payload bytes that node i sends,
 * before framing and TLS.
 */
export interface Cost {
  readonly rounds: number;
  readonly bytes: readonly number[];
}

/** Mean bytes per node. */
export function meanBytes(cost: Cost): number {
  return cost.bytes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, cost.bytes.length);
}
