/** What a lying node may send in frames, instead of or beside what its program sends: for each kind that there is. */
import { randomBytes } from 'node:crypto';
import type { NodeIndex } from '../../../src/core/scheme.js';
import {
  encodeAbort,
  encodeControl,
  encodeCredit,
  encodeHeartbeat,
  encodeHelloFrame,
  encodeReady,
  encodeReject,
  encodeSessionMark,
} from '../../../src/transport/encode-frame.js';
import { FRAME_KINDS, type FrameKind, type SessionId } from '../../../src/transport/frame.js';
import { encodeHello, PROTOCOL_VERSION } from '../../../src/transport/hello.js';
import { DEFAULT_LIMITS, type TransportLimits } from '../../../src/transport/limits.js';
import { CLUSTER } from '../support/meshes.js';
import type { Leaving } from './lying-sockets.js';

/** Small, so that a short computation has frames of all kinds. */
export const LIMITS: TransportLimits = {
  ...DEFAULT_LIMITS,
  frameBytes: 64,
  eagerBytes: 128,
  windowBytes: 2560,
  earlyWindowBytes: 640,
  readyAhead: 64,
  earlyMs: 300,
  messageBytes: 4096,
  heartbeatMs: 20,
  silentBeats: 100,
  noProgressMs: 1_000,
  handshakeMs: 3_000,
  redialMs: 10,
  redialMaxMs: 60,
};

/** Sessions that a lie may name. */
export interface Around {
  /** Of the other nodes alone. */
  readonly others: SessionId;
  readonly ended: SessionId;
}

/** Asked about every frame to the one who is lied to: what leaves instead, undefined where it is no lie. */
export type Teller = (leaving: Leaving, around: Around) => readonly Uint8Array[] | undefined;

export interface FrameLie {
  readonly kind: FrameKind;
  readonly name: string;
  readonly teller: () => Teller;
}

type Make = (leaving: Leaving, around: Around) => readonly Uint8Array[];

export function kindOf({ bytes }: Pick<Leaving, 'bytes'>): FrameKind | undefined {
  return KINDS.find((kind) => FRAME_KINDS[kind] === bytes[1]);
}

export const KINDS = Object.keys(FRAME_KINDS) as readonly FrameKind[];
/** The bits of four nodes. */
const ALL_NODES = 0b1111;
const NO_KEY = '0123456789abcdef';
const INSTEAD_OF_HELLO = 'instead of a hello';

const sessionOf = ({ bytes }: Leaving): SessionId => bytes.toString('hex', 4, 20);
const keyOf = ({ bytes }: Leaving): string => bytes.toString('latin1', 20, 36);
const totalOf = ({ bytes }: Leaving): number => bytes.readUInt32LE(40);
const offsetOf = ({ bytes }: Leaving): number => bytes.readUInt32LE(44);

/** The frame with other bytes from a place on. */
function changed(bytes: Buffer, at: number, other: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(other, at);
  return copy;
}

function withNumber(bytes: Buffer, at: number, change: (number: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(change(bytes.readUInt32LE(at)), at);
  return copy;
}

const withSession = (bytes: Buffer, session: SessionId): Buffer =>
  changed(bytes, 4, Buffer.from(session, 'hex'));

interface When {
  /** Which frames of the kind; default all. */
  readonly fits?: (leaving: Leaving) => boolean;
  /** Each of them, not the first alone. */
  readonly isEach?: boolean;
}

/** Instead of a frame of a kind. */
function instead(at: FrameKind, make: Make, { fits = () => true, isEach = false }: When = {}): () => Teller {
  return () => {
    let isTold = false;
    return (leaving, around) => {
      if ((isTold && !isEach) || kindOf(leaving) !== at || !fits(leaving)) return undefined;
      isTold = true;
      return make(leaving, around);
    };
  };
}

const each = (at: FrameKind, make: Make): (() => Teller) => instead(at, make, { isEach: true });

/** About the pieces of the first message that has more than two. */
function pieces(make: (leaving: Leaving, i: number) => readonly Uint8Array[]): () => Teller {
  return () => {
    let key: string | undefined;
    return (leaving) => {
      if (kindOf(leaving) !== 'data') return undefined;
      if (isLong(leaving)) key ??= keyOf(leaving);
      return keyOf(leaving) === key ? make(leaving, offsetOf(leaving) / LIMITS.frameBytes) : undefined;
    };
  };
}

/** In the second piece only. */
const second = (make: (bytes: Buffer) => readonly Uint8Array[]): (() => Teller) =>
  pieces(({ bytes }, i) => (i === 1 ? make(bytes) : [bytes]));

export const isLong = (leaving: Leaving): boolean =>
  offsetOf(leaving) === 0 && totalOf(leaving) > 2 * LIMITS.frameBytes;
const isShort = (leaving: Leaving): boolean => totalOf(leaving) <= LIMITS.frameBytes;
const asksForLong = ({ bytes }: Leaving): boolean => bytes.readUInt32LE(36) > LIMITS.eagerBytes;
/** A heartbeat that lists sessions. */
const listsSessions = ({ bytes }: Pick<Leaving, 'bytes'>): boolean => bytes.length > 6;

/** The heartbeat with other claims about its first session. @param bits of those for whom it waits. */
function inHeartbeat({ bytes, from }: Leaving, idleMs: number, bits: (self: NodeIndex) => number): Buffer[] {
  if (!listsSessions({ bytes })) return [bytes];
  return [
    changed(
      withNumber(bytes, 22, () => idleMs),
      26,
      [bits(from)] as never,
    ),
  ];
}

/** Where a frame of the kind leaves, and what it is there; one that no honest node sends comes before another. */
interface Example extends When {
  readonly at: FrameKind;
  readonly frame?: (leaving: Leaving) => Uint8Array;
  readonly hasSession: boolean;
}

const EXAMPLES: Record<FrameKind, Example> = {
  hello: { at: 'hello', isEach: true, hasSession: false },
  reject: {
    at: 'data',
    frame: () => encodeReject('COPIES_DIFFER', 'node 0 lied'),
    hasSession: false,
  },
  heartbeat: { at: 'heartbeat', fits: listsSessions, hasSession: false },
  open: { at: 'open', hasSession: true },
  ready: { at: 'ready', fits: asksForLong, hasSession: true },
  credit: { at: 'credit', hasSession: true },
  data: { at: 'data', fits: isShort, hasSession: true },
  full: { at: 'full', hasSession: true },
  abort: {
    at: 'data',
    frame: (leaving) => encodeAbort(sessionOf(leaving), 'COPIES_DIFFER', 'node 0 lied'),
    hasSession: true,
  },
  finish: { at: 'finish', hasSession: true },
  control: { at: 'control', hasSession: false },
};

/** Lies that the table has in one word. */
export const MALFORMED = ['cut short', 'a byte too long', 'an unknown flag', 'of another format'] as const;

/** Lies about a frame of any kind. */
function generic(kind: FrameKind): FrameLie[] {
  const { at, frame, hasSession, ...when } = EXAMPLES[kind];
  const lie = (name: string, make: (bytes: Buffer, around: Around, leaving: Leaving) => Uint8Array[]) => ({
    kind,
    name,
    teller: instead(
      at,
      (leaving, around) => {
        const bytes = Buffer.from(frame?.(leaving) ?? leaving.bytes);
        return [...make(bytes, around, leaving), ...(frame === undefined ? [] : [leaving.bytes])];
      },
      when,
    ),
  });
  const honest = (bytes: Buffer): Buffer[] => (frame === undefined ? [bytes] : []);
  return [
    ...(frame === undefined ? [lie('left out', () => [])] : [lie('sent', (bytes) => [bytes])]),
    lie('twice', (bytes) => [bytes, bytes]),
    lie('cut short', (bytes) => [bytes.subarray(0, -1)]),
    lie('a byte too long', (bytes) => [Buffer.concat([bytes, Buffer.alloc(1)])]),
    lie('an unknown flag', (bytes) => [changed(bytes, 3, [0x80] as never)]),
    lie('of another format', (bytes) => [changed(bytes, 0, [9] as never)]),
    lie('on the other connection', (bytes, _around, { across }) => {
      across(bytes);
      return [];
    }),
    ...(hasSession
      ? [
          lie('of a session of others', (bytes, { others }) => [
            withSession(bytes, others),
            ...honest(bytes),
          ]),
          lie('of a session that ended', (bytes, { ended }) => [withSession(bytes, ended), ...honest(bytes)]),
          lie('of no session', (bytes) => [
            withSession(bytes, randomBytes(16).toString('hex')),
            ...honest(bytes),
          ]),
        ]
      : []),
  ];
}

const hello = (changes: Partial<Parameters<typeof encodeHello>[0]>) =>
  each('hello', ({ bytes }) => {
    const node = bytes[42] ?? 0;
    const bootId = bytes.toString('hex', 51, 67);
    const honest = { version: PROTOCOL_VERSION, cluster: CLUSTER, node, wallClock: Date.now(), bootId };
    return [encodeHelloFrame(encodeHello({ ...honest, software: 'x', ...changes }))];
  });

/** Lies about what only frames of a kind say. */
const SPECIAL: Record<FrameKind, Readonly<Record<string, () => Teller>>> = {
  hello: {
    'another version': hello({ version: PROTOCOL_VERSION + 1 }),
    'another cluster': hello({ cluster: 'dd'.repeat(32) }),
    'another node': hello({ node: 9 }),
    'another time': hello({ wallClock: 1 }),
    'a start of its own for each connection': each('hello', ({ bytes }) => [
      changed(bytes, 51, randomBytes(16)),
    ]),
    'frames before it': each('hello', ({ bytes }) => [encodeHeartbeat([]), bytes]),
  },
  reject: {
    [INSTEAD_OF_HELLO]: each('hello', () => [encodeReject('HANDSHAKE_CLOCK', 'node 0 is wrong')]),
  },
  heartbeat: {
    'more sessions than there may be': instead('heartbeat', () => [
      changed(Buffer.from(encodeHeartbeat([])), 4, [0xff, 0xff] as never),
    ]),
    'no session': each('heartbeat', () => [encodeHeartbeat([])]),
    'all sessions at rest for a year, for want of all others': each('heartbeat', (leaving) =>
      inHeartbeat(leaving, 0xffff_ffff, (self) => ALL_NODES & ~(1 << self)),
    ),
    'a wait for itself': each('heartbeat', (leaving) => inHeartbeat(leaving, 1, (self) => 1 << self)),
    'a wait for a node that there is not': each('heartbeat', (leaving) =>
      inHeartbeat(leaving, 1, () => ALL_NODES + 1),
    ),
    'a rest without a wait': each('heartbeat', (leaving) => inHeartbeat(leaving, 1, () => 0)),
    'sessions that are not there': each('heartbeat', () => [
      encodeHeartbeat([{ session: randomBytes(16).toString('hex'), idleMs: 0, waitsFor: [] }]),
    ]),
  },
  open: {
    'before any session': instead('open', ({ bytes }) => [
      encodeSessionMark('open', randomBytes(16).toString('hex')),
      bytes,
    ]),
  },
  ready: {
    'for 8 bytes more': instead('ready', ({ bytes }) => [withNumber(bytes, 36, (length) => length + 8)], {
      fits: asksForLong,
    }),
    'for no bytes': instead('ready', ({ bytes }) => [withNumber(bytes, 36, () => 0)], { fits: asksForLong }),
    'for a message that does not come': instead('ready', (leaving) => [
      encodeReady(sessionOf(leaving), NO_KEY, 8),
      leaving.bytes,
    ]),
    'for too many messages': instead('ready', (leaving) =>
      Array.from({ length: LIMITS.readyAhead + 1 }, (_, i) =>
        encodeReady(sessionOf(leaving), `${i}`.padStart(16), 8),
      ),
    ),
  },
  credit: {
    'as much as the window': instead('open', (leaving) => [
      leaving.bytes,
      encodeCredit(sessionOf(leaving), LIMITS.windowBytes),
    ]),
    'as much as can be said': instead('credit', (leaving) => [encodeCredit(sessionOf(leaving), 0xffff_ffff)]),
    none: each('credit', () => []),
  },
  data: {
    'another bit': pieces(({ bytes }, i) => [
      i === 0 ? changed(bytes, 48, [(bytes[48] ?? 0) ^ 1] as never) : bytes,
    ]),
    'another clock': pieces(({ bytes }) => [withNumber(bytes, 36, (clock) => clock + 1)]),
    'another clock in the second piece': second((bytes) => [withNumber(bytes, 36, (clock) => clock + 1)]),
    'a length 8 greater': pieces(({ bytes }) => [withNumber(bytes, 40, (total) => total + 8)]),
    'a length 8 smaller': pieces(({ bytes }, i) =>
      i < 2 ? [withNumber(bytes, 40, (total) => total - 8)] : [],
    ),
    'another length in the second piece': second((bytes) => [withNumber(bytes, 40, (total) => total + 8)]),
    'a length over the limit': pieces(({ bytes }) => [withNumber(bytes, 40, () => LIMITS.messageBytes + 1)]),
    'a piece 8 too far': second((bytes) => [withNumber(bytes, 44, (offset) => offset + 8)]),
    'a piece over the one before': second((bytes) => [withNumber(bytes, 44, (offset) => offset - 8)]),
    'a piece past the end': second((bytes) => [withNumber(bytes, 44, () => 0xffff_ffc0)]),
    'a piece twice': second((bytes) => [bytes, bytes]),
    'a piece left out': second(() => []),
    'an empty piece': second((bytes) => [bytes.subarray(0, 48), bytes]),
    'a piece over the limit': second((bytes) => [Buffer.concat([bytes, Buffer.alloc(1)])]),
    'another message': pieces(({ bytes }) => [changed(bytes, 20, Buffer.from(NO_KEY, 'latin1'))]),
    'another message, not counted': instead(
      'data',
      ({ bytes }) => [changed(changed(bytes, 2, [0] as never), 20, Buffer.from(NO_KEY, 'latin1'))],
      { fits: isShort },
    ),
    'more than the window': instead(
      'data',
      ({ bytes }) =>
        Array.from({ length: 5 }, (_, i) => changed(bytes, 20, Buffer.from(`${i}`.padStart(16), 'latin1'))),
      { fits: isShort },
    ),
    nothing: each('data', () => []),
  },
  full: {
    'without need': instead('data', (leaving) => [
      encodeSessionMark('full', sessionOf(leaving)),
      leaving.bytes,
    ]),
  },
  abort: {
    'a code that there is not': instead('data', (leaving) => [
      encodeAbort(sessionOf(leaving), 'NO_SUCH_CODE' as never, 'x'),
    ]),
    'that the provider is to blame': instead('data', (leaving) => [
      encodeAbort(sessionOf(leaving), 'COMMITMENT_MISMATCH', 'x'),
    ]),
    'when all is done': instead('finish', (leaving) => [
      encodeAbort(sessionOf(leaving), 'CANCELLED', 'x'),
      leaving.bytes,
    ]),
  },
  finish: {
    'too early': instead('data', (leaving) => [
      encodeSessionMark('finish', sessionOf(leaving)),
      leaving.bytes,
    ]),
  },
  control: {
    'no JSON': instead('control', () => [encodeControl(Buffer.from('{'))]),
    'nested too deep': instead('control', () => [
      encodeControl(Buffer.from('['.repeat(100) + ']'.repeat(100))),
    ]),
    'too long': instead('control', () => [
      encodeControl(Buffer.from(JSON.stringify('x'.repeat(LIMITS.controlBytes)))),
    ]),
  },
};

export function liesAbout(kind: FrameKind): readonly FrameLie[] {
  const special = Object.entries(SPECIAL[kind]).map(([name, teller]) => ({ kind, name, teller }));
  return [...generic(kind), ...special];
}

/** Whether it is told before there is a link. */
export function isInHandshake({ kind, name }: FrameLie): boolean {
  return kind === 'hello' || name === INSTEAD_OF_HELLO;
}
