/** A query's result on stdout, in the form that was asked for. */
import type { QueryAnswer } from '../client/analyst/query.js';
import { resultCsv } from '../client/analyst/result-csv.js';
import { resultJson } from '../client/analyst/result-json.js';
import { resultText, withheldLines } from '../client/analyst/result-text.js';
import type { Terminal } from './terminal.js';

export interface ResultForm {
  readonly json?: boolean;
  readonly csv?: boolean;
}

export function showResult(terminal: Terminal, result: QueryAnswer, form: ResultForm): void {
  const three = result.lost === undefined ? undefined : threeLine(result.lost);
  if (form.json === true) terminal.print(resultJson(result));
  else if (form.csv === true) {
    terminal.print(resultCsv(result.table));
    // in CSV a withheld cell is as empty as NULL
    for (const line of withheldLines(result.table)) terminal.tell(line);
    if (three !== undefined) terminal.tell(three);
  } else {
    terminal.print(resultText(result.table));
    if (three !== undefined) terminal.print(three);
  }
  terminal.tell(terminal.style('dim', costLine(result)));
}

/** Said wherever three of four computed it. */
export function threeLine(lost: string): string {
  return `computed by three nodes: node '${lost}' was lost, and a node that lies is not caught without it`;
}

/** `12 rounds, 34 kB sent by each node on average, 0.6 seconds`. */
export function costLine({ cost }: QueryAnswer): string {
  const total = cost.bytes_sent.reduce((sum, bytes) => sum + bytes, 0);
  const mean = total / Math.max(1, cost.bytes_sent.length);
  return `${cost.rounds} ${cost.rounds === 1 ? 'round' : 'rounds'}, ${bytesText(mean)} sent by each node on average, ${cost.seconds.toFixed(1)} seconds`;
}

/** In units of 1000, two or three digits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]!}`;
}
