/**
 * What the owner of a table, or a slice's contributor, orders. Each function throws as `order` does. What allows more than
 * before needs all nodes; what is taken back counts as soon as one node knows of it, so no lost node can prevent that.
 */
import { WarifuError } from '../../core/errors.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import { order, type Reach } from './partial.js';

export interface OrderOptions extends AskOptions {
  /** Gives it to the nodes that are reached, though one is lost: where nodes differ while another one's disk is rebuilt. */
  readonly reachedOnly?: boolean | undefined;
}

export interface TableSettings {
  /** Smallest number of rows behind a released cell. */
  readonly minCount?: number | undefined;
  /** Users who may upload slices; takes the place of the earlier list. */
  readonly contributors?: readonly string[] | undefined;
  /** Whether queries may go on with three of four nodes when one is lost. */
  readonly allowThree?: boolean | undefined;
}

/**
 * Changes the settings that are given, as the owner.
 *
 * @throws WarifuError USAGE for a consent to three nodes in a cluster of three, or one that a lost node would not hear of:
 *   it is given beforehand.
 */
export async function setTableSettings(
  client: ClusterClient,
  table: string,
  { minCount, contributors, allowThree }: TableSettings,
  options: OrderOptions = {},
): Promise<string[]> {
  if (allowThree !== undefined && client.cluster.scheme !== 'rep4') {
    throw new WarifuError('USAGE', 'queries go on with three nodes only in a cluster of four');
  }
  if (allowThree === true && options.reachedOnly === true) {
    throw new WarifuError('USAGE', 'three nodes are allowed to go on beforehand, while all four are reached');
  }
  const withdraws = allowThree === false && minCount === undefined && contributors === undefined;
  const settings = {
    ...(minCount === undefined ? {} : { min_count: minCount }),
    ...(contributors === undefined ? {} : { contributors: [...contributors] }),
    ...(allowThree === undefined ? {} : { allow_three: allowThree }),
  };
  const reach = withdraws ? 'withdrawal' : reachOf(options);
  return await order(client, { kind: 'table-settings', table, ...settings }, reach, options);
}

/** Lets a user query the table, as far as the signer (owner or contributor) has a say. */
export function grantTable(
  client: ClusterClient,
  table: string,
  grantee: string,
  options: OrderOptions = {},
): Promise<string[]> {
  return order(client, { kind: 'grant', table, grantee }, reachOf(options), options);
}

/** Takes the signer's grant back. It counts as soon as one node knows of it. */
export function revokeTable(
  client: ClusterClient,
  table: string,
  grantee: string,
  options?: AskOptions,
): Promise<string[]> {
  return order(client, { kind: 'revoke', table, grantee }, 'withdrawal', options);
}

/** Removes a slice, as its contributor; or, without one, the whole table, as its owner. */
export function dropTable(
  client: ClusterClient,
  table: string,
  slice?: string,
  options?: AskOptions,
): Promise<string[]> {
  return order(client, { kind: 'drop', table, ...(slice === undefined ? {} : { slice }) }, 'whole', options);
}

function reachOf({ reachedOnly = false }: OrderOptions): Reach {
  return reachedOnly ? 'reached' : 'whole';
}
