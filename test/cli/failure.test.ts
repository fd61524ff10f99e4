import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reportFailure } from '../../src/cli/failure.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { WarifuError } from '../../src/core/errors.js';

function report(thrown: unknown, command?: string): { code: number; said: string } {
  const said: string[] = [];
  const terminal: Terminal = {
    environment: {},
    signal: new AbortController().signal,
    interactive: false,
    width: 80,
    print: () => undefined,
    tell: (line) => said.push(line),
    style: (_format, text) => text,
    progress: () => undefined,
    askHidden: () => Promise.reject(new Error('nobody can be asked')),
  };
  return { code: reportFailure(thrown, terminal, { command }), said: said.join('\n') };
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

describe('a failed command', () => {
  it('tells what the system refused in words, not as a fault of the program', () => {
    expect(report(thrownBy(() => readdirSync('/nonexistent/directory')))).toEqual({
      code: 2,
      said: "error FILE_UNREADABLE: cannot use '/nonexistent/directory': it, or the directory it lies in, does not exist (ENOENT)",
    });
  });

  it('says that the disk is full', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(report(full)).toEqual({
      code: 1,
      said: 'error STORE_FULL: no room on the disk (ENOSPC): free some, then try again',
    });
  });

  it('tells what to do about a node that is there, but does not send', () => {
    const still = new WarifuError(
      'NO_PROGRESS',
      "nothing has moved for 60 seconds; node 'west' says nothing",
    );
    const hints = ['query', 'upload', 'table', 'drop', 'try'].map((command) =>
      report(still, command).said.split('\n').slice(1),
    );
    const again =
      'the node is connected, but did not send: run the same command again, and if it recurs ask its operator to look at its log (docs/security.md: who keeps a computation waiting)';
    expect(hints).toEqual([
      [`  nothing was released; ${again}`],
      [`  the upload goes on where it stopped; ${again}`],
      [],
      ['  all nodes drop it or none does, at the latest when all are back'],
      ['  nothing was released; run the same command again'],
    ]);
  });

  it('tells what to do about a node that is gone in the words of the command', () => {
    const gone = new WarifuError('NODE_LOST', "node 'west' dropped out");
    const hints = ['query', 'upload', 'table', 'drop', 'node status'].map((command) =>
      report(gone, command).said.split('\n').slice(1),
    );
    expect(hints).toEqual([
      ['  nothing was released; run the same command again when the node is back'],
      ['  the upload goes on where it stopped; run the same command again when the node is back'],
      [],
      ['  all nodes drop it or none does, at the latest when all are back'],
      [],
    ]);
  });

  it('says that a drop is done at all nodes or at none only where it had begun', () => {
    const message = "node 'west' cannot be reached; nothing was changed at any node";
    const before = new WarifuError('NODE_UNREACHABLE', message, { node: 2, done: [] });
    expect(report(before, 'drop').said).toBe(`error NODE_UNREACHABLE: ${message}`);
    const after = new WarifuError('NODE_UNREACHABLE', "node 'west' cannot be reached", { node: 2 });
    expect(report(after, 'drop').said).toMatch(/\n {2}all nodes drop it or none does/);
  });

  it('calls anything else unexpected', () => {
    expect(report(new TypeError('x is not a function'))).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^error INTERNAL: unexpected error: x is not a function/) as string,
    });
  });
});
