/** Measured costs beside the pinned ones. */
import Table from 'cli-table3';
import type { Cost } from '../../src/core/cost.js';
import { figuresOf, type Measured } from '../result/measured.js';
import { NO_LINES, showRate } from '../result/show.js';

/** Every difference in words; none where all costs are as pinned. */
export function differences(all: readonly Measured[], pins: Readonly<Record<string, Cost>>): string[] {
  return all.flatMap(({ name, rounds, bytes }) => {
    const found = JSON.stringify({ rounds, bytes });
    const pinned = JSON.stringify(pins[name] ?? 'nothing');
    return found === pinned ? [] : [`${name} costs ${found}, and ${pinned} is pinned (bench/ci/pins.ts)`];
  });
}

/** Times are for people only: nothing fails on them. */
export function ciTable(all: readonly Measured[]): string {
  const table = new Table({
    head: ['bench', 'items/s', 'rounds', 'bytes of nodes 0, 1, 2', 'bytes/item'],
    style: { head: [], border: [] },
    chars: NO_LINES,
  });
  for (const measured of all) {
    const { name, items_per_second, rounds, bytes_per_item } = figuresOf(measured);
    table.push([name, showRate(items_per_second), rounds, measured.bytes.join(', '), bytes_per_item]);
  }
  return table.toString();
}
