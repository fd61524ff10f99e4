/** How the nodes are: each answers for itself, and one that does not answer is part of the picture. */
import type { z } from 'zod';
import type { WarifuError } from '../../core/errors.js';
import { statusReply } from '../../query/request-replies.js';
import { readReplies } from '../agreement.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';

export interface NodeStatus {
  readonly node: number;
  readonly name: string;
  /** What the node says, or why it says nothing. */
  readonly status: z.infer<typeof statusReply> | WarifuError;
}

/** The status of each node, in their order; throws only PEER_MISBEHAVED. */
export async function clusterStatus(client: ClusterClient, options: AskOptions = {}): Promise<NodeStatus[]> {
  const outcomes = await client.ask({ kind: 'status' }, options);
  return outcomes.map((outcome) => {
    const { node, card } = outcome.known;
    if ('error' in outcome) return { node, name: card.name, status: outcome.error };
    const [answer] = readReplies([outcome], statusReply);
    return { node, name: card.name, status: answer!.value };
  });
}
