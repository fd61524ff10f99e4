/** From runs to figures, and their forms. */
import { describe, expect, it } from 'vitest';
import { ciTable, differences } from '../../bench/ci/compare.js';
import { markdownTable } from '../../bench/result/markdown.js';
import { figuresOf, type Measured, median } from '../../bench/result/measured.js';
import { showMeasured, showRate } from '../../bench/result/show.js';

const MEASURED: Measured = {
  name: 'multiply',
  n: 1000,
  seconds: [0.3, 0.1, 0.2],
  cpuSeconds: [0.5, 0.7, 0.6],
  rounds: 1,
  bytes: [8000, 8000, 14_000],
  peakRssMb: [99.6, 120.4, 80],
  notes: [['what else', 'is told']],
};

describe('median', () => {
  it('is the middle, or the mean of both in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9])).toBe(9.5);
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('figures', () => {
  it('has exactly the keys that scripts read, in order', () => {
    expect(JSON.stringify(figuresOf(MEASURED))).toBe(
      '{"name":"multiply","n":1000,"seconds":{"median":0.2,"min":0.1,"max":0.3},"items_per_second":5000,' +
        '"bytes_per_item":10,"rounds":1,"cpu_seconds":0.6,"peak_rss_mb":120}',
    );
  });

  it('keeps five digits', () => {
    const { seconds, items_per_second } = figuresOf({ ...MEASURED, seconds: [1 / 3] });
    expect([seconds.median, items_per_second]).toEqual([0.33333, 3000]);
  });
});

describe('for people', () => {
  it('says all of it', () => {
    const text = showMeasured(MEASURED);
    for (const part of [
      'multiply',
      '1,000',
      '0.2 (0.1 to 0.3, 3 runs)',
      '5.00 k',
      '8,000, 8,000, 14,000',
      '100, 120, 80',
      'is told',
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each([
    [12, '12.0'],
    [12_345, '12.3 k'],
    [12_345_678, '12.3 M'],
    [1_234_567_890, '1.23 G'],
  ])('shows a rate of %d', (rate, text) => expect(showRate(rate)).toBe(text));

  it('makes a Markdown table with as many cells in every line', () => {
    const lines = markdownTable([figuresOf(MEASURED), figuresOf({ ...MEASURED, name: 'dot' })]).split('\n');
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
    expect(lines[2]).toContain('| multiply | 1,000 | 0.1, 0.2, 0.3 | 5.00 k | 10 | 1 | 0.6 | 120 |');
  });
});

describe('the small set of CI', () => {
  const pin = { rounds: 1, bytes: [8000, 8000, 14_000] };

  it('differs in nothing where rounds and bytes are as pinned, whatever the times', () => {
    expect(differences([MEASURED, { ...MEASURED, seconds: [99] }], { multiply: pin })).toEqual([]);
  });

  it.each([
    ['a round more', { ...MEASURED, rounds: 2 }],
    ['a byte more at one node', { ...MEASURED, bytes: [8000, 8001, 14_000] }],
    ['nodes changed places', { ...MEASURED, bytes: [14_000, 8000, 8000] }],
    ['nothing pinned', { ...MEASURED, name: 'other' }],
  ])('tells %s', (_what, measured) => {
    expect(differences([measured], { multiply: pin })).toHaveLength(1);
  });

  it('prints a table', () => {
    expect(ciTable([MEASURED])).toMatch(/multiply.*5\.00 k.*1.*8000, 8000, 14000.*10/);
  });
});
