/**
 * A query at one node: plan, policy, proof of bounds, then a job with the others; or EXPLAIN, which is local.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Cost } from '../../core/cost.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { LatestIds } from '../../core/latest-ids.js';
import { type NodeIndex, REP3 } from '../../core/scheme.js';
import { type Explanation, explainQuery } from '../../query/explain.js';
import { explanationToJson, renderExplanation } from '../../query/explanation-text.js';
import type { QueryPlan } from '../../query/plan.js';
import { planDigest } from '../../query/plan-digest.js';
import type { RequestOf } from '../../query/request.js';
import type { QueryPolicy } from '../../query/run.js';
import { planQuery } from '../../query/sql/plan-query.js';
import type { TableSchema } from '../../share/schema.js';
import type { Meter } from '../../transport/channel.js';
import { PROTOCOL_VERSION } from '../../transport/hello.js';
import type { HandledReply, OpenedRequest } from '../client-port/request-handler.js';
import { decideQuery } from '../policy/decide-query.js';
import { assertAllowed } from '../policy/decision.js';
import type { SliceVersion } from '../store/catalogue.js';
import { answerBytes, answerQuery, type QueryAnswer } from '../work/query-work.js';
import { actorOf, digestOf, type NodeServices, policyOf } from './services.js';
import { computedByThree, expectThree } from './three-nodes.js';

const PROGRESS_MS = 200;
/** Queries of which their users may say something afterwards. */
const MAX_ASKED = 1_000;

interface PlannedQuery {
  readonly plan: QueryPlan;
  readonly schema: TableSchema;
  readonly slices: readonly SliceVersion[];
  readonly policy: QueryPolicy;
  /** What owner and contributors ask for, without the operator's floor. */
  readonly tableMinCount: number;
  readonly explanation: Explanation;
}

export class QueryHandler {
  readonly #services: NodeServices;
  /** Running queries by the id that their clients chose. */
  readonly #running = new Map<string, { readonly user: string; readonly cancel: AbortController }>();
  /** Who asked the latest queries that ran here, by their ids. */
  readonly #asked = new LatestIds<string>(MAX_ASKED);

  constructor(services: NodeServices) {
    this.#services = services;
  }

  async explain(request: RequestOf<'query'>): Promise<HandledReply> {
    const { plan, schema, policy, explanation } = await this.#plan(request);
    const three = computedByThree(this.#services, request.without);
    return {
      data: {
        text: renderExplanation(plan, explanation, schema, policy, three),
        json: explanationToJson(plan, explanation, policy, three),
      },
    };
  }

  async run(request: RequestOf<'query'>, opened: OpenedRequest): Promise<HandledReply> {
    const { coordinator, audit } = this.#services;
    const { user, id } = request;
    const job = bytesToHex(opened.digest);
    let planned: PlannedQuery;
    try {
      planned = await this.#plan(request);
      this.#register(id, user);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      coordinator.refuse(job, error);
      await audit.append({ kind: 'query-refused', user, query: id, code: error.code });
      throw error;
    }
    try {
      return await this.#runPlanned(job, request, opened, planned);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      await audit.append({ kind: 'query-failed', user, query: id, code: error.code });
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  /** The user who asked a query that runs here; undefined when none of that id does. */
  askerOf(id: string): string | undefined {
    return this.#running.get(id)?.user;
  }

  cancel(id: string): void {
    this.#running.get(id)?.cancel.abort();
  }

  /** Whoever asked a query says that the nodes' answers do not fit together: a check that failed. */
  async report({ user, query, code, nodes }: RequestOf<'report'>): Promise<HandledReply> {
    if (this.#asked.get(query) !== user) {
      throw new WarifuError('USAGE', 'no query of this id was asked by this user since the node started');
    }
    const { scheme, checks } = this.#services;
    if (scheme.name === 'rep4') await checks.reported(user, { code, nodes, query });
    return { data: { done: true } };
  }

  #register(id: string, user: string): void {
    if (this.#running.has(id))
      throw new WarifuError('REQUEST_REPLAYED', 'a query of this id is running already');
    this.#running.set(id, { user, cancel: new AbortController() });
    this.#asked.set(id, user);
  }

  async #plan(request: RequestOf<'query'>): Promise<PlannedQuery> {
    const { store, floor } = this.#services;
    // Query texts are printed and logged.
    if (/[^\P{Cc}\t\n\r]/u.test(request.sql)) {
      throw new WarifuError('SQL_SYNTAX', 'the query has control characters: write it as plain text');
    }
    const plan = await planQuery(request.sql, await store.catalogue.tables());
    const record = await store.catalogue.table(plan.table);
    if (record === undefined)
      throw new WarifuError('UNKNOWN_TABLE', `table '${plan.table}' has just been dropped`);
    const slices = await store.catalogue.visibleSlices(record.name);
    const table = await policyOf(this.#services, record);
    const actor = await actorOf(this.#services, request.user);
    const terms = assertAllowed(decideQuery(actor, table, floor));
    if (request.without !== undefined) await expectThree(this.#services, request.without, table);
    const tableMinCount = assertAllowed(decideQuery(actor, table, 1)).minCount;
    if (slices.length === 0) {
      throw new WarifuError(
        'UNKNOWN_TABLE',
        `table '${record.name}' has no rows: all its slices were withdrawn`,
        {
          table: record.name,
        },
      );
    }
    const policy: QueryPolicy = { minCount: terms.minCount, ownRows: terms.ownRows };
    const explanation = await this.#explain({ plan, schema: record.schema, slices }, policy, request.without);
    return { plan, schema: record.schema, slices, policy, tableMinCount, explanation };
  }

  #explain(
    { plan, schema, slices }: Pick<PlannedQuery, 'plan' | 'schema' | 'slices'>,
    policy: QueryPolicy,
    lost: NodeIndex | undefined,
  ): Promise<Explanation> {
    const scheme = lost === undefined ? this.#services.scheme : REP3;
    return explainQuery(plan, schema, rowsOf(slices), policy, scheme);
  }

  async #runPlanned(
    job: string,
    { user, id, sql, without }: RequestOf<'query'>,
    opened: OpenedRequest,
    { plan, schema, slices, policy, tableMinCount, explanation }: PlannedQuery,
  ): Promise<HandledReply> {
    const { coordinator, audit, store, held } = this.#services;
    const digest = planDigest(plan);
    const release = store.hold(slices.map((slice) => slice.version));
    const signal = AbortSignal.any([opened.signal, this.#running.get(id)?.cancel.signal ?? opened.signal]);
    try {
      const wish = {
        kind: 'query' as const,
        agreed: {
          protocol: PROTOCOL_VERSION,
          table: plan.table,
          plan: digest,
          slices: digestOf(slices.map(({ version, rows, contributor }) => [version, rows, contributor])),
          own_rows: digestOf(policy.ownRows.map(({ start, end }) => [start, end])),
          min_count: tableMinCount,
        },
        minCount: policy.minCount,
        memory: explanation.memory,
        lost: without,
        query: id,
      };
      const { answer, limit } = await coordinator.run(job, wish, signal, async (running) => {
        const minCount = running.minCount;
        await this.#assertStillAllowed(user, plan, slices, minCount, without);
        // Durable before anything is released: written while the query runs, and its failure fails the query.
        const [answered, foreseen] = await Promise.all([
          watched(opened, explanation.cost.rounds, (watch) =>
            answerQuery(
              running,
              { store, held },
              { plan, schema, slices, policy: { ...policy, minCount } },
              watch,
            ),
          ),
          // At another minimum count than this node's own the comparisons are others.
          minCount === policy.minCount
            ? explanation
            : this.#explain({ plan, schema, slices }, { ...policy, minCount }, without),
          audit.append({
            kind: 'query-started',
            user,
            query: id,
            table: plan.table,
            sql,
            plan_digest: digest,
            min_count: minCount,
            ...(without === undefined ? {} : { lost: without }),
          }),
        ]);
        return { answer: answered, limit: foreseen.bound };
      });
      await this.#recordRelease(user, id, answer);
      return queryReplyOf(answer, limit, without);
    } finally {
      release();
    }
  }

  /** A query may have waited for minutes: what allowed it then must still hold when it starts. */
  async #assertStillAllowed(
    user: string,
    { table }: QueryPlan,
    slices: readonly SliceVersion[],
    minCount: number,
    lost: NodeIndex | undefined,
  ): Promise<void> {
    const { store, floor } = this.#services;
    const record = await store.catalogue.table(table);
    const visible = new Set((await store.catalogue.visibleSlices(table)).map(({ version }) => version));
    if (record === undefined || !slices.every(({ version }) => visible.has(version))) {
      throw new WarifuError(
        'STATE_DIFFERS',
        `rows of table '${table}' were withdrawn or replaced while the query waited: ask again`,
        { table },
      );
    }
    const terms = assertAllowed(
      decideQuery(await actorOf(this.#services, user), { ...record, slices }, floor),
    );
    if (lost !== undefined) await expectThree(this.#services, lost, { ...record, slices });
    if (terms.minCount > minCount) {
      throw new WarifuError(
        'POLICY_DIFFERS',
        `the minimum count of table '${table}' was raised while the query waited: ask again`,
        { table },
      );
    }
  }

  async #recordRelease(user: string, query: string, { result }: QueryAnswer): Promise<void> {
    const cells = result.bits.length;
    let released = 0;
    for (let i = 0; i < cells; i++) released += result.bits.get(0, i);
    await this.#services.audit.append({
      kind: 'query-released',
      user,
      query,
      cells,
      withheld: cells - released,
    });
  }
}

function rowsOf(slices: readonly SliceVersion[]): { contributor: string; start: number; end: number }[] {
  let row = 0;
  return slices.map(({ contributor, rows }) => {
    const start = row;
    row += rows;
    return { contributor, start, end: row };
  });
}

/** Reports the rounds done of those that the dry run foresaw, a few times a second. */
async function watched<T>(
  opened: OpenedRequest,
  rounds: number,
  run: (watch: (meter: Meter) => void) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await run((meter) => {
      timer = setInterval(
        () => opened.progress('query', Math.min(meter.rounds, rounds), rounds),
        PROGRESS_MS,
      );
    });
  } finally {
    clearInterval(timer);
  }
}

function queryReplyOf(
  { result, meter }: QueryAnswer,
  limit: Cost,
  lost: NodeIndex | undefined,
): HandledReply {
  return {
    data: {
      ...(lost === undefined ? {} : { lost }),
      layout: result.layout,
      bits: Buffer.from(result.bits.bytes()).toString('base64'),
      cost: { rounds: meter.rounds, bytes_sent: meter.bytesSent },
      limit: { rounds: limit.rounds, bytes_sent: [...limit.bytes] },
    },
    attachment: answerBytes(result),
  };
}
