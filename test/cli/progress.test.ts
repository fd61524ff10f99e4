import { describe, expect, it } from 'vitest';
import { progressLine, progressText } from '../../src/cli/progress.js';
import { bytesText } from '../../src/cli/show-result.js';
import type { Terminal } from '../../src/cli/terminal.js';

describe('a progress line', () => {
  it.each([
    [0, 10, `${'-'.repeat(24)}   0 %`],
    [5, 10, `${'#'.repeat(12)}${'-'.repeat(12)}  50 %`],
    [10, 10, `${'#'.repeat(24)} 100 %`],
    [11, 10, `${'#'.repeat(24)} 100 %`],
    [-1, 10, `${'-'.repeat(24)}   0 %`],
  ])('of %d of %d is a bar', (done, total, bar) => {
    expect(progressText('upload', done, total)).toBe(`sending shares           ${bar}`);
  });

  it.each([0, Number.NaN])('of an unknown total (%d) is the stage alone', (total) => {
    expect(progressText('linking', 3, total)).toBe('linking');
  });

  it('is redrawn at most ten times a second, and at once for a new stage', () => {
    const drawn: (string | undefined)[] = [];
    let now = 0;
    const terminal: Pick<Terminal, 'progress'> = { progress: (line) => void drawn.push(line) };
    const show = progressLine(terminal, () => now);
    show('a', 1, 4);
    show('a', 2, 4);
    now = 100;
    show('a', 3, 4);
    show('b', 1, 4);
    expect(drawn.map((line) => line?.trim().replace(/ +[#-]+ +/, ' '))).toEqual([
      'a 25 %',
      'a 75 %',
      'b 25 %',
    ]);
  });
});

describe('bytes for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [123_456, '123 kB'],
    [5_000_000_000_000_000, '5000 TB'],
  ])('%d are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});
