/** All benches by name, in the order in which they are listed. */
import type { Bench } from './bench.js';
import { PROTOCOL_BENCHES } from './protocols/catalogue.js';
import type { ProtocolBench } from './protocols/protocol-bench.js';
import { runProtocol } from './protocols/run-protocol.js';

export const BENCHES: readonly Bench[] = PROTOCOL_BENCHES.map(ofProtocol);

function ofProtocol(protocol: ProtocolBench): Bench {
  return {
    name: protocol.name,
    about: protocol.about,
    items: protocol.items,
    nodes: 'bench',
    run: (request) => runProtocol(protocol, request),
  };
}
