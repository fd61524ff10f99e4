import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { errorToWire, wireError } from '../../../src/server/jobs/control-message.js';
import { Job } from '../../../src/server/jobs/job.js';
import {
  droppedOut,
  notConnected,
  notReached,
  passedOn,
  remembered,
  saidByPeer,
  stopping,
} from '../../../src/server/jobs/job-errors.js';
import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';

const NAMES = ['kita', 'naka', 'minami', 'nishi'];

it('what a peer says has its name, also where it is about another node', () => {
  const refused = new WarifuError('NOT_GRANTED', "'ana' may not ask about table 't'");
  expect(saidByPeer('naka', errorToWire(refused), NAMES).message).toBe(
    "node naka: 'ana' may not ask about table 't'",
  );
  const lost = saidByPeer('naka', errorToWire(droppedOut('kita')), NAMES);
  expect(lost.message).toBe('node naka says: node kita dropped out: it is safe to try again');
  expect(lost.details).toEqual({ node: 'kita', told_by: 'naka' });
  expect(saidByPeer('naka', errorToWire(stopping('naka')), NAMES).message).toBe(
    'node naka is stopping: it is safe to try again',
  );
  // A name that begins with another one.
  expect(saidByPeer('naka', errorToWire(droppedOut('nakano')), NAMES).message).toContain(
    'node naka says: node nakano',
  );
});

describe('what a peer only passes on', () => {
  /** What `to` makes of what `from` tells of an error that ended its job. */
  const told = (from: string, error: WarifuError): WarifuError =>
    saidByPeer(from, errorToWire(passedOn(error, NAMES)), NAMES);
  const refused = new WarifuError('NOT_GRANTED', "'ana' may not ask", { table: 't' });

  it('names it and the one who said it first, however often it is passed on', () => {
    const atNaka = told('kita', refused);
    expect([atNaka.message, atNaka.details]).toEqual([
      "node kita: 'ana' may not ask",
      { node: 'kita', table: 't', told_by: 'kita' },
    ]);
    for (const [from, error] of [
      ['naka', atNaka],
      ['minami', told('naka', atNaka)],
      ['nishi', told('minami', told('naka', atNaka))],
    ] as const) {
      const { message, details } = told(from, error);
      expect(message).toBe(`node ${from} says that node kita refused: 'ana' may not ask`);
      expect(details).toEqual({ node: 'kita', table: 't', said_by: 'kita', told_by: from });
    }
  });

  it.each([
    [
      'of others',
      told('kita', droppedOut('nishi')),
      'node nishi dropped out: it is safe to try again',
      'nishi',
    ],
    ['of itself', told('kita', stopping('kita')), 'node kita is stopping: it is safe to try again', 'kita'],
    [
      'in a session, where it has a number',
      new WarifuError('COPIES_DIFFER', 'node 0: node 2 or node 3 lied', { node: 0, told_by: 0 }),
      'node 2 or node 3 lied',
      0,
    ],
  ])('may be what was said %s', (_what, error, said, about) => {
    const { message, details } = told('naka', error);
    expect(message).toBe(`node naka says that node kita refused: ${said}`);
    expect(details).toEqual({ node: about, said_by: 'kita', told_by: 'naka' });
  });

  it('is the word of the one who passes it on: nobody else can be made the teller, nor a stranger named', () => {
    const lie = (said_by: string): WarifuError =>
      saidByPeer('naka', { code: 'CANCELLED', message: 'x', details: { said_by, told_by: 'nishi' } }, NAMES);
    expect(lie('minami').details).toEqual({ node: 'minami', said_by: 'minami', told_by: 'naka' });
    for (const claimed of ['naka', 'stranger\n', '2']) {
      expect(lie(claimed).message).toBe('node naka: x');
      expect(lie(claimed).details).toEqual({ node: 'naka', told_by: 'naka' });
    }
  });
});

it('all nodes that are away are named', () => {
  expect(notConnected(['kita'])).toMatchObject({
    message: 'node kita is not connected to the others: try again later',
    details: { node: 'kita' },
  });
  expect(notConnected(['kita', 'naka', 'nishi'])).toMatchObject({
    message: 'nodes kita, naka and nishi are not connected to the others: try again later',
    details: { nodes: ['kita', 'naka', 'nishi'] },
  });
  expect(notReached(['kita', 'naka'])).toMatchObject({
    message: 'the request did not reach nodes kita and naka: try again',
    details: { nodes: ['kita', 'naka'] },
  });
});

it('a job ends with its first error, unless a check turns out to have failed', () => {
  const job = new Job('j');
  const check = new WarifuError('COPIES_DIFFER', 'x');
  job.fail(droppedOut('kita'));
  job.fail(new WarifuError('CANCELLED', 'y'));
  expect(job.failure?.code).toBe('NODE_LOST');
  job.fail(check);
  job.fail(new WarifuError('PEER_MISBEHAVED', 'z'));
  job.fail(droppedOut('kita'));
  expect(job.failure).toBe(check);
});

it('an error is far below the longest control message, however often it is passed on, and is one line', () => {
  const text = '\u0001\u2028水\ud800'.repeat(10_000);
  const details = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`name ${i}`, Array.from({ length: 500 }, () => text)]),
  );
  let error = new WarifuError('NOT_GRANTED', `${text}\nerror OK`, details);
  for (let hop = 0; hop < 5; hop++) {
    const wire = wireError.parse(errorToWire(error));
    expect(Buffer.byteLength(JSON.stringify(wire))).toBeLessThan(DEFAULT_LIMITS.controlBytes);
    expect(JSON.stringify(wire)).not.toMatch(/\\n|\\u0001/);
    error = saidByPeer('naka', wire, NAMES);
  }
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`d${i}`, 'x']));
  expect(wireError.safeParse({ code: 'X', message: 'x', details: many }).success).toBe(false);
});

it('of an ended job a few hundred characters are kept, whoever made its error', () => {
  const details = { columns: Array.from({ length: 16 }, () => 'x'.repeat(128)) };
  const kept = remembered(new WarifuError('NOT_GRANTED', 'y'.repeat(4_000), details));
  expect(kept).toMatchObject({ code: 'NOT_GRANTED', message: 'y'.repeat(400), details: {} });
  const short = new WarifuError('NODE_LOST', 'node kita dropped out', { node: 'kita' });
  expect(remembered(short)).toMatchObject({ message: short.message, details: { node: 'kita' } });
});

it('of an ended job it is kept who said so, however much else the peer said', () => {
  const wire = { code: 'INTERNAL', message: 'x', details: { node: 'kita', text: 'x'.repeat(1_000) } };
  expect(remembered(saidByPeer('nishi', wire, NAMES)).details).toEqual({ node: 'nishi', told_by: 'nishi' });
  const passed = { ...wire, details: { ...wire.details, said_by: 'naka' } };
  expect(remembered(saidByPeer('nishi', passed, NAMES)).details).toEqual({
    node: 'naka',
    said_by: 'naka',
    told_by: 'nishi',
  });
});
