/**
 * Tables at one node: what there is, who may use it, and what goes. Settings and grants are each node's own copy: a
 * client asks all nodes whether they would take an order before it gives it to any, and may repeat it.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { nearestNameHint } from '../../core/nearest-name.js';
import type { RequestOf } from '../../query/request.js';
import { foldName, schemaToJson } from '../../share/schema.js';
import { PROTOCOL_VERSION } from '../../transport/hello.js';
import type { HandledReply, OpenedRequest } from '../client-port/request-handler.js';
import { notConnected } from '../jobs/job-errors.js';
import { decideQuery, decideThree } from '../policy/decide-query.js';
import {
  decideContributors,
  decideDrop,
  decideGrant,
  decideRead,
  decideRevoke,
  decideSettings,
} from '../policy/decide-table.js';
import { assertAllowed } from '../policy/decision.js';
import { minCountOf, stakeholders, type TablePolicy } from '../policy/table-policy.js';
import type { TableRecord } from '../store/catalogue.js';
import { actorOf, attemptOf, digestOf, type NodeServices, policyOf } from './services.js';

const DONE: HandledReply = { data: { done: true } };
const DROP_MEMORY = 1 << 20;

export class TableHandler {
  readonly #services: NodeServices;

  constructor(services: NodeServices) {
    this.#services = services;
  }

  async tables({ user }: RequestOf<'tables'>): Promise<HandledReply> {
    const actor = await actorOf(this.#services, user);
    assertAllowed(decideRead(actor));
    const tables = [];
    for (const record of await this.#services.store.catalogue.tables()) {
      const policy = await policyOf(this.#services, record);
      tables.push({
        name: record.name,
        owner: record.owner,
        contributors: [...record.contributors],
        ...this.#shape(policy),
        columns: record.schema.columns.length,
        granted: decideQuery(actor, policy, this.#services.floor).allowed,
      });
    }
    return { data: { tables } };
  }

  async describe({ user, table }: RequestOf<'describe'>): Promise<HandledReply> {
    assertAllowed(decideRead(await actorOf(this.#services, user)));
    const { record, policy } = await this.#find(table);
    return {
      data: {
        name: record.name,
        owner: record.owner,
        ...this.#shape(policy),
        allow_three: decideThree(policy).allowed,
        schema: schemaToJson(record.schema),
      },
    };
  }

  async settings({
    user,
    table,
    min_count,
    contributors,
    allow_three,
    check,
  }: RequestOf<'table-settings'>): Promise<HandledReply> {
    const { store, audit } = this.#services;
    const { record, policy } = await this.#find(table);
    const wish = { minCount: min_count, contributors };
    assertAllowed(decideSettings(await actorOf(this.#services, user), policy, wish));
    const named = contributors?.filter((name) => name !== record.owner);
    if (named !== undefined) {
      const users = await this.#services.users();
      assertAllowed(decideContributors(policy, named, (name) => users.rolesOf(name) !== undefined));
    }
    if (check === true) return this.#linked();
    if (named !== undefined) {
      await store.catalogue.setContributors(record.name, named);
      await audit.append({ kind: 'contributors-set', user, table: record.name, contributors: named });
    }
    if (min_count !== undefined) {
      await store.catalogue.setMinCount(record.name, user, min_count);
      await audit.append({ kind: 'min-count-set', user, table: record.name, min_count });
    }
    if (allow_three !== undefined) {
      await store.catalogue.setAllowThree(record.name, user, allow_three);
      await audit.append({ kind: 'three-allowed', user, table: record.name, allowed: allow_three });
    }
    return DONE;
  }

  async grant({ user, table, grantee, check }: RequestOf<'grant'>): Promise<HandledReply> {
    const { store, audit } = this.#services;
    const { record, policy } = await this.#find(table);
    const actor = await actorOf(this.#services, user);
    assertAllowed(decideGrant(actor, policy, await actorOf(this.#services, grantee)));
    if (check === true) return this.#linked();
    await store.catalogue.grant(record.name, { grantor: user, grantee });
    await audit.append({ kind: 'granted', table: record.name, grantor: user, grantee });
    return DONE;
  }

  async revoke({ user, table, grantee }: RequestOf<'revoke'>): Promise<HandledReply> {
    const { store, audit } = this.#services;
    const { record, policy } = await this.#find(table);
    assertAllowed(decideRevoke(await actorOf(this.#services, user), policy, grantee));
    await store.catalogue.revoke(record.name, { grantor: user, grantee });
    await audit.append({ kind: 'grant-revoked', table: record.name, grantor: user, grantee });
    return DONE;
  }

  /** Drops a slice or a table at all nodes together. */
  async drop({ user, table, slice }: RequestOf<'drop'>, opened: OpenedRequest): Promise<HandledReply> {
    const { coordinator, decisions, store, audit } = this.#services;
    const job = bytesToHex(opened.digest);
    let found: { readonly record: TableRecord; readonly policy: TablePolicy };
    try {
      found = await this.#find(table);
      assertAllowed(decideDrop(await actorOf(this.#services, user), found.policy, slice));
    } catch (thrown) {
      coordinator.refuse(job, asWarifuError(thrown));
      throw thrown;
    }
    const { name } = found.record;
    const attempt = attemptOf(job);
    const slices = await store.catalogue.visibleSlices(name);
    const wish = {
      kind: 'drop' as const,
      agreed: {
        protocol: PROTOCOL_VERSION,
        table: name,
        slice: slice ?? null,
        slices: digestOf(slices.map(({ version }) => version)),
      },
      minCount: 1,
      memory: DROP_MEMORY,
    };
    await coordinator.run(job, wish, opened.signal, async (running) => {
      // While it waited, another contributor's slice may have become visible.
      const { policy } = await this.#find(name);
      assertAllowed(decideDrop(await actorOf(this.#services, user), policy, slice));
      await decisions.decide(running, attempt, () => store.catalogue.prepareDrop(attempt, name, slice));
    });
    if (slice === undefined) await audit.append({ kind: 'table-dropped', user, table: name, attempt });
    else await audit.append({ kind: 'slice-dropped', user, table: name, slice, attempt });
    return DONE;
  }

  /** The answer to a check: an order that a lost node misses would leave the nodes different. */
  #linked(): HandledReply {
    const { mesh, nameOf } = this.#services;
    const down = mesh.status().filter(({ up }) => !up);
    if (down.length > 0) throw notConnected(down.map(({ node }) => nameOf(node)));
    return DONE;
  }

  #shape(policy: TablePolicy): {
    rows: number;
    slices: { slice: string; contributor: string; rows: number }[];
    min_count: number;
  } {
    return {
      rows: policy.slices.reduce((total, { rows }) => total + rows, 0),
      slices: policy.slices.map(({ slice, contributor, rows }) => ({ slice, contributor, rows })),
      min_count: Math.max(
        this.#services.floor,
        ...stakeholders(policy).map((user) => minCountOf(policy, user)),
      ),
    };
  }

  async #find(name: string): Promise<{ record: TableRecord; policy: TablePolicy }> {
    const { catalogue } = this.#services.store;
    const record = await catalogue.table(name);
    if (record !== undefined) return { record, policy: await policyOf(this.#services, record) };
    const names = (await catalogue.tables()).map((table) => table.name);
    const hint = nearestNameHint(foldName(name), names);
    throw new WarifuError('UNKNOWN_TABLE', `there is no table '${name}'${hint}`, { table: name });
  }
}
