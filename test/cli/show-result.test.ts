import { expect, it } from 'vitest';
import { showResult } from '../../src/cli/show-result.js';
import type { Terminal } from '../../src/cli/terminal.js';

it('names on stderr what is withheld, as CSV shows it as empty as NULL', () => {
  const printed: string[] = [];
  const told: string[] = [];
  const terminal = {
    print: (text: string) => printed.push(text),
    tell: (line: string) => told.push(line),
    style: (_format: string, text: string) => text,
  } as unknown as Terminal;
  const table = {
    columns: ['sex', 'AVG(x)'],
    rows: [
      { sex: 'F', 'AVG(x)': null },
      { sex: 'M', 'AVG(x)': 1.5 },
    ],
    n: [{ 'AVG(x)': null }, { 'AVG(x)': 12 }],
    withheld: [{ row: 0, column: 'AVG(x)', rule: 'minimum count 10' }],
  };
  showResult(terminal, { table, cost: { rounds: 1, bytes_sent: [1, 1, 1], seconds: 0.1 } }, { csv: true });
  expect(printed).toEqual(['sex,AVG(x)\r\nF,\r\nM,1.5\r\n']);
  expect(told[0]).toBe('withheld: AVG(x) of F (minimum count 10)');
  expect(told[1]).toBe('1 round, 1 B sent by each node on average, 0.1 seconds');
  expect(told).toHaveLength(2);
});
