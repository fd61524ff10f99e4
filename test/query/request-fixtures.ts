import { randomBytes } from 'node:crypto';
import { type RequestBody, type RequestOf } from '../../src/query/request.js';
import { newRequest } from '../../src/query/request-envelope.js';
import { newSigningKey } from '../../src/query/request-signature.js';

export const CLUSTER = 'ab'.repeat(32);
export const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);
export const alice = newSigningKey();
export const mallory = newSigningKey();
export const hexId = (): string => randomBytes(16).toString('hex');
export const publicKeyOf = (user: string): Uint8Array | undefined =>
  user === 'alice' ? alice.publicKey : undefined;

export const SCHEMA = {
  warifu_schema: 1,
  missing: [''],
  columns: [{ name: '年齢', type: 'integer', min: '0', max: '120', nullable: true }],
};

export const BODIES: readonly RequestBody[] = [
  { kind: 'query', sql: 'SELECT AVG(体重) FROM patients', explain: false, id: hexId() },
  {
    kind: 'upload-begin',
    table: '患者',
    slice: 'north',
    version: hexId(),
    schema: SCHEMA,
    rows: 1000,
    chunk_rows: 65_536,
    replace: false,
  },
  { kind: 'upload-status', table: '患者', slice: 'north', version: hexId() },
  {
    kind: 'upload-commit',
    table: '患者',
    slice: 'north',
    version: hexId(),
    manifest_digest: 'cd'.repeat(32),
  },
  { kind: 'drop', table: '患者' },
  { kind: 'drop', table: '患者', slice: 'north' },
  { kind: 'table-settings', table: '患者', min_count: 20, contributors: ['bob', 'carol'] },
  { kind: 'table-settings', table: '患者' },
  { kind: 'grant', table: '患者', grantee: 'bob' },
  { kind: 'grant', table: '患者', grantee: 'bob', check: true },
  { kind: 'table-settings', table: '患者', allow_three: true, check: true },
  { kind: 'revoke', table: '患者', grantee: 'bob' },
  { kind: 'tables' },
  { kind: 'describe', table: '患者' },
  { kind: 'cancel', id: hexId() },
  { kind: 'report', query: hexId(), code: 'COPIES_DIFFER', nodes: [2] },
  { kind: 'status' },
];

export function queryRequest(): RequestOf<'query'> {
  const body = BODIES[0];
  if (body === undefined) throw new Error('no body');
  const { request } = newRequest({ cluster: CLUSTER, user: 'alice', now: NOW }, body);
  if (request.kind !== 'query') throw new Error('not a query');
  return request;
}

/** A copy with one bit of one byte flipped. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}

/** The code of the error that a call throws, or 'none'. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? `${thrown}`;
  }
  return 'none';
}
