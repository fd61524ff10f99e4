/** The figures of a bench as a table for people. */
import Table from 'cli-table3';
import { figuresOf, type Measured } from './measured.js';

/** No lines between the rows. */
export const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** @returns lines without a line end after the last. */
export function showMeasured(measured: Measured): string {
  const figures = figuresOf(measured);
  const { median, min, max } = figures.seconds;
  const table = new Table({ chars: NO_LINES, style: { head: [], border: [] } });
  table.push(
    ['bench', figures.name],
    ['items', figures.n.toLocaleString('en')],
    ['seconds', `${median} (${min} to ${max}, ${measured.seconds.length} runs)`],
    ['items per second', showRate(figures.items_per_second)],
    ['bytes per item (mean)', String(figures.bytes_per_item)],
    ['bytes sent by each', measured.bytes.map((bytes) => bytes.toLocaleString('en')).join(', ')],
    ['rounds', String(figures.rounds)],
    ['CPU seconds, all nodes', String(figures.cpu_seconds)],
    ['peak memory of each, MB', measured.peakRssMb.map((peak) => Math.round(peak)).join(', ')],
    ...(figures.largest_error === undefined
      ? []
      : [['largest error', figures.largest_error.toExponential(1)]]),
    ...(measured.notes ?? []).map(([name, text]) => [name, text]),
  );
  return table.toString();
}

/** 12,345,678 a second as 12.3 M. */
export function showRate(perSecond: number): string {
  if (perSecond >= 1e9) return `${(perSecond / 1e9).toPrecision(3)} G`;
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toPrecision(3)} M`;
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toPrecision(3)} k`;
  return perSecond.toPrecision(3);
}
