import { expect, it } from 'vitest';
import { type ErrorCode, WarifuError } from '../../src/core/errors.js';
import { type AuditEvent, auditEvent } from '../../src/server/audit/audit-event.js';
import { Refusals, WRITTEN_A_MINUTE } from '../../src/server/refusals.js';

it('writes a flood of refusals as a few and a number, and refusals of another kind in full', () => {
  const events: AuditEvent[] = [];
  const lines: string[] = [];
  let now = 0;
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (_: unknown, message: string) => lines.push(message),
  };
  const refusals = new Refusals({
    log,
    audit: (event) => events.push(auditEvent.parse(event)),
    clock: () => now,
  });
  const refuse = (code: ErrorCode): void => refusals.record(new WarifuError(code, `it is ${code}`), '::1');

  for (let i = 0; i < 10_000; i++) refuse('NODE_BUSY');
  refuse('REQUEST_REPLAYED');
  expect(events).toHaveLength(WRITTEN_A_MINUTE + 1);
  expect(lines).toHaveLength(WRITTEN_A_MINUTE + 1);
  expect(events.at(-1)).toEqual({ kind: 'request-refused', code: 'REQUEST_REPLAYED' });

  now = 59_999;
  refusals.tick();
  expect(events).toHaveLength(WRITTEN_A_MINUTE + 1);
  now = 60_000;
  refusals.tick();
  refusals.tick();
  expect(events.slice(WRITTEN_A_MINUTE + 1)).toEqual([
    { kind: 'request-refused', code: 'NODE_BUSY', more: 10_000 - WRITTEN_A_MINUTE },
  ]);

  refuse('NODE_BUSY');
  expect(events.at(-1)).toEqual({ kind: 'request-refused', code: 'NODE_BUSY' });
});
