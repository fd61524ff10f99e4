import { expect, it } from 'vitest';
import { type Log, logWithNames } from '../../src/server/log.js';

it('has nodes by name in every line', () => {
  const lines: string[] = [];
  const note = (_: unknown, message: string): void => {
    lines.push(message);
  };
  const log = logWithNames({ info: note, warn: note, error: note }, ['kita', 'naka', 'minami']);
  for (const level of ['info', 'warn', 'error'] satisfies (keyof Log)[]) log[level]({}, 'node 2 is lost');
  expect(new Set(lines)).toEqual(new Set(["node 'minami' is lost"]));
});
