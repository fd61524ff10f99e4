import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { childStep, rootStep } from '../../src/core/step.js';
import type { MessageKey } from '../../src/transport/channel.js';
import { type DataFrame, digestKey, FrameDecoder, type SessionFrame } from '../../src/transport/frame.js';
import { Inbox } from '../../src/transport/inbox.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';
import { MESSAGE_OVERHEAD, Outbox } from '../../src/transport/outbox.js';
import { failure } from './support/meshes.js';
import { helloFrame } from './support/raw-peer.js';

const SESSION = 'ab'.repeat(16);
const STEP = rootStep('t');
const keyOf = (i: number) => ({ step: childStep(STEP, `m${i}`), tag: 'x' });
const LIMITS = {
  ...DEFAULT_LIMITS,
  frameBytes: 100,
  eagerBytes: 250,
  windowBytes: 4 * (250 + MESSAGE_OVERHEAD),
  earlyWindowBytes: 250 + MESSAGE_OVERHEAD,
};

function decoded(role: 'accepting' | 'dialling', frame: Uint8Array): SessionFrame {
  const decoder = new FrameDecoder(role, LIMITS);
  decoder.decode(helloFrame(0));
  return decoder.decode(frame) as SessionFrame;
}

function frame(i: number, changes: Partial<DataFrame> = {}): DataFrame {
  return {
    kind: 'data',
    session: SESSION,
    key: digestKey(keyOf(i)),
    clock: 1,
    total: 10,
    offset: 0,
    charged: true,
    payload: new Uint8Array(10),
    ...changes,
  };
}

function inbox(): { inbox: Inbox; replies: SessionFrame[] } {
  const replies: SessionFrame[] = [];
  const reply = (bytes: Uint8Array) => replies.push(decoded('accepting', bytes));
  return {
    replies,
    inbox: new Inbox({ session: SESSION, peer: 1, limits: LIMITS, reply }),
  };
}

function outbox(): { outbox: Outbox; said: string[]; drain: () => DataFrame[]; moves: () => number } {
  const said: string[] = [];
  let moves = 0;
  const box = new Outbox({
    session: SESSION,
    limits: LIMITS,
    wake: () => undefined,
    onLeaving: () => {
      moves += 1;
    },
    onFull: () => said.push('full'),
  });
  const drain = () => {
    const frames: DataFrame[] = [];
    for (let next = box.nextFrame(); next !== undefined; next = box.nextFrame()) {
      const [head, payload, written] = next;
      frames.push(decoded('dialling', Buffer.concat([head, payload])) as DataFrame);
      written?.();
    }
    return frames;
  };
  return { outbox: box, said, drain, moves: () => moves };
}

function code(action: () => void): string {
  try {
    action();
  } catch (error) {
    return error instanceof WarifuError ? error.code : String(error);
  }
  return 'accepted';
}

async function send(box: Outbox, key: MessageKey, bytes: Uint8Array): Promise<void> {
  await box.begin(key, bytes, 1).advance(bytes.length);
}

describe('an outbox', () => {
  test('sends the eager part at once and the rest when asked', async () => {
    const { outbox: box, drain, moves } = outbox();
    await send(box, keyOf(1), new Uint8Array(420));
    expect(moves()).toBe(0);
    expect(drain().map(({ offset, charged, payload }) => [offset, payload.length, charged])).toEqual([
      [0, 100, true],
      [100, 100, true],
      [200, 50, true],
    ]);
    expect(box.isEmpty).toBe(false);
    box.ready(digestKey(keyOf(1)), 420);
    expect(drain().map(({ offset, charged, payload }) => [offset, payload.length, charged])).toEqual([
      [250, 100, false],
      [350, 70, false],
    ]);
    expect(moves()).toBe(5);
    expect(box.isEmpty).toBe(true);
  });

  test('says that a message has left once its last bytes were written', async () => {
    const { outbox: box, drain } = outbox();
    const left = vi.fn<() => void>();
    const message = box.begin(keyOf(1), new Uint8Array(250), 1, left);
    await message.advance(150);
    expect(drain()).toHaveLength(2);
    expect(left).not.toHaveBeenCalled();
    await message.advance(250);
    expect(drain()).toHaveLength(1);
    expect(left).toHaveBeenCalledTimes(1);
  });

  test('says once that its window is used up, and then still sends what is asked for', async () => {
    const { outbox: box, drain, said } = outbox();
    box.opened();
    for (let i = 0; i < 7; i++) await send(box, keyOf(i), new Uint8Array(250));
    expect(new Set(drain().map(({ key }) => key)).size).toBe(4);
    expect(said).toEqual(['full']);
    box.ready(digestKey(keyOf(6)), 250);
    expect(drain().map(({ key, charged }) => [key, charged])).toEqual(
      Array(3).fill([digestKey(keyOf(6)), false]),
    );
    box.credit(250 + MESSAGE_OVERHEAD);
    expect(new Set(drain().map(({ key }) => key))).toEqual(new Set([digestKey(keyOf(4))]));
  });

  test('messages take turns', async () => {
    const { outbox: box, drain } = outbox();
    box.opened();
    await send(box, keyOf(1), new Uint8Array(200));
    await send(box, keyOf(2), new Uint8Array(200));
    const [first, second] = [digestKey(keyOf(1)), digestKey(keyOf(2))];
    expect(drain().map(({ key }) => key)).toEqual([first, second, first, second]);
  });

  test('sends of a growing message what is final, and is empty only after its last byte', async () => {
    const { outbox: box, drain } = outbox();
    box.opened();
    const message = box.begin(keyOf(1), new Uint8Array(240), 1);
    expect(drain()).toEqual([]);
    await message.advance(130);
    expect(drain().map(({ offset, payload }) => [offset, payload.length])).toEqual([
      [0, 100],
      [100, 30],
    ]);
    expect(box.isEmpty).toBe(false);
    await expect(message.advance(129)).rejects.toThrow('cannot grow from 130 to 129');
    await expect(message.advance(241)).rejects.toThrow('cannot grow from 130 to 241');
    await message.advance(240);
    expect(drain().map(({ offset, payload }) => [offset, payload.length])).toEqual([
      [130, 100],
      [230, 10],
    ]);
    expect(box.isEmpty).toBe(true);
    await expect(message.advance(240)).rejects.toThrow('cannot grow');
  });

  test('an empty growing message leaves once it is final', async () => {
    const { outbox: box, drain } = outbox();
    const message = box.begin(keyOf(1), new Uint8Array(0), 1);
    expect(drain()).toEqual([]);
    expect(box.isEmpty).toBe(false);
    await message.advance(0);
    expect(drain().map(({ total }) => total)).toEqual([0]);
    expect(box.isEmpty).toBe(true);
  });

  test('refuses a peer that gives back too much, asks for too many, or expects another length', async () => {
    expect(code(() => outbox().outbox.credit(LIMITS.windowBytes))).toBe('FRAME_INVALID');
    const { outbox: box } = outbox();
    box.opened();
    expect(code(() => box.opened())).toBe('FRAME_INVALID');
    await send(box, keyOf(1), new Uint8Array(300));
    expect(code(() => box.ready(digestKey(keyOf(1)), 301))).toBe('MESSAGE_LENGTH');
    box.ready(digestKey(keyOf(2)), 7);
    expect((await failure(send(box, keyOf(2), new Uint8Array(8)))).code).toBe('MESSAGE_LENGTH');
    for (let i = 0; i < LIMITS.readyAhead; i++) box.ready(`${i}`.padStart(16), 1);
    expect(code(() => box.ready('one more'.padStart(16), 1))).toBe('FRAME_INVALID');
  });
});

describe('an inbox', () => {
  test('asks for long messages at once, for short ones only when the window is used up', () => {
    const { inbox: box, replies } = inbox();
    void box.claim(keyOf(1), 250);
    expect(replies).toEqual([]);
    void box.claim(keyOf(2), 251);
    expect(replies).toEqual([{ kind: 'ready', session: SESSION, key: digestKey(keyOf(2)), length: 251 }]);
    box.askAlways();
    void box.claim(keyOf(3), 0);
    expect(replies.slice(1).map((reply) => reply.kind === 'ready' && reply.length)).toEqual([250, 0]);
  });

  test('gives window back once enough was claimed', async () => {
    const { inbox: box, replies } = inbox();
    for (let i = 0; i < 3; i++) {
      box.data(frame(i, { total: 250, payload: new Uint8Array(250) }));
      expect((await box.claim(keyOf(i), 250)).length).toBe(250);
    }
    const credit = replies.flatMap((reply) => (reply.kind === 'credit' ? [reply.bytes] : []));
    expect(credit).toEqual([762, 762, 762]);
  });

  test.each([
    ['a message twice, unclaimed', [frame(1), frame(1)]],
    ['more than was asked for', [frame(1, { charged: false })]],
    ['a gap', [frame(1, { total: 30 }), frame(1, { total: 30, offset: 20 })]],
    ['a beginning that is missing', [frame(1, { total: 30, offset: 10 })]],
    ['another total in the second frame', [frame(1, { total: 30 }), frame(1, { total: 40, offset: 10 })]],
    [
      'another clock in the second frame',
      [frame(1, { total: 30 }), frame(1, { total: 30, offset: 10, clock: 2 })],
    ],
    ['more than the window', Array.from({ length: 10 }, (_, i) => frame(i))],
  ])('refuses %s', (_name, frames) => {
    const { inbox: box } = inbox();
    const codes = frames.map((one) => code(() => box.data(one)));
    expect(codes.at(-1)).toBe('FRAME_INVALID');
    expect(codes.slice(0, -1).every((one) => one === 'accepted' || one === 'FRAME_INVALID')).toBe(true);
  });

  test('puts together what comes byte by byte before it is claimed', async () => {
    const { inbox: box } = inbox();
    const bytes = Uint8Array.from({ length: 700 }, (_, i) => i & 255);
    for (let offset = 0; offset < bytes.length; offset++) {
      box.data(frame(1, { total: bytes.length, offset, payload: bytes.subarray(offset, offset + 1) }));
    }
    expect(await box.claim(keyOf(1), bytes.length)).toEqual(bytes);
  });

  test('refuses a message that comes again after it was claimed', async () => {
    const { inbox: box } = inbox();
    box.data(frame(1));
    await box.claim(keyOf(1), 10);
    expect(code(() => box.data(frame(1)))).toBe('FRAME_INVALID');
  });
});

test('any order of sends and claims delivers every message, within the window', async () => {
  const size = fc.constantFrom(0, 1, 99, 100, 101, 249, 250, 251, 777);
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 30 }).chain((sizes) =>
        fc.record({
          sizes: fc.constant(sizes),
          claims: fc.shuffledSubarray([...sizes.keys()], { minLength: sizes.length }),
          claimFirst: fc.array(fc.boolean(), { minLength: sizes.length, maxLength: sizes.length }),
          grows: fc.array(fc.boolean(), { minLength: sizes.length, maxLength: sizes.length }),
        }),
      ),
      async ({ sizes, claims, claimFirst, grows }) => {
        const got: Promise<Uint8Array>[] = [];
        const { outbox: sender, drain, said } = outbox();
        const receiver: Inbox = new Inbox({
          session: SESSION,
          peer: 0,
          limits: LIMITS,
          reply: (bytes) => {
            const reply = decoded('accepting', bytes);
            if (reply.kind === 'ready') sender.ready(reply.key, reply.length);
            if (reply.kind === 'credit') sender.credit(reply.bytes);
          },
        });
        const claimed = new Set<number>();
        const claim = (i: number) => {
          claimed.add(i);
          got[i] = receiver.claim(keyOf(i), sizes[i] ?? 0);
        };
        const carry = () => {
          if (said.length > 0) receiver.askAlways();
          for (let frames = drain(); frames.length > 0; frames = drain()) {
            for (const one of frames) receiver.data(one);
          }
        };
        for (const [i, first] of claimFirst.entries()) if (first) claim(i);
        sender.opened();
        for (const [i, length] of sizes.entries()) {
          const bytes = new Uint8Array(length);
          const message = sender.begin(keyOf(i), bytes, 1);
          const steps =
            grows[i] === true && length > 2 ? [Math.floor(length / 3), length - 1, length] : [length];
          for (const end of steps) {
            bytes.fill(i + 1, 0, end);
            await message.advance(end);
            if (i % 3 === 0) carry();
          }
        }
        for (const i of claims) {
          carry();
          if (!claimed.has(i)) claim(i);
        }
        carry();
        for (const [i, length] of sizes.entries()) {
          expect(await got[i]).toEqual(new Uint8Array(length).fill(i + 1));
        }
        expect(sender.isEmpty).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
