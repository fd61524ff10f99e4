/**
 * The plain records that decisions are taken from: a node's own copy of users, grants and settings. The catalogue's
 * records have these fields.
 */
import { foldName } from '../../share/schema.js';
import type { Role } from '../users/enrolled-users.js';

/** Where a user set none; 0 counts as small (DESIGN, output privacy). */
export const DEFAULT_MIN_COUNT = 10;

/** Who asks. Nodes look roles up in their own list of users. */
export interface Actor {
  readonly user: string;
  /** Undefined for a user who is not enrolled at this node. */
  readonly roles: readonly Role[] | undefined;
}

export interface TablePolicy {
  readonly name: string;
  readonly owner: string;
  /** Named by the owner; the owner need not be listed. */
  readonly contributors: readonly string[];
  readonly minCounts: readonly { readonly user: string; readonly minCount: number }[];
  /** Who lets queries go on with three of four nodes when one is lost. */
  readonly allowThree: readonly string[];
  readonly grants: readonly { readonly grantor: string; readonly grantee: string }[];
  /** The visible slices, in the order of the table's rows. */
  readonly slices: readonly SlicePolicy[];
}

export interface SlicePolicy {
  readonly slice: string;
  readonly contributor: string;
  readonly rows: number;
}

/** The owner, and everyone whose rows are in the table now: those who must agree to a query. */
export function stakeholders(table: TablePolicy): string[] {
  return [...new Set([table.owner, ...table.slices.map((slice) => slice.contributor)])];
}

/** Owner, named contributors, and contributors of slices (also those whom the owner no longer names). */
export function isContributor(table: TablePolicy, user: string): boolean {
  return table.contributors.includes(user) || stakeholders(table).includes(user);
}

export function minCountOf(table: TablePolicy, user: string): number {
  return table.minCounts.find((setting) => setting.user === user)?.minCount ?? DEFAULT_MIN_COUNT;
}

/** Slice names are compared folded, as the catalogue does. */
export function sliceNamed(table: TablePolicy, name: string): SlicePolicy | undefined {
  return table.slices.find((slice) => foldName(slice.slice) === foldName(name));
}
