/** Pieces of work share the turns of the event loop: by bytes within a turn, piece by piece among computations. */
import { beforeEach, expect, it } from 'vitest';
import { TURN_BYTES, Turns, turn } from '../../src/protocols/turn.js';

/** Begins pieces of `bytes` one after the other and notes each. */
async function pieces(turns: Turns, count: number, bytes: number, note: () => void): Promise<void> {
  for (let i = 0; i < count; i++) {
    await turns.next(bytes);
    note();
  }
}

/** Pieces that were asked for at once, as when many messages have arrived. */
const together = (turns: Turns, count: number, bytes: number, note: (i: number) => void): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, i) => pieces(turns, 1, bytes, () => note(i))));

/** Runs `work` and counts what was noted in each turn of the event loop. */
async function byTurn(work: (note: () => void) => Promise<unknown>): Promise<number[]> {
  const counts = [0];
  const next = (): void => {
    counts.push(0);
    timer = setImmediate(next);
  };
  let timer = setImmediate(next);
  await work(() => counts.push((counts.pop() ?? 0) + 1));
  clearImmediate(timer);
  return counts.filter((count) => count > 0);
}

beforeEach(async () => {
  await turn();
  await turn();
});

it('lets short pieces go on at once', async () => {
  const turns = new Turns();
  expect(turns.next(0)).toBeUndefined();
  expect(turns.next(1000)).toBeUndefined();
  expect(await byTurn((note) => pieces(turns, 100, 1000, note))).toEqual([100]);
});

it('begins no piece in a turn whose bytes are used up, and at least one in each', async () => {
  const quarter = TURN_BYTES / 4;
  expect(await byTurn((note) => pieces(new Turns(), 10, quarter, note))).toEqual([4, 4, 2]);
  await turn();
  expect(await byTurn((note) => together(new Turns(), 10, quarter, note))).toEqual([4, 4, 2]);
  await turn();
  expect(await byTurn((note) => pieces(new Turns(), 3, 5 * TURN_BYTES, note))).toEqual([1, 1, 1]);
});

it('bounds empty pieces too', async () => {
  expect(await byTurn((note) => together(new Turns(), TURN_BYTES + 1, 0, note))).toEqual([TURN_BYTES, 1]);
});

it('keeps the order of one computation', async () => {
  const order: number[] = [];
  const turns = new Turns();
  await together(turns, 20, TURN_BYTES / 2, (i) => order.push(i));
  expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

it('has computations take turns, whatever each has waiting', async () => {
  const order: string[] = [];
  const work = (name: string, count: number): Promise<unknown> =>
    together(new Turns(), count, TURN_BYTES, () => order.push(name));
  await Promise.all([work('long', 8), work('other', 3), work('short', 1)]);
  expect(order.join(' ')).toBe('long long other short long other long other long long long long');
});

it('lets a computation of many rounds end while a long one has work left', async () => {
  const order: string[] = [];
  const long = together(new Turns(), 60, TURN_BYTES, () => order.push('long'));
  await pieces(new Turns(), 10, 100, () => order.push('short'));
  expect(order.filter((name) => name === 'long').length).toBeLessThan(25);
  await long;
  expect(order).toHaveLength(70);
});
