import { expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { errorToWire, wireError } from '../../../src/server/jobs/control-message.js';
import { Job } from '../../../src/server/jobs/job.js';
import { droppedOut, saidByPeer, stopping } from '../../../src/server/jobs/job-errors.js';

it('what a peer says has its name, also where it is about another node', () => {
  const refused = new WarifuError('NOT_GRANTED', "'ana' may not ask about table 't'");
  expect(saidByPeer('naka', errorToWire(refused)).message).toBe(
    "node naka: 'ana' may not ask about table 't'",
  );
  const lost = saidByPeer('naka', errorToWire(droppedOut('kita')));
  expect(lost.message).toBe('node naka says: node kita dropped out: it is safe to try again');
  expect(lost.details).toEqual({ node: 'kita', told_by: 'naka' });
  expect(saidByPeer('naka', errorToWire(stopping('naka'))).message).toBe(
    'node naka is stopping: it is safe to try again',
  );
  // A name that begins with another one.
  expect(saidByPeer('naka', errorToWire(droppedOut('nakano'))).message).toContain(
    'node naka says: node nakano',
  );
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
  const text = '\u0001\u2028水"'.repeat(10_000);
  const details = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`name ${i}`, Array.from({ length: 500 }, () => text)]),
  );
  let error = new WarifuError('NOT_GRANTED', `${text}\nerror OK`, details);
  for (let hop = 0; hop < 5; hop++) {
    const wire = wireError.parse(errorToWire(error));
    expect(Buffer.byteLength(JSON.stringify(wire))).toBeLessThan(900_000);
    expect(JSON.stringify(wire)).not.toMatch(/\\n|\\u0001/);
    error = saidByPeer('naka', wire);
  }
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`d${i}`, 'x']));
  expect(wireError.safeParse({ code: 'X', message: 'x', details: many }).success).toBe(false);
});
