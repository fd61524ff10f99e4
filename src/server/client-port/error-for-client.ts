/** What a client may read of an error: of a node's own faults only that there was one, and at which node. */
import { asWarifuError, type ErrorCode, WarifuError } from '../../core/errors.js';
import { tellersOf } from '../jobs/job-errors.js';

/** Their texts are for the operator of the node that met them. */
const OWN_FAULTS: readonly ErrorCode[] = ['INTERNAL', 'CONFIG_INVALID', 'KEY_INVALID'];

export function errorForClient(thrown: unknown): WarifuError {
  const error = asWarifuError(thrown);
  if (!OWN_FAULTS.includes(error.code)) return error;
  const { told_by: teller, said_by: first } = error.details;
  const fault = 'met a fault of its own; its operator finds the reason in the log';
  if (teller === undefined) return new WarifuError('INTERNAL', `the node ${fault}`);
  // A peer has said so: it must not look like a fault of this node.
  const whose = first === undefined || first === teller ? 'it' : `node ${first}`;
  return new WarifuError('INTERNAL', `node ${teller} says that ${whose} ${fault}`, tellersOf(error.details));
}
