/**
 * Every error that a person can see has a code, an exit code and structured details.
 *
 * Details name places (file, row, column, node, step), never a share, a key, an opening or a cell.
 */

/** Exit codes of the command line (docs/commands.md): scripts depend on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, unreachable: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The documented error codes; docs/errors.md explains each, and a test compares the two lists. */
export const ERRORS = {
  // programming errors and protocol aborts
  INTERNAL: EXIT.failed,
  STEP_REUSED: EXIT.failed,
  RANDOMNESS_REUSED: EXIT.failed,
  MESSAGE_LENGTH: EXIT.failed,
  MESSAGE_FORM: EXIT.failed,
  COPIES_DIFFER: EXIT.failed,
  COMMITMENT_MISMATCH: EXIT.failed,
  PEER_MISBEHAVED: EXIT.failed,
  CHUNK_DAMAGED: EXIT.failed,
  STORE_FORMAT: EXIT.failed,
  STORE_LOCKED: EXIT.failed,
  STORE_KEY: EXIT.failed,
  STORE_FULL: EXIT.failed,
  STORE_FAILED: EXIT.failed,
  STORE_DAMAGED: EXIT.failed,
  STORE_MISSING: EXIT.failed,
  SLICE_STATE: EXIT.failed,
  AUDIT_BROKEN: EXIT.failed,
  CANCELLED: EXIT.failed,
  // wrong usage, bad SQL, bad data: nothing was stored or released
  USAGE: EXIT.usage,
  FILE_MISSING: EXIT.usage,
  FILE_UNREADABLE: EXIT.usage,
  FILE_EMPTY: EXIT.usage,
  FILE_CHANGED: EXIT.usage,
  CSV_INVALID: EXIT.usage,
  ENCODING_INVALID: EXIT.usage,
  SCHEMA_INVALID: EXIT.usage,
  SCHEMA_MISMATCH: EXIT.usage,
  SQL_SYNTAX: EXIT.usage,
  SQL_UNSUPPORTED: EXIT.usage,
  SQL_TYPE: EXIT.usage,
  UNKNOWN_TABLE: EXIT.usage,
  UNKNOWN_COLUMN: EXIT.usage,
  UNKNOWN_LABEL: EXIT.usage,
  TOO_MANY_CELLS: EXIT.usage,
  BOUND_NOT_PROVED: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  KEY_INVALID: EXIT.usage,
  STORE_EXISTS: EXIT.usage,
  SLICE_EXISTS: EXIT.usage,
  UNKNOWN_SLICE: EXIT.usage,
  CHUNK_DIFFERS: EXIT.usage,
  TABLE_TOO_LARGE: EXIT.usage,
  UPLOAD_CHECK_FAILED: EXIT.usage,
  // refused by policy or by authentication
  REQUEST_INVALID: EXIT.refused,
  REQUEST_REPLAYED: EXIT.refused,
  REQUEST_EXPIRED: EXIT.refused,
  REQUEST_MISADDRESSED: EXIT.refused,
  NOT_ENROLLED: EXIT.refused,
  NOT_ALLOWED: EXIT.refused,
  NOT_GRANTED: EXIT.refused,
  POLICY_DIFFERS: EXIT.refused,
  THREE_NOT_ALLOWED: EXIT.refused,
  NODE_BUSY: EXIT.unreachable,
  SLICE_BUSY: EXIT.unreachable,
  // a node could not be reached or dropped out: safe to try again
  NODE_UNREACHABLE: EXIT.unreachable,
  NODE_LOST: EXIT.unreachable,
  STATE_DIFFERS: EXIT.unreachable,
  NO_PROGRESS: EXIT.unreachable,
  HANDSHAKE_VERSION: EXIT.unreachable,
  HANDSHAKE_CLUSTER: EXIT.unreachable,
  HANDSHAKE_CERTIFICATE: EXIT.unreachable,
  HANDSHAKE_CLOCK: EXIT.unreachable,
  FRAME_INVALID: EXIT.unreachable,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** The one error class that crosses layers, processes and the wire. */
export class WarifuError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** @param message one sentence: what is wrong, where, and what to do. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'WarifuError';
    this.code = code;
    this.details = details;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code];
  }

  toJSON(): { code: ErrorCode; message: string; details: ErrorDetails } {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** True for a string that names a documented error code (used when an error arrives from a peer). */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** Any thrown thing as a WarifuError; an unforeseen one becomes INTERNAL and keeps its message. */
export function asWarifuError(thrown: unknown): WarifuError {
  if (thrown instanceof WarifuError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new WarifuError('INTERNAL', `unexpected error: ${message}`);
  if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}
