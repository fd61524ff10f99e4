/** Measured costs beside the pinned ones. */
import Table from 'cli-table3';
import { figuresOf, type Measured } from '../result/measured.js';
import { NO_LINES, showRate } from '../result/show.js';
import { type Pin, WITHIN_BOUND } from './pins.js';

/** Every difference in words; none where all costs are as pinned. */
export function differences(all: readonly Measured[], pins: Readonly<Record<string, Pin>>): string[] {
  return all.flatMap(({ name, rounds, bytes }) => {
    // its cost depends on coins, and was found within its bound
    if (pins[name] === WITHIN_BOUND) return [];
    const found = JSON.stringify({ rounds, bytes });
    const pinned = JSON.stringify(pins[name] ?? 'nothing');
    return found === pinned ? [] : [`${name} costs ${found}, and ${pinned} is pinned (bench/ci/pins.ts)`];
  });
}

/** Times are for people only: nothing fails on them. */
export function ciTable(all: readonly Measured[]): string {
  const table = new Table({
    head: ['bench', 'items/s', 'rounds', 'bytes of each node', 'bytes/item'],
    style: { head: [], border: [] },
    chars: NO_LINES,
  });
  for (const measured of all) {
    const { name, items_per_second, rounds, bytes_per_item } = figuresOf(measured);
    table.push([name, showRate(items_per_second), rounds, measured.bytes.join(', '), bytes_per_item]);
  }
  return table.toString();
}
