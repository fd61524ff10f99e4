/** Public answers that must be the same at all nodes: compared before use, and who differs is named. */
import type { z } from 'zod';
import { canonicalJson } from '../core/canonical-json.js';
import { type ErrorCode, WarifuError } from '../core/errors.js';
import type { ReplyMessage } from '../query/request-wire.js';
import type { KnownNode } from './node-address.js';
import { misbehaved } from './node-messages.js';

/** One node's successful answer. */
export interface NodeReply {
  readonly known: KnownNode;
  readonly reply: ReplyMessage;
}

export interface NodeValue<T> {
  readonly known: KnownNode;
  readonly value: T;
}

/**
 * The data of each reply in its expected form.
 *
 * @throws WarifuError PEER_MISBEHAVED naming the node and the field.
 */
export function readReplies<T>(replies: readonly NodeReply[], form: z.ZodType<T>): NodeValue<T>[] {
  return replies.map(({ known, reply }) => {
    const parsed = form.safeParse(reply.data);
    if (parsed.success) return { known, value: parsed.data };
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw misbehaved(
      known,
      `answered in another form (field '${field}'); do all run the same version of warifu?`,
    );
  });
}

/**
 * The value that all nodes gave.
 *
 * @param what names it in the error.
 * @throws WarifuError with this code, naming the node that differs from the others, or all where no
 *   majority agrees.
 */
export function agreedValue<T>(
  values: readonly NodeValue<T>[],
  what: string,
  code: ErrorCode = 'PEER_MISBEHAVED',
): T {
  const texts = values.map(({ value }) => canonicalJson(value));
  const [first] = values;
  if (first === undefined) throw new TypeError('no node answered');
  if (texts.every((text) => text === texts[0])) return first.value;
  const usual = texts.find((text) => 2 * texts.filter((other) => other === text).length > texts.length);
  const differing = values.filter((_, i) => texts[i] !== usual).map(({ known }) => known.card.name);
  const divided = new Set(texts).size === texts.length ? 'all of them differ' : 'they are divided';
  const who = differing.length === 1 ? `node '${differing[0]}' differs from the others` : divided;
  const advice =
    code === 'POLICY_DIFFERS'
      ? 'the command that set it, given again, repairs it; else ask their operators'
      : 'ask their operators';
  throw new WarifuError(code, `the nodes do not agree on ${what}: ${who}; ${advice}`, {
    nodes: differing,
  });
}
