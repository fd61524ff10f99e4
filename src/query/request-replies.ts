/** What nodes answer to each kind of request: checked by the client before use. */
import { z } from 'zod';
import { resultLayoutSchema } from './result-layout.js';

const chunkPlace = z.strictObject({ part: z.int().min(0).max(3), chunk: z.int().min(0) });

export const uploadBeginReply = z.strictObject({
  /** staged: send the missing chunks, then commit; visible: this version was committed already. */
  state: z.enum(['staged', 'prepared', 'visible']),
  missing: z.array(chunkPlace),
});

export const uploadCommitReply = z.strictObject({
  rows: z.int(),
  /** Rows of the whole table now. */
  table_rows: z.int(),
  rounds: z.int(),
  bytes_sent: z.int(),
});

export const doneReply = z.strictObject({ done: z.literal(true), note: z.string().optional() });

export const tablesReply = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string(),
      owner: z.string(),
      contributors: z.array(z.string()),
      rows: z.int(),
      slices: z.array(z.strictObject({ slice: z.string(), contributor: z.string(), rows: z.int() })),
      columns: z.int(),
      /** Whether the asking user may query it now. */
      granted: z.boolean(),
      min_count: z.int(),
    }),
  ),
});

export const describeReply = z.strictObject({
  name: z.string(),
  owner: z.string(),
  rows: z.int(),
  slices: z.array(z.strictObject({ slice: z.string(), contributor: z.string(), rows: z.int() })),
  min_count: z.int(),
  /** Whether the owner and all contributors let queries go on with three of four nodes. */
  allow_three: z.boolean(),
  /** JSON form of the TableSchema. */
  schema: z.record(z.string(), z.unknown()),
});

export const explainReply = z.strictObject({
  text: z.string(),
  json: z.record(z.string(), z.unknown()),
});

/**
 * A query's answer from one node. The attachment holds, for each part the node holds in share order, the narrow
 * vector (8 bytes an integer), then for each part the wide one (16 bytes an integer).
 */
export const queryReply = z.strictObject({
  layout: resultLayoutSchema,
  /** The node without which the other three computed it. */
  lost: z.int().min(0).max(3).optional(),
  /** Gate bits, packed, base64. */
  bits: z.base64(),
  /** What this node has measured. */
  cost: z.strictObject({ rounds: z.int().min(0), bytes_sent: z.int().min(0) }),
  /** By the dry run, at most: the same at all nodes, with the bytes that each of them sends. */
  limit: z.strictObject({ rounds: z.int().min(0), bytes_sent: z.array(z.int().min(0)).max(4) }),
});

export const statusReply = z.strictObject({
  node: z.int(),
  name: z.string(),
  version: z.string(),
  protocol: z.int(),
  time: z.int(),
  peers: z.array(
    z.strictObject({ node: z.int(), name: z.string(), up: z.boolean(), error: z.string().optional() }),
  ),
  running: z.int(),
  waiting: z.int(),
});

/** Progress of a long request: done of total, in the stated unit. */
export const progressReply = z.strictObject({
  stage: z.string(),
  done: z.number(),
  total: z.number(),
});
