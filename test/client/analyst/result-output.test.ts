import { describe, expect, it } from 'vitest';
import type { ResultTable } from '../../../src/client/analyst/assemble.js';
import { ExactNumber } from '../../../src/client/analyst/finish-cell.js';
import { resultCsv } from '../../../src/client/analyst/result-csv.js';
import { resultJson } from '../../../src/client/analyst/result-json.js';
import { resultText } from '../../../src/client/analyst/result-text.js';
import type { TTestResult } from '../../../src/statistics/finish/t-test.js';

const TEST: TTestResult = {
  statistic: -1.86081346748685,
  df: 17.7764735161785,
  p_value: 0.0793941401873582,
  conf_int: [-3.3654830618463, 0.205483061846305],
  estimate: [0.75, 2.33],
  null_value: 0,
  alternative: 'two.sided',
  method: 'Welch Two Sample t-test',
  n: [10, 10],
};

const TABLE: ResultTable = {
  columns: ['性別', 'smoker', 'SUM(yen)', 'AVG(x)', 't'],
  rows: [
    {
      性別: '男',
      smoker: true,
      'SUM(yen)': new ExactNumber('12345678901234567890.10'),
      'AVG(x)': 67.95,
      t: TEST,
    },
    { 性別: '=1+1', smoker: false, 'SUM(yen)': new ExactNumber('-5'), 'AVG(x)': -0.1, t: null },
    { 性別: null, smoker: null, 'SUM(yen)': null, 'AVG(x)': null, t: null },
  ],
  n: [
    { 'AVG(x)': 4, t: [10, 10] },
    { 'AVG(x)': 12, t: null },
    { 'AVG(x)': null, t: null },
  ],
  withheld: [
    { row: 1, column: 't', rule: 'minimum count 10' },
    { row: 2, column: 'AVG(x)', rule: 'minimum count 10' },
  ],
};
const COST = { rounds: 12, bytes_sent: [1, 2, 3], seconds: 0.5 };

describe('JSON', () => {
  const text = resultJson({ table: TABLE, cost: COST });

  it('keeps every digit of exact numbers, as numbers', () => {
    expect(text).toContain('"SUM(yen)":12345678901234567890.10,');
    expect(text).toContain('"SUM(yen)":-5,');
  });

  it('has exactly the members of the contract', () => {
    const parsed = JSON.parse(text) as Record<string, unknown[]>;
    expect(Object.keys(parsed)).toEqual(['rows', 'n', 'withheld', 'cost']);
    expect(parsed.rows![0]).toMatchObject({ 性別: '男', smoker: true, 'AVG(x)': 67.95, t: TEST });
    expect(parsed.n).toEqual(TABLE.n);
    expect(parsed.withheld).toEqual(TABLE.withheld);
    expect(parsed.cost).toEqual(COST);
    expect(text).not.toContain('\n');
  });
});

describe('CSV', () => {
  const lines = resultCsv(TABLE).split('\r\n');

  it('is RFC 4180, with empty cells for NULL and withheld', () => {
    expect(lines[0]).toBe('性別,smoker,SUM(yen),AVG(x),t');
    expect(lines[1]).toMatch(/^男,true,12345678901234567890\.10,67\.95,"\{""statistic"":-1\.86/);
    expect(lines[3]).toBe(',,,,');
    expect(lines[4]).toBe('');
  });

  it('gives spreadsheets no formula, and leaves negative numbers alone', () => {
    expect(lines[2]).toBe("'=1+1,false,-5,-0.1,");
    const evil = ['=cmd', '+1', '-1', '@SUM', '\tx'];
    const rows = evil.map((label) => ({ k: label }));
    const csv = resultCsv({ columns: ['k'], rows, n: [], withheld: [] });
    expect(
      csv
        .split('\r\n')
        .slice(1, 6)
        .map((line) => line.replaceAll('"', '')),
    ).toEqual(evil.map((label) => `'${label}`));
  });
});

describe('text', () => {
  it('is aligned with Japanese widths, says what is withheld, and why', () => {
    const text = resultText(TABLE);
    const lines = text.split('\n');
    const width = (line: string) =>
      Array.from(line).reduce((sum, c) => sum + (/[ᄀ-￦]/u.test(c) && c > '⺀' ? 2 : 1), 0);
    const table = lines.filter((line) => /^[┌├└│]/.test(line));
    expect(new Set(table.map(width)).size).toBe(1);
    expect(text).toContain('p = 0.07939414019');
    expect(text).toContain('NULL');
    expect(lines.slice(-2)).toEqual([
      'withheld: t of =1+1, false (minimum count 10)',
      'withheld: AVG(x) of NULL, NULL (minimum count 10)',
    ]);
    expect(text.match(/withheld /g)).toHaveLength(2);
  });

  it('lets no label reach the terminal as a command', () => {
    const text = resultText({ columns: ['k'], rows: [{ k: 'a\u001b[2Jb\nc' }], n: [], withheld: [] });
    expect(text).toContain('a\u{fffd}[2Jb\u{fffd}c');
    expect(text).not.toContain('\u001b');
  });

  it('names twenty withheld cells and counts the rest', () => {
    const withheld = Array.from({ length: 25 }, (_, row) => ({ row, column: 'x', rule: 'minimum count 10' }));
    const text = resultText({ columns: ['x'], rows: withheld.map(() => ({ x: null })), n: [], withheld });
    expect(text.split('\n').at(-1)).toBe('and 5 more withheld cells');
  });
});
