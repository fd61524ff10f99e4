/** All requests of clients at one node, by kind. */
import { WarifuError } from '../../core/errors.js';
import type { RequestOf } from '../../query/request.js';
import type { UploadFrame } from '../../query/request-upload-frame.js';
import { PROTOCOL_VERSION } from '../../transport/hello.js';
import type { HandledReply, OpenedRequest, RequestHandler } from '../client-port/request-handler.js';
import { decideCancel, decideRead } from '../policy/decide-table.js';
import { assertAllowed } from '../policy/decision.js';
import { QueryHandler } from './query-handler.js';
import { actorOf, type NodeServices } from './services.js';
import { TableHandler } from './table-handler.js';
import { UploadHandler } from './upload-handler.js';

export class NodeHandler implements RequestHandler {
  readonly #services: NodeServices;
  readonly #queries: QueryHandler;
  readonly #uploads: UploadHandler;
  readonly #tables: TableHandler;

  constructor(services: NodeServices) {
    this.#services = services;
    this.#queries = new QueryHandler(services);
    this.#uploads = new UploadHandler(services);
    this.#tables = new TableHandler(services);
  }

  async handle(opened: OpenedRequest): Promise<HandledReply> {
    const { request } = opened;
    switch (request.kind) {
      case 'query':
        return await (request.explain ? this.#queries.explain(request) : this.#queries.run(request, opened));
      case 'upload-begin':
        return await this.#uploads.begin(request);
      case 'upload-status':
        return await this.#uploads.status(request);
      case 'upload-commit':
        return await this.#uploads.commit(request, opened);
      case 'drop':
        return await this.#tables.drop(request, opened);
      case 'table-settings':
        return await this.#tables.settings(request);
      case 'grant':
        return await this.#tables.grant(request);
      case 'revoke':
        return await this.#tables.revoke(request);
      case 'tables':
        return await this.#tables.tables(request);
      case 'describe':
        return await this.#tables.describe(request);
      case 'cancel':
        return await this.#cancel(request);
      case 'report':
        return await this.#queries.report(request);
      case 'status':
        return await this.#status(request);
    }
  }

  storeFrame(frame: UploadFrame): Promise<void> {
    return this.#uploads.storeFrame(frame);
  }

  async #cancel({ user, id }: RequestOf<'cancel'>): Promise<HandledReply> {
    const asker = this.#queries.askerOf(id);
    if (asker === undefined) throw new WarifuError('USAGE', 'no query of this id is running');
    assertAllowed(decideCancel(await actorOf(this.#services, user), asker));
    this.#queries.cancel(id);
    return { data: { done: true } };
  }

  async #status({ user }: RequestOf<'status'>): Promise<HandledReply> {
    const { mesh, nameOf, self, software, now, coordinator } = this.#services;
    assertAllowed(decideRead(await actorOf(this.#services, user)));
    const peers = mesh.status().map(({ node, up, error }) => ({
      node,
      name: nameOf(node),
      up,
      ...(up || error === undefined ? {} : { error: error.message }),
    }));
    return {
      data: {
        node: self,
        name: nameOf(self),
        version: software,
        protocol: PROTOCOL_VERSION,
        time: now(),
        peers,
        running: coordinator.running,
        waiting: coordinator.waiting,
      },
    };
  }
}
