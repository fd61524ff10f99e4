import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { errorForClient } from '../../../src/server/client-port/error-for-client.js';
import { saidByPeer } from '../../../src/server/jobs/job-errors.js';

const NAMES = ['north', 'south', 'east', 'west'];

describe('of faults of a node itself a client reads', () => {
  it('only that there was one', () => {
    const error = errorForClient(new Error('broken at /secret/path'));
    expect(error.message).toBe('the node met a fault of its own; its operator finds the reason in the log');
    expect([error.code, error.details]).toEqual(['INTERNAL', {}]);
  });

  it('at which node, where a peer says so, and not what it says', () => {
    for (const code of ['INTERNAL', 'CONFIG_INVALID', 'KEY_INVALID', 'no such code']) {
      const said = saidByPeer(
        'west',
        { code, message: 'broken at /secret/path', details: { node: 'north' } },
        NAMES,
      );
      const error = errorForClient(said);
      expect(error.message).toBe(
        'node west says that it met a fault of its own; its operator finds the reason in the log',
      );
      expect([error.code, error.details]).toEqual(['INTERNAL', { node: 'west', told_by: 'west' }]);
    }
  });

  it('who said it first, by the word of the one that passes it on', () => {
    const passed = { code: 'INTERNAL', message: 'broken', details: { said_by: 'east' } };
    const error = errorForClient(saidByPeer('west', passed, NAMES));
    expect(error.message).toMatch(/^node west says that node east met a fault of its own;/);
    expect(error.details).toEqual({ node: 'east', said_by: 'east', told_by: 'west' });
  });
});

it('other errors pass as they are', () => {
  const error = new WarifuError('NODE_LOST', 'node west dropped out', { node: 'west', told_by: 'east' });
  expect(errorForClient(error)).toBe(error);
});
