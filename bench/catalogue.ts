/** All benches by name, in the order in which they are listed. */
import { REP3, REP4 } from '../src/core/scheme.js';
import type { Bench } from './bench.js';
import { LINKS_BENCH } from './in-process/links.js';
import { MATRIX_BENCH } from './in-process/matrix.js';
import { MEMORY_BENCH } from './product/memory.js';
import { QUERY_BENCHES } from './product/queries.js';
import { UPLOAD_BENCH } from './product/upload.js';
import { PROTOCOL_BENCHES } from './protocols/catalogue.js';
import type { ProtocolBench } from './protocols/protocol-bench.js';
import { runProtocol } from './protocols/run-protocol.js';

export const BENCHES: readonly Bench[] = [
  ...PROTOCOL_BENCHES.map(ofProtocol),
  MATRIX_BENCH,
  LINKS_BENCH,
  UPLOAD_BENCH,
  ...QUERY_BENCHES,
  MEMORY_BENCH,
];

function ofProtocol(protocol: ProtocolBench): Bench {
  return {
    name: protocol.name,
    about: protocol.about,
    items: protocol.items,
    nodes: 'bench',
    run: (request) => runProtocol(protocol, { ...request, scheme: request.nodes === 4 ? REP4 : REP3 }),
  };
}
