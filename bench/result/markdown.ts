/** Figures of several benches as a table in Markdown, for docs/performance.md. */
import type { Figures } from './measured.js';
import { showRate } from './show.js';

const HEAD = [
  'bench',
  'items',
  'seconds (min, median, max)',
  'items/s',
  'bytes/item',
  'rounds',
  'CPU s',
  'peak MB',
];

export function markdownTable(all: readonly Figures[]): string {
  const rows = all.map(({ name, n, seconds, ...rest }) => [
    name,
    n.toLocaleString('en'),
    [seconds.min, seconds.median, seconds.max].map(short).join(', '),
    showRate(rest.items_per_second),
    short(rest.bytes_per_item),
    String(rest.rounds),
    short(rest.cpu_seconds),
    String(rest.peak_rss_mb),
  ]);
  const lines = [HEAD, HEAD.map((_, i) => (i === 0 ? '---' : '--:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
