import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { rootStep } from '../../src/core/step.js';
import { printControl } from '../../src/transport/control-json.js';
import {
  encodeAbort,
  encodeControl,
  encodeCredit,
  encodeData,
  encodeHeartbeat,
  encodeHelloFrame,
  encodeReady,
  encodeReject,
  encodeSessionMark,
} from '../../src/transport/encode-frame.js';
import { digestKey, FrameDecoder, type LinkRole } from '../../src/transport/frame.js';
import { encodeHello, PROTOCOL_VERSION } from '../../src/transport/hello.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';

const SESSION = '00112233445566778899aabbccddeeff';
const STEP = rootStep('query');
const KEY = digestKey({ step: STEP, tag: 'x' });
const LIMITS = {
  ...DEFAULT_LIMITS,
  messageBytes: 5000,
  frameBytes: 1000,
  controlBytes: 300,
  controlDepth: 8,
};
const HELLO = {
  version: PROTOCOL_VERSION,
  cluster: 'ab'.repeat(32),
  node: 2,
  wallClock: 1_795_000_000_123,
  bootId: '12'.repeat(16),
  software: '0.1.0',
};
const DATA = { session: SESSION, key: KEY, clock: 3, total: 100, offset: 10, charged: true };

/** A whole data frame. */
const data = (frame: Parameters<typeof encodeData>[0]) => Buffer.concat(encodeData(frame));

/** A heartbeat with one session: how long it has stood still, and the bits of those for whom it waits. */
function heartbeat(idleMs: number, bits: number): Uint8Array {
  const frame = Buffer.from(encodeHeartbeat([{ session: SESSION, idleMs: 0, waitsFor: [] }]));
  frame.writeUInt32LE(idleMs, 22);
  frame[26] = bits;
  return frame;
}

const hello = encodeHelloFrame(encodeHello(HELLO));
const fromAccepting = [
  encodeHeartbeat([{ session: SESSION, idleMs: 77, waitsFor: [0, 3] }]),
  data({ ...DATA, payload: Uint8Array.of(1, 2, 3) }),
  encodeAbort(SESSION, 'COPIES_DIFFER', 'copies differ'),
  encodeSessionMark('full', SESSION),
  encodeSessionMark('finish', SESSION),
  encodeControl(printControl({ kind: 'start', list: [1, null] }, 300)),
];
const fromDialling = [
  encodeHeartbeat([]),
  encodeSessionMark('open', SESSION),
  encodeReady(SESSION, KEY, 4096),
  encodeCredit(SESSION, 65_536),
];

function opened(role: LinkRole): FrameDecoder {
  const decoder = new FrameDecoder(role, LIMITS);
  decoder.decode(hello);
  return decoder;
}

/** The code with which a fresh decoder refuses a frame. */
function refusal(role: LinkRole, frame: Uint8Array): string {
  try {
    opened(role).decode(frame);
  } catch (error) {
    return error instanceof WarifuError ? `${error.code} ${error.message}` : String(error);
  }
  return 'accepted';
}

describe('frames', () => {
  test('come out as they went in', () => {
    const dialling = opened('dialling');
    expect(new FrameDecoder('dialling', LIMITS).decode(hello)).toEqual({ kind: 'hello', hello: HELLO });
    expect(fromAccepting.map((frame) => dialling.decode(frame))).toEqual([
      { kind: 'heartbeat', sessions: [{ session: SESSION, idleMs: 77, waitsFor: [0, 3] }] },
      { kind: 'data', ...DATA, payload: Buffer.of(1, 2, 3) },
      { kind: 'abort', session: SESSION, code: 'COPIES_DIFFER', message: 'copies differ' },
      { kind: 'full', session: SESSION },
      { kind: 'finish', session: SESSION },
      { kind: 'control', bytes: 32, message: { kind: 'start', list: [1, null] } },
    ]);
    const accepting = opened('accepting');
    expect(fromDialling.map((frame) => accepting.decode(frame))).toEqual([
      { kind: 'heartbeat', sessions: [] },
      { kind: 'open', session: SESSION },
      { kind: 'ready', session: SESSION, key: KEY, length: 4096 },
      { kind: 'credit', session: SESSION, bytes: 65_536 },
    ]);
  });

  test('a data frame is laid out byte by byte as documented', () => {
    const bytes = data({ ...DATA, payload: Uint8Array.of(9) });
    const key = Buffer.from(KEY, 'latin1').toString('hex');
    // sha256("query\0x"), first 16 bytes, by coreutils' sha256sum
    expect(key).toBe('645cc99074f2bfac621c982aff723db4');
    expect(Buffer.from(bytes).toString('hex')).toBe(`01070100${SESSION}${key}03000000640000000a00000009`);
  });

  test('only a hello or a reject comes first, and no second hello', () => {
    for (const frame of fromAccepting) {
      expect(() => new FrameDecoder('dialling', LIMITS).decode(frame)).toThrow('not allowed here');
    }
    expect(refusal('dialling', hello)).toContain('not allowed here');
    expect(new FrameDecoder('accepting', LIMITS).decode(encodeReject('HANDSHAKE_CLOCK', 'late'))).toEqual({
      kind: 'reject',
      code: 'HANDSHAKE_CLOCK',
      message: 'late',
    });
  });

  test('a peer of another format is told so at its first frame', () => {
    expect(() => new FrameDecoder('dialling', LIMITS).decode(Uint8Array.of(2, 1, 0, 0))).toThrow(
      expect.objectContaining({ code: 'HANDSHAKE_VERSION' }),
    );
  });

  test('each side may send only its own kinds', () => {
    for (const frame of fromAccepting.slice(1))
      expect(refusal('accepting', frame)).toContain('not allowed here');
    for (const frame of fromDialling.slice(1))
      expect(refusal('dialling', frame)).toContain('not allowed here');
  });

  test('nothing is read after an error', () => {
    const decoder = opened('dialling');
    expect(() => decoder.decode(Uint8Array.of(1, 99, 0, 0))).toThrow('unknown frame kind 99');
    expect(() => decoder.decode(fromAccepting[0] ?? hello)).toThrow('nothing is read after');
  });

  test.each([
    ['another format', Uint8Array.of(2, 1, 0, 0), 'FRAME_INVALID frame format 2'],
    ['empty', new Uint8Array(0), 'ends too early'],
    ['bytes too many', new Uint8Array([...encodeSessionMark('finish', SESSION), 0]), 'bytes too many'],
    ['unknown flags', Uint8Array.of(1, 3, 1, 0, 0, 0), 'unknown flags'],
    ['a wait for a node that there is not', heartbeat(0, 0b10001), 'a node that there is not'],
    ['a standstill without a wait', heartbeat(1, 0), 'waits for nobody'],
    ['long message', data({ ...DATA, total: 5001, payload: Uint8Array.of(1) }), 'over 5000'],
    ['long payload', data({ ...DATA, total: 5000, payload: new Uint8Array(1001) }), 'over 1000'],
    ['payload past the end', data({ ...DATA, total: 12, payload: new Uint8Array(3) }), 'runs past'],
    ['empty payload', data({ ...DATA, payload: new Uint8Array(0) }), 'empty payload'],
    ['long control', encodeControl(new Uint8Array(301).fill(0x20)), 'over 300'],
    ['deep control', encodeControl(new TextEncoder().encode('['.repeat(9))), 'deeper than 8'],
    ['control that is not JSON', encodeControl(new TextEncoder().encode('{"a"')), 'not JSON'],
    ['control that is not UTF-8', encodeControl(Uint8Array.of(0x22, 0xff, 0x22)), 'not JSON in UTF-8'],
  ])('%s is refused', (_name, frame, why) => {
    expect(refusal('dialling', frame)).toContain(why);
  });

  test('brackets inside strings do not nest', () => {
    const text = '[[[[[[[[[["\\';
    const frame = encodeControl(printControl(text, 300));
    expect(opened('dialling').decode(frame)).toMatchObject({ kind: 'control', message: text });
  });

  test('a code of a newer version ends a session all the same', () => {
    const frame = Buffer.from(encodeAbort(SESSION, 'INTERNAL', 'x'))
      .toString('latin1')
      .replace('INTERNAL', 'NEWERONE');
    expect(opened('dialling').decode(Buffer.from(frame, 'latin1'))).toMatchObject({ code: 'CANCELLED' });
  });

  test('mutated frames are read or refused with a code, never otherwise', () => {
    const seeds: [LinkRole, Uint8Array][] = [
      ...fromAccepting.map((frame): [LinkRole, Uint8Array] => ['dialling', frame]),
      ...fromDialling.map((frame): [LinkRole, Uint8Array] => ['accepting', frame]),
    ];
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(mutation, { maxLength: 6 }),
        fc.option(fc.nat({ max: 80 })),
        (seed, mutations, cut) => {
          const frame = new Uint8Array(seed[1]);
          for (const { at, byte } of mutations) frame[at % frame.length] = byte;
          const bytes = cut === null ? frame : frame.subarray(0, cut);
          const answer = refusal(seed[0], bytes);
          expect(answer).toMatch(/^(accepted|FRAME_INVALID|HANDSHAKE_VERSION)/);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('random bytes as first frame are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => new FrameDecoder('accepting', LIMITS).decode(bytes)).toThrow(WarifuError);
      }),
      { numRuns: 1000 },
    );
  });
});
