/** What a lying node may say about a job that all four nodes share, by the type of control message. */
import type { NodeIndex } from '../../../src/core/scheme.js';
import type { ControlMessage, Proposal } from '../../../src/server/jobs/control-message.js';
import { NAMES } from './job-world.js';

export type JobMessage = Extract<ControlMessage, { job: string }>;
export type JobMessageType = JobMessage['type'];

/** What comes to one who is lied to instead of a message; undefined where it is no lie. */
export type Bend = (message: JobMessage) => readonly JobMessage[] | undefined;

export interface ControlLie {
  readonly type: JobMessageType;
  readonly name: string;
  /** Only the node that orders can tell it. */
  readonly fromOrdering?: boolean;
  /** The same to all, not to one. */
  readonly toAll?: boolean;
  readonly bend: Bend;
}

type Of<T extends JobMessageType> = Extract<JobMessage, { type: T }>;
type Lie = Omit<ControlLie, 'type' | 'name'>;

const OTHER_JOB = 'e'.repeat(64);
const flip = (hex: string): string => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`;

/** Instead of a message of a type. */
function instead<T extends JobMessageType>(
  type: T,
  make: (message: Of<T>) => readonly JobMessage[],
  more: Omit<Lie, 'bend'> = {},
): Lie {
  return { ...more, bend: (message) => (message.type === type ? make(message as Of<T>) : undefined) };
}

function refusal({ job }: JobMessage, code: string): Of<'refuse'> {
  const [, , name] = NAMES;
  return { type: 'refuse', job, error: { code, message: `node ${name} lied`, details: { node: name } } };
}

const offer = (change: (proposal: Proposal) => Partial<Proposal>, toAll = false): Lie =>
  instead(
    'offer',
    (message) => [{ ...message, proposal: { ...message.proposal, ...change(message.proposal) } }],
    { toAll },
  );

/** Another one for the first entry of a list. */
function first<E>(list: E[], change: (entry: E) => E): E[] {
  return list.map((entry, i) => (i === 0 ? change(entry) : entry));
}

/** Lies about a list of entries for parts. */
function lists<T extends 'key-commit' | 'key-open' | 'key-echo', E>(
  type: T,
  other: (list: E[]) => E[],
): Record<string, Lie> {
  const withList = (change: (list: E[]) => (E | undefined)[]): Lie => ({
    bend: (message) =>
      message.type === type
        ? [{ ...message, list: change((message as { list: unknown }).list as E[]) as never }]
        : undefined,
  });
  return {
    'something else': withList(other),
    'of fewer parts': withList((list) => list.slice(1)),
    'of other parts': withList((list) => list.toReversed()),
    'of a part twice': withList((list) => [list[0], list[0]]),
    'of no part': withList(() => []),
  };
}

/** Before anything else about the job. */
const atOnce = (make: (message: JobMessage) => JobMessage, more: Omit<Lie, 'bend'> = {}): Lie =>
  instead('offer', (message) => [make(message), message], more);

const SPECIAL: Record<JobMessageType, Record<string, Lie>> = {
  offer: {
    'another plan': offer(({ agreed }) => ({ agreed: { ...agreed, plan: 'other' } })),
    'another fact': offer(({ agreed }) => ({ agreed: { ...agreed, more: 1 } })),
    'that a node is lost': offer(({ agreed }) => ({ agreed: { ...agreed, lost: 1 } })),
    'another kind': offer(() => ({ kind: 'drop' })),
    'another start of the node for one': offer(({ epoch }) => ({ epoch: epoch + 1 })),
    'a smaller minimum count for one': offer(() => ({ minCount: 1 })),
    'a smaller minimum count': offer(() => ({ minCount: 1 }), true),
    'a larger minimum count': offer(() => ({ minCount: 1000 }), true),
    'no memory': offer(() => ({ room: 0 }), true),
    'that it takes all memory': offer(() => ({ memory: 1e9 }), true),
  },
  refuse: {
    'without cause': atOnce((message) => refusal(message, 'COPIES_DIFFER')),
    'in the middle': instead('key-open', (message) => [refusal(message, 'NODE_LOST')]),
    'with a code that there is not': atOnce((message) => refusal(message, 'NO_SUCH_CODE')),
  },
  start: {
    'of another record': instead('start', (message) => [{ ...message, record: flip(message.record) }], {
      fromOrdering: true,
    }),
    'of another record, before all have agreed': atOnce(
      ({ job }) => ({ type: 'start', job, record: 'c'.repeat(64) }),
      { fromOrdering: true },
    ),
    'by one that does not order': atOnce(({ job }) => ({ type: 'start', job, record: 'c'.repeat(64) })),
  },
  keys: {
    'another key': instead('keys', (message) => [
      { ...message, offer: { ...message.offer, public_key: `09${'00'.repeat(31)}` } },
    ]),
    'a key of small order': instead('keys', (message) => [
      { ...message, offer: { ...message.offer, public_key: '00'.repeat(32) } },
    ]),
    'another nonce': instead('keys', (message) => [
      { ...message, offer: { ...message.offer, nonce: flip(message.offer.nonce) } },
    ]),
  },
  'key-commit': lists('key-commit', (list: Of<'key-commit'>['list']) =>
    first(list, (one) => ({ ...one, commitment: flip(one.commitment) })),
  ),
  'key-open': {
    ...lists('key-open', (list: Of<'key-open'>['list']) =>
      first(list, (one) => ({ ...one, contribution: flip(one.contribution) })),
    ),
    'another salt': instead('key-open', (message) => [
      { ...message, list: first(message.list, (one) => ({ ...one, salt: flip(one.salt) })) },
    ]),
    'before its commitment': instead('key-commit', (message) => [
      {
        type: 'key-open',
        job: message.job,
        list: message.list.map(({ part }) => ({
          part,
          salt: '00'.repeat(32),
          contribution: '00'.repeat(32),
        })),
      },
      message,
    ]),
  },
  'key-echo': lists('key-echo', (list: Of<'key-echo'>['list']) =>
    first(list, (one) => ({ ...one, seen: one.seen.map(flip) })),
  ),
  vote: {
    'that its key has not signed': instead('vote', (message) => [{ ...message, vote: flip(message.vote) }]),
    'without having prepared': atOnce(({ job }) => ({ type: 'vote', job, vote: '0'.repeat(128) })),
  },
};

/** Lies about a message of any type; nobody refuses or, unless it orders, starts in an honest run. */
function generic(type: JobMessageType): Record<string, Lie> {
  const more = type === 'start' ? { fromOrdering: true } : {};
  if (type === 'refuse') return {};
  return {
    'left out': instead(type, () => [], more),
    twice: instead(type, (message) => [message, message], more),
    'of another job as well': instead(type, (message) => [{ ...message, job: OTHER_JOB }, message], more),
  };
}

export function controlLies(type: JobMessageType): ControlLie[] {
  const lies = { ...generic(type), ...SPECIAL[type] };
  return Object.entries(lies).map(([name, lie]) => ({ type, name, ...lie }));
}

/** Who lies to whom, going round; the node that orders where only it can. */
export function pairOf({ fromOrdering }: ControlLie, turn: number): { liar: NodeIndex; victim: NodeIndex } {
  const liar = (fromOrdering === true ? 0 : 1 + (turn % 3)) as NodeIndex;
  return { liar, victim: ((liar + 1 + (Math.floor(turn / 3) % 3)) % 4) as NodeIndex };
}
