import { expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { errorToWire } from '../../src/server/jobs/control-message.js';
import { droppedOut } from '../../src/server/jobs/job-errors.js';
import { LinkLog } from '../../src/server/link-log.js';

const NAMES = ['kita', 'naka', 'minami', 'nishi'];

function logged(): { readonly lines: string[]; readonly links: LinkLog } {
  const lines: string[] = [];
  const note = (_: unknown, message: string): void => {
    lines.push(message);
  };
  return { lines, links: new LinkLog({ info: note, warn: note, error: note }, NAMES) };
}

it('has a fault once until the link is up, and no end of different ones neither', () => {
  const { lines, links } = logged();
  const fault = new WarifuError('HANDSHAKE_VERSION', 'update it');
  links.fault(fault, 1);
  links.fault(fault, 1);
  links.fault(fault, undefined);
  expect(lines).toEqual(['update it', 'update it']);
  links.up(1);
  links.fault(fault, 1);
  expect(lines.slice(2)).toEqual(['linked', 'update it']);
  for (let i = 0; i < 500; i++) links.fault(new WarifuError('NODE_UNREACHABLE', `port ${i}`), 2);
  expect(lines).toHaveLength(104);
});

it('has it when a peer says that it lost a node which is not lost here', () => {
  const { lines, links } = logged();
  const lost = errorToWire(droppedOut('nishi'));
  links.refused(1, lost, () => false);
  links.refused(3, lost, () => true);
  // Who passes it on says nothing of its own links.
  links.refused(1, { ...lost, details: { ...lost.details, said_by: 'minami' } }, () => true);
  links.refused(1, errorToWire(new WarifuError('NOT_GRANTED', 'x', { node: 'nishi' })), () => true);
  expect(lines).toEqual([]);
  links.refused(1, lost, () => true);
  links.refused(1, lost, () => true);
  expect(lines).toEqual(["node 'naka' says that it has lost node 'nishi', to which the link is up here"]);
});
