/** What a policy function answers. Whatever is not allowed expressly is denied, with an error that says why. */
import { type ErrorCode, type ErrorDetails, WarifuError } from '../../core/errors.js';

export type Decision<T = object> = ({ readonly allowed: true } & T) | Denied;

export interface Denied {
  readonly allowed: false;
  readonly error: WarifuError;
}

export const ALLOWED = { allowed: true } as const;

export function denied(code: ErrorCode, message: string, details: ErrorDetails = {}): Denied {
  return { allowed: false, error: new WarifuError(code, message, details) };
}

/** Throws what a denial says; otherwise the decision, for its particulars. */
export function assertAllowed<T>(decision: Decision<T>): { readonly allowed: true } & T {
  if (!decision.allowed) throw decision.error;
  return decision;
}
