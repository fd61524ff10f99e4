/** What the nodes say of their tables: what must be the same at all of them is compared. */
import type { z } from 'zod';
import { describeReply, tablesReply } from '../../query/request-replies.js';
import { agreedValue, readReplies } from '../agreement.js';
import type { ClusterClient } from '../cluster-client.js';
import { type ReadOptions, read } from './read.js';

export type TableEntry = z.infer<typeof tablesReply>['tables'][number];
export type TableDescription = z.infer<typeof describeReply>;

/**
 * The tables that the nodes show to the user. A table counts as granted if it is at every node; its minimum count
 * is the largest, as in a query.
 *
 * @throws WarifuError POLICY_DIFFERS naming the node that knows other tables, slices, owners or contributors.
 */
export async function listTables(client: ClusterClient, options: ReadOptions = {}): Promise<TableEntry[]> {
  const replies = readReplies(await read(client, { kind: 'tables' }, options), tablesReply);
  const lists = replies.map(({ known, value }) => ({ known, tables: [...value.tables].sort(byName) }));
  const common = agreedValue(
    lists.map(({ known, tables }) => ({
      known,
      value: tables.map(({ granted: _granted, min_count: _minCount, ...shared }) => shared),
    })),
    'the tables that there are',
    'POLICY_DIFFERS',
  );
  return common.map((shared, i) => {
    const entries = lists.flatMap(({ tables }) => tables[i] ?? []);
    return {
      ...shared,
      granted: entries.every((entry) => entry.granted),
      min_count: Math.max(...entries.map((entry) => entry.min_count)),
    };
  });
}

/**
 * One table with its schema in JSON form, for other providers' files.
 *
 * @throws WarifuError POLICY_DIFFERS naming the node that describes it otherwise.
 */
export async function describeTable(
  client: ClusterClient,
  table: string,
  options: ReadOptions = {},
): Promise<TableDescription> {
  const answers = readReplies(await read(client, { kind: 'describe', table }, options), describeReply);
  const common = agreedValue(
    answers.map(({ known, value: { min_count: _minCount, ...shared } }) => ({ known, value: shared })),
    `table '${table}'`,
    'POLICY_DIFFERS',
  );
  return { ...common, min_count: Math.max(...answers.map(({ value }) => value.min_count)) };
}

function byName(left: TableEntry, right: TableEntry): number {
  return left.name < right.name ? -1 : 1;
}
