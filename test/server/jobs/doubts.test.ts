import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { FileDoubts, MemoryDoubts } from '../../../src/server/jobs/doubts.js';
import { isFailedCheck } from '../../../src/server/jobs/failed-check.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'warifu-doubts-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const FIRST = { time: 5, code: 'COPIES_DIFFER', message: 'node 2 sent something else' };
const SECOND = { time: 9, code: 'PEER_MISBEHAVED', message: 'node 1 too' };

describe.each([
  ['in a file', () => new FileDoubts(directory)],
  ['in memory', () => new MemoryDoubts()],
] as const)('doubts %s', (_where, make) => {
  it('keep the first one until it is cleared', async () => {
    const doubts = make();
    expect(await doubts.read()).toBeUndefined();
    await Promise.all([doubts.record(FIRST), doubts.record(SECOND)]);
    await doubts.record(SECOND);
    expect(await doubts.read()).toEqual(FIRST);
    await doubts.clear();
    expect(await doubts.read()).toBeUndefined();
    await doubts.record(SECOND);
    expect(await doubts.read()).toEqual(SECOND);
  });
});

describe('doubts in a file', () => {
  it('outlive the node, and are cleared from outside while it runs', async () => {
    const running = new FileDoubts(directory);
    await running.record(FIRST);
    expect(await new FileDoubts(directory).read()).toEqual(FIRST);
    await new FileDoubts(directory).clear();
    expect(await running.read()).toBeUndefined();
  });

  it('are there when the file cannot be read, and when the disk did not take them', async () => {
    await writeFile(join(directory, 'doubt.json'), '{');
    expect(await new FileDoubts(directory).read()).toMatchObject({ message: 'doubt.json cannot be read' });
    const nowhere = new FileDoubts(join(directory, 'no', 'such'));
    await expect(nowhere.record(FIRST)).rejects.toThrow(/no file/);
    expect(await nowhere.read()).toEqual(FIRST);
  });
});

it('are what failed checks leave, and not what a lost node or a lying client does', () => {
  for (const code of [
    'COPIES_DIFFER',
    'PEER_MISBEHAVED',
    'MESSAGE_LENGTH',
    'MESSAGE_FORM',
    'FRAME_INVALID',
  ] as const)
    expect(isFailedCheck(new WarifuError(code, 'x'))).toBe(true);
  for (const code of [
    'NODE_LOST',
    'NO_PROGRESS',
    'CANCELLED',
    'COMMITMENT_MISMATCH',
    'UPLOAD_CHECK_FAILED',
  ] as const)
    expect(isFailedCheck(new WarifuError(code, 'x'))).toBe(false);
});
