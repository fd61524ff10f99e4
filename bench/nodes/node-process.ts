/** The process of one node of a protocol bench: real links, one session a run, the public protocols. */

import { asWarifuError } from '../../src/core/errors.js';
import { decodeKeyFile } from '../../src/core/key-file.js';
import { peersOf, REP3, type Scheme, schemeNamed } from '../../src/core/scheme.js';
import { Context } from '../../src/protocols/context.js';
import { growHeapForVectors } from '../../src/server/heap.js';
import { parseCluster } from '../../src/server/identity/cluster.js';
import type { JobKeys } from '../../src/server/jobs/job-keys.js';
import { makeBackend } from '../../src/server/jobs/make-backend.js';
import type { PeerMesh } from '../../src/transport/peer-mesh.js';
import type { Session } from '../../src/transport/session.js';
import { protocolBench } from '../protocols/catalogue.js';
import { nodeDealer } from '../protocols/dealer.js';
import type { SharedResult } from '../protocols/protocol-bench.js';
import { summarise } from '../protocols/verify.js';
import { openMesh } from './mesh.js';
import { type FromNode, machineClock, type NodeSettings, type ToNode } from './messages.js';

const LINK_LIMIT_MS = 20_000;

interface Run {
  readonly session: Session;
  readonly context: Context;
  cpu: NodeJS.CpuUsage;
}

class BenchNode {
  #settings: NodeSettings | undefined;
  #scheme: Scheme = REP3;
  #mesh: PeerMesh | undefined;
  #program: ((ctx: Context) => Promise<SharedResult>) | undefined;
  #run: Run | undefined;
  #result: SharedResult | undefined;

  async handle(message: ToNode): Promise<FromNode> {
    switch (message.kind) {
      case 'start':
        return await this.#start(message.settings);
      case 'prepare':
        this.#result = undefined;
        this.#program = protocolBench(message.bench).prepare(
          nodeDealer(this.#scheme, this.#started().self),
          message.n,
        );
        return { kind: 'prepared' };
      case 'open':
        return this.#open(message.session, message.keys);
      case 'go':
        return await this.#go();
      case 'close':
        return await this.#close();
      case 'result':
        return { kind: 'result', parts: summarise(present(this.#result)) };
    }
  }

  async #start(settings: NodeSettings): Promise<FromNode> {
    const key = await decodeKeyFile(settings.key, 'node');
    process.title = `warifu bench ${key.name}`;
    this.#settings = settings;
    const cluster = parseCluster(settings.cluster);
    this.#scheme = schemeNamed(cluster.scheme);
    this.#mesh = openMesh(settings, key, cluster);
    await this.#mesh.start();
    await this.#mesh.whenUp(LINK_LIMIT_MS);
    return { kind: 'started' };
  }

  #open(id: string, keys: JobKeys): FromNode {
    const { self } = this.#started();
    const session = present(this.#mesh).openSession(id, {
      peers: peersOf(this.#scheme, self),
    });
    const backend = makeBackend(this.#scheme, session.channel(), keys);
    this.#run = { session, context: Context.root(backend, 'bench'), cpu: process.cpuUsage() };
    return { kind: 'opened' };
  }

  async #go(): Promise<FromNode> {
    const run = present(this.#run);
    // the result of the run before must not add to the memory of this one
    this.#result = undefined;
    run.cpu = process.cpuUsage();
    this.#result = await present(this.#program)(run.context);
    return { kind: 'finished', atNs: machineClock() };
  }

  async #close(): Promise<FromNode> {
    const { session, cpu } = present(this.#run);
    await session.close();
    const { user, system } = process.cpuUsage(cpu);
    this.#run = undefined;
    const cost = {
      cpuSeconds: (user + system) / 1e6,
      rounds: session.meter.rounds,
      bytes: session.meter.bytesSent,
      peakRssMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
    };
    return { kind: 'closed', cost };
  }

  #started(): NodeSettings {
    return present(this.#settings);
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the bench sent its messages in another order');
  return value;
}

function reply(message: FromNode): void {
  // Without the callback a channel that just closed would throw.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

growHeapForVectors();
const node = new BenchNode();
// Ctrl-C reaches all processes of a terminal; the bench ends its nodes.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  node.handle(message as ToNode).then(reply, (thrown: unknown) => {
    const { code, message: text } = asWarifuError(thrown);
    reply({ kind: 'failed', message: `${code}: ${text}` });
  });
});
reply({ kind: 'hello' });
