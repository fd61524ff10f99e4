/**
 * A node's signed vote: it has prepared an upload or drop durably. One who has the votes of all nodes can prove to any
 * of them that all have prepared, whatever one of them says later (jobs/decisions.ts).
 *
 * The signature (Ed25519, by the key that the cluster file pins) covers the cluster's fingerprint and the attempt's id,
 * which follows from the client's signed request.
 */
import { createPrivateKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Cluster } from '../../core/cluster-file.js';
import { hexField } from '../../core/fields.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { SecretBytes } from '../../core/secret.js';
import { privateKeyPem } from './certificate.js';

const DOMAIN = 'warifu attempt vote v1\0';
const SIGNATURE_BYTES = 64;

/** Ed25519 signature, hex. */
export const voteField = hexField(SIGNATURE_BYTES);

/** Votes by node; null where a vote is not known. */
export const votesField = z.array(voteField.nullable()).max(4);
export type Votes = z.infer<typeof votesField>;

export interface AttemptVotes {
  /** This node's own vote. Only for what it has prepared. */
  sign(attempt: string): string;
  isVote(node: NodeIndex, attempt: string, vote: string): boolean;
}

/** @param privateKey of one of the nodes; of no other use without being this node's. */
export function attemptVotes(cluster: Cluster, privateKey: SecretBytes): AttemptVotes {
  const own = createPrivateKey(privateKeyPem(privateKey));
  const keys: readonly KeyObject[][] = cluster.nodes.map(({ certificates }) =>
    certificates.map((certificate) => new X509Certificate(certificate).publicKey),
  );
  const textOf = (attempt: string): Buffer => Buffer.from(`${DOMAIN}${cluster.fingerprint}\0${attempt}`);
  return {
    sign: (attempt) => sign(null, textOf(attempt), own).toString('hex'),
    isVote: (node, attempt, vote) => {
      const text = textOf(attempt);
      const signature = Buffer.from(vote, 'hex');
      return keys[node]?.some((key) => verify(null, text, key, signature)) === true;
    },
  };
}
