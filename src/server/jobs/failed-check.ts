/** A check that failed among the nodes: in which form one tells the others. It has no text, as its sender may lie. */
import { z } from 'zod';
import type { ErrorCode, WarifuError } from '../../core/errors.js';
import { idField, nameField } from '../../core/fields.js';
import { nodesBlamed } from '../../core/node-names.js';
import { MAX_STEP_PATH } from '../../core/step.js';

/** Errors with which a node ends a job since another one did not keep to the protocol. */
const FAILED_CHECKS = [
  'COPIES_DIFFER',
  'PEER_MISBEHAVED',
  'MESSAGE_LENGTH',
  'MESSAGE_FORM',
  'FRAME_INVALID',
] as const satisfies readonly ErrorCode[];

/** Which request it failed in, or what was being recovered. */
export const checkedRequest = {
  /** The id of a query. */
  query: idField.optional(),
  /** The id of an upload or a drop. */
  attempt: idField.optional(),
  /** The slice of a table that another node recovers. */
  table: nameField.optional(),
  slice: nameField.optional(),
};

export const failedCheck = z.strictObject({
  // What a provider commits to comes from other nodes in a recovery; in an upload the provider itself is to blame.
  code: z.enum([...FAILED_CHECKS, 'COMMITMENT_MISMATCH']),
  /** Who may have lied or be broken, as far as it is known. */
  nodes: z.array(z.literal([0, 1, 2, 3])).max(4),
  step: z
    .string()
    .regex(/^[a-z0-9/-]+$/)
    .max(MAX_STEP_PATH)
    .optional(),
  ...checkedRequest,
});
export type FailedCheck = z.infer<typeof failedCheck>;
export type CheckedRequest = Pick<FailedCheck, keyof typeof checkedRequest>;

/** Whether an error that ends a job or a link says that somebody among the nodes lies or is broken. */
export function isFailedCheck(error: WarifuError): boolean {
  return FAILED_CHECKS.some((code) => code === error.code);
}

/** What of an error the others are told; undefined for one that can be no failed check. */
export function failedCheckOf(
  { code, details }: WarifuError,
  request: CheckedRequest,
  names: readonly string[],
): FailedCheck | undefined {
  const { step } = details;
  const parsed = failedCheck.safeParse({
    code,
    nodes: nodesBlamed(details, names),
    ...(typeof step === 'string' ? { step } : {}),
    ...request,
  });
  return parsed.success ? parsed.data : undefined;
}

/** In words: `a check failed at step query/where: node 'kita' or node 'naka' lied or is broken (COPIES_DIFFER)`. */
export function checkInWords(
  { code, nodes, step, table, slice }: FailedCheck,
  names: readonly string[],
): string {
  const place = step === undefined ? '' : ` at step ${step}`;
  const where =
    slice === undefined || table === undefined ? place : `${place} in slice '${slice}' of table '${table}'`;
  const who = nodes.map((node) => `node '${names[node] ?? node}'`).join(' or ');
  return `a check failed${where}: ${who === '' ? 'some node' : who} lied or is broken (${code})`;
}
