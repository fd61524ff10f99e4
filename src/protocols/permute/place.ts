/**
 * Long columns moved to public places, column by column, with turns of the event loop between.
 */
import { gatherRows, scatterRows } from '../../share/rows.js';
import type { Column } from '../../share/shares.js';
import { turn } from '../turn.js';

/** Rows of a column that are worth a turn: some milliseconds, since they lie scattered in memory. */
const ROWS_OF_TURN = 1 << 17;

/** Row i of the result is row places[i] of the columns. */
export async function gatherInTurns<const C extends readonly Column[]>(
  columns: C,
  places: Uint32Array,
): Promise<C> {
  return await inTurns(columns, places, gatherRows);
}

/** Row i of the columns becomes row places[i] of the result, for a permutation. */
export async function scatterInTurns<const C extends readonly Column[]>(
  columns: C,
  places: Uint32Array,
): Promise<C> {
  return await inTurns(columns, places, scatterRows);
}

async function inTurns<C extends readonly Column[]>(
  columns: C,
  places: Uint32Array,
  move: (columns: readonly [Column], places: Uint32Array) => readonly [Column],
): Promise<C> {
  const moved: Column[] = [];
  for (const column of columns) {
    if (places.length >= ROWS_OF_TURN) await turn();
    moved.push(move([column], places)[0]);
  }
  return moved as readonly Column[] as C;
}
