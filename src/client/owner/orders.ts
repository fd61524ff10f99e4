/** What the owner of a table, or a slice's contributor, orders. Each function throws as `order` does. */
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import { order } from './partial.js';

export interface TableSettings {
  /** Smallest number of rows behind a released cell. */
  readonly minCount?: number | undefined;
  /** Users who may upload slices; takes the place of the earlier list. */
  readonly contributors?: readonly string[] | undefined;
  /** Whether queries may go on with three of four nodes when one is lost. */
  readonly allowThree?: boolean | undefined;
}

/** Changes the settings that are given, as the owner. */
export function setTableSettings(
  client: ClusterClient,
  table: string,
  { minCount, contributors, allowThree }: TableSettings,
  options?: AskOptions,
): Promise<string[]> {
  const settings = {
    ...(minCount === undefined ? {} : { min_count: minCount }),
    ...(contributors === undefined ? {} : { contributors: [...contributors] }),
    ...(allowThree === undefined ? {} : { allow_three: allowThree }),
  };
  return order(client, { kind: 'table-settings', table, ...settings }, options);
}

/** Lets a user query the table, as far as the signer (owner or contributor) has a say. */
export function grantTable(
  client: ClusterClient,
  table: string,
  grantee: string,
  options?: AskOptions,
): Promise<string[]> {
  return order(client, { kind: 'grant', table, grantee }, options);
}

/** Takes the signer's grant back. It counts as soon as one node knows of it. */
export function revokeTable(
  client: ClusterClient,
  table: string,
  grantee: string,
  options?: AskOptions,
): Promise<string[]> {
  return order(client, { kind: 'revoke', table, grantee }, options);
}

/** Removes a slice, as its contributor; or, without one, the whole table, as its owner. */
export function dropTable(
  client: ClusterClient,
  table: string,
  slice?: string,
  options?: AskOptions,
): Promise<string[]> {
  return order(client, { kind: 'drop', table, ...(slice === undefined ? {} : { slice }) }, options);
}
