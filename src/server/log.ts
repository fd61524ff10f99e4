import { withNodeNames } from '../core/node-names.js';

/** Where a node writes what its operator should see. No share, key, opening or cell ever goes in. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** With nodes by name in every line: the layers below know them by index. @param names of the cluster's nodes, by index. */
export function logWithNames(log: Log, names: readonly string[]): Log {
  return {
    info: (fields, message) => log.info(fields, withNodeNames(message, names)),
    warn: (fields, message) => log.warn(fields, withNodeNames(message, names)),
    error: (fields, message) => log.error(fields, withNodeNames(message, names)),
  };
}
