/** Three or four client ports with real keys and TLS on loopback, each before a handler that the test writes. */

import { freePorts } from '../../../src/cli/local-cluster/ports.js';
import { ClusterClient } from '../../../src/client/cluster-client.js';
import type { ConnectionLimits } from '../../../src/client/connection-limits.js';
import type { Cluster } from '../../../src/core/cluster-file.js';
import type { WarifuError } from '../../../src/core/errors.js';
import { type NamedKey, newNamedKey } from '../../../src/core/key-file.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { ClientPort } from '../../../src/server/client-port/client-port.js';
import type { ClientPortLimits } from '../../../src/server/client-port/limits.js';
import type {
  HandledReply,
  OpenedRequest,
  RequestHandler,
} from '../../../src/server/client-port/request-handler.js';
import { privateKeyPem } from '../../../src/server/identity/certificate.js';
import { createCluster } from '../../../src/server/identity/cluster.js';
import {
  createCard,
  createNodeIdentity,
  type NodeIdentity,
} from '../../../src/server/identity/node-identity.js';
import { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { MemoryNonces, ReplayGuard } from '../../../src/server/users/replay-guard.js';

export const NAMES = ['kita', 'naka', 'minami'] as const;
export const FOUR_NAMES = [...NAMES, 'nishi'] as const;

export interface Refused {
  readonly node: number;
  readonly code: string;
  readonly message: string;
  readonly address: string;
}

export interface TestClusterOptions {
  /** One for each node: three or four; nodes without one are not started. */
  readonly handlers: readonly RequestHandler[];
  readonly limits?: Partial<ClientPortLimits>;
  /** Identities that the nodes really have, where they differ from those of the cluster file. */
  readonly served?: readonly (NodeIdentity | undefined)[];
  readonly identities?: readonly NodeIdentity[];
}

export class TestCluster {
  readonly cluster: Cluster;
  readonly alice: NamedKey;
  readonly refused: Refused[] = [];
  readonly ports: ClientPort[];
  readonly #identities: readonly NodeIdentity[];

  static async start(options: TestClusterOptions): Promise<TestCluster> {
    const identities =
      options.identities ??
      (await Promise.all(
        FOUR_NAMES.slice(0, Math.max(3, options.handlers.length)).map((name) =>
          createNodeIdentity(name, Date.now()),
        ),
      ));
    const free = await freePorts(2 * identities.length);
    const cards = identities.map((identity, i) =>
      createCard(identity, {
        client: `127.0.0.1:${free[i]!}`,
        peer: `127.0.0.1:${free[identities.length + i]!}`,
      }),
    );
    const alice = newNamedKey('user', 'alice');
    const test = new TestCluster(createCluster(cards), alice, identities, options);
    await test.#listen();
    return test;
  }

  /** The same cluster, user and addresses after `stop`. */
  async again(serve: readonly RequestHandler[]): Promise<TestCluster> {
    const test = new TestCluster(this.cluster, this.alice, this.#identities, { handlers: serve });
    await test.#listen();
    return test;
  }

  private constructor(
    cluster: Cluster,
    alice: NamedKey,
    identities: readonly NodeIdentity[],
    options: TestClusterOptions,
  ) {
    this.cluster = cluster;
    this.alice = alice;
    this.#identities = identities;
    const users = new EnrolledUsers([]).enrol(this.alice, ['provider', 'analyst'], Date.now());
    this.ports = options.handlers.map((serve, node) => {
      const identity = options.served?.[node] ?? identities[node]!;
      return new ClientPort({
        tls: { key: privateKeyPem(identity.key.privateKey), cert: identity.certificate },
        cluster,
        node: node as NodeIndex,
        handler: serve,
        users: () => Promise.resolve(users),
        replay: new ReplayGuard({ store: new MemoryNonces() }),
        now: Date.now,
        onRefused: (error: WarifuError, address) =>
          this.refused.push({ node, code: error.code, message: error.message, address }),
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      });
    });
  }

  async #listen(): Promise<void> {
    const ports = this.cluster.nodes.map(({ client }) => Number(client.split(':')[1]));
    await Promise.all(this.ports.map((port, i) => port.listen('127.0.0.1', ports[i]!)));
  }

  client(limits: Partial<ConnectionLimits> = {}, user = this.alice): ClusterClient {
    return new ClusterClient({ cluster: this.cluster, user, limits });
  }

  codes(node: number): string[] {
    return this.refused.filter((one) => one.node === node).map((one) => one.code);
  }

  async stop(): Promise<void> {
    await Promise.all(this.ports.map((port) => port.close()));
  }
}

/** A handler from functions; storing frames is refused unless told otherwise. */
export function handler(
  handle: (opened: OpenedRequest) => HandledReply | Promise<HandledReply>,
  storeFrame: RequestHandler['storeFrame'] = () => Promise.reject(new Error('no uploads here')),
): RequestHandler {
  return { handle: async (opened) => handle(opened), storeFrame };
}

/** The same handler at all nodes; it is told which node it is. */
export function handlers(
  handle: (opened: OpenedRequest, node: number) => HandledReply | Promise<HandledReply>,
  nodes: 3 | 4 = 3,
): RequestHandler[] {
  return FOUR_NAMES.slice(0, nodes).map((_, node) => handler((opened) => handle(opened, node)));
}

/** The WarifuError that a call fails with. */
export async function failure(call: Promise<unknown>): Promise<WarifuError> {
  try {
    await call;
  } catch (thrown) {
    return thrown as WarifuError;
  }
  throw new Error('it did not fail');
}

/** A promise that others settle. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
