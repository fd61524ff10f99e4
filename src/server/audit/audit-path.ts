/** Where a node's audit log is: for the node itself and for the operator's command that reads it. */
import { join } from 'node:path';

export function auditPath(nodeDirectory: string): string {
  return join(nodeDirectory, 'audit.log');
}
