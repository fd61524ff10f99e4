/**
 * What nodes say to each other about jobs (queries, upload commits, drops), inside their pinned links.
 *
 * offer: this node has the client's request, would take part, and sees the world like this. refuse: it will not,
 * or no longer. start: node 0 puts agreed jobs into one order for all. keys: a fresh key offer for the job. key-commit,
 * key-open, key-echo: the toss of a key among its three holders. vote: prepared durably. ask and tell: what
 * a node is for, or has done, about an attempt (decisions.ts).
 * check-failed: a check failed here, apart from what became of its job.
 * recover: open a session of this id and answer what this node asks in it, to rebuild its disk; recover-refused: no.
 */
import { z } from 'zod';
import type { ErrorDetails, WarifuError } from '../../core/errors.js';
import { digestField, idField } from '../../core/fields.js';
import { voteField, votesField } from '../identity/attempt-votes.js';
import { keyOfferSchema } from '../identity/pairwise-keys.js';
import { partCommitments, partEchoes, partOpenings } from '../identity/part-keys.js';
import { failedCheck } from './failed-check.js';

const job = digestField;

/** An error with the most and longest details is below the longest control message, also when it is passed on. */
const MAX_MESSAGE = 4_000;
const MAX_DETAILS = 12;
const MAX_DETAIL = 1_000;
const MAX_ITEMS = 16;
const MAX_ITEM = 128;

export const wireError = z.strictObject({
  code: z.string().max(64),
  message: z.string().max(MAX_MESSAGE),
  details: z
    .record(
      z.string().max(64),
      z.union([z.string().max(MAX_DETAIL), z.number(), z.array(z.string().max(MAX_ITEM)).max(MAX_ITEMS)]),
    )
    .refine((details) => Object.keys(details).length <= MAX_DETAILS, 'has too many details'),
});

/** The form in which an error travels: bounded, and never with anything but its documented fields. */
export function errorToWire(error: WarifuError): z.infer<typeof wireError> {
  const details = Object.entries(error.details)
    .slice(0, MAX_DETAILS)
    .map(([name, value]) => [bounded(name, 64), boundedDetail(value)]);
  return {
    code: error.code,
    message: bounded(error.message, MAX_MESSAGE),
    details: Object.fromEntries(details) as never,
  };
}

/** A peer takes no message with a longer one: it would end the link. */
function boundedDetail(value: ErrorDetails[string]): ErrorDetails[string] {
  if (typeof value === 'string') return bounded(value, MAX_DETAIL);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return value.slice(0, MAX_ITEMS).map((text) => bounded(text, MAX_ITEM));
}

function bounded(text: string, most: number): string {
  // A cut may leave half a character.
  return oneLine(text).slice(0, most).toWellFormed();
}

/** Without control characters and halves of characters, which JSON also makes six times as long. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').toWellFormed();
}

/** Facts on which nodes agree before a job: tables, digests, numbers. */
const MAX_AGREED = 32;

export const proposal = z.strictObject({
  kind: z.enum(['query', 'upload', 'drop']),
  /** Public facts that must be equal at all nodes, by name. */
  agreed: z
    .record(z.string().max(64), z.union([z.string().max(MAX_DETAIL), z.number(), z.null()]))
    .refine((agreed) => Object.keys(agreed).length <= MAX_AGREED, 'has too many facts'),
  /** What this node's policy asks for; the largest counts. */
  minCount: z.int().min(1),
  /** This start of the node: never the same twice. */
  epoch: z.int().min(0),
  /** Bytes that the job needs, and that this node has for all jobs. */
  memory: z.int().min(0),
  room: z.int().min(0),
});
export type Proposal = z.infer<typeof proposal>;

export const controlMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('offer'), job, proposal }),
  z.strictObject({ type: z.literal('refuse'), job, error: wireError }),
  z.strictObject({ type: z.literal('start'), job, record: digestField }),
  z.strictObject({ type: z.literal('keys'), job, offer: keyOfferSchema }),
  z.strictObject({ type: z.literal('key-commit'), job, list: partCommitments }),
  z.strictObject({ type: z.literal('key-open'), job, list: partOpenings }),
  z.strictObject({ type: z.literal('key-echo'), job, list: partEchoes }),
  z.strictObject({ type: z.literal('vote'), job, vote: voteField }),
  z.strictObject({ type: z.literal('ask'), attempt: idField }),
  z.strictObject({
    type: z.literal('tell'),
    attempt: idField,
    outcome: z.enum(['undecided', 'prepared', 'committing', 'rolling-back', 'committed', 'rolled-back']),
    /** Those that the teller has, its own among them if it has prepared. */
    votes: votesField,
  }),
  z.strictObject({ type: z.literal('check-failed'), check: failedCheck }),
  z.strictObject({ type: z.literal('recover'), session: idField }),
  z.strictObject({ type: z.literal('recover-refused'), session: idField, error: wireError }),
]);
export type ControlMessage = z.infer<typeof controlMessage>;
