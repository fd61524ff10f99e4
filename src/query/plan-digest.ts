/** The plan as bytes: what all nodes hash, and what must not change after planning. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalJson } from '../core/canonical-json.js';
import { sha256 } from '../core/digest.js';
import type { QueryPlan } from './plan.js';

/** The plan as plain JSON data; integers of forms are decimal texts. */
export function planToJson(plan: QueryPlan): unknown {
  return toJson(plan);
}

/** SHA-256 over the canonical JSON of the plan, in hex: equal at every node that planned the same query. */
export function planDigest(plan: QueryPlan): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(toJson(plan)))));
}

function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJson(part)]));
}

/** Freezes plain data through and through, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
