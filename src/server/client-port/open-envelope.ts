/** From the bytes of an envelope to a request that may be handled, with the sealer of its reply. */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Request } from '../../query/request.js';
import { openRequest, requestDigest } from '../../query/request-envelope.js';
import { ReplySealer } from '../../query/request-seal.js';
import type { EnrolledUsers } from '../users/enrolled-users.js';
import type { PortContext } from './port-context.js';

export interface OpenedEnvelope {
  readonly request: Request;
  /** SHA-256 of the envelope. */
  readonly digest: Uint8Array;
  readonly sealer: ReplySealer;
  /** As they were when the request was opened. */
  readonly users: EnrolledUsers;
}

/**
 * Authenticates an envelope and lets it pass once.
 *
 * @throws WarifuError as `openRequest` and `ReplayGuard.admit` do; such a refusal is not sealed, since nothing
 *   shows yet that the sender is whom the envelope names.
 */
export async function openEnvelope(envelope: Uint8Array, context: PortContext): Promise<OpenedEnvelope> {
  const users = await context.users();
  const now = context.now();
  const request = openRequest(envelope, {
    cluster: context.cluster.fingerprint,
    now,
    publicKeyOf: (user) => users.publicKeyOf(user),
  });
  const digest = requestDigest(envelope);
  const sealer = new ReplySealer(hexToBytes(request.reply_key), {
    requestDigest: digest,
    cluster: context.cluster.fingerprint,
    node: context.node,
  });
  await context.replay.admit(request, now);
  return { request, digest, sealer, users };
}
