/** Everything of a network's transcript but the bytes. */
import { REP3 } from '../../src/core/scheme.js';
import type { MemoryNetwork } from '../../src/transport/memory-network.js';

/** For each node what it received, in order: sender, step, tag, clock and length. */
export function outlineOf(network: MemoryNetwork): string[][] {
  return REP3.nodes.map((node) =>
    network.transcript(node).map((m) => `${m.from} ${m.step} ${m.tag} ${m.clock} ${m.bytes.length}`),
  );
}
