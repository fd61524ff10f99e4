import { describe, expect, it } from 'vitest';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { Concatenation } from '../../src/share/concatenation.js';
import { ArithmeticShare } from '../../src/share/shares.js';

function share<W extends 32 | 64>(width: W, values: readonly bigint[], clock = 0): ArithmeticShare<W> {
  const parts = [values, values.map((value) => value + 1n)].map((own) => RingVector.fromBigInts(width, own));
  const bounds = { min: 0n, max: values.reduce((most, value) => (value > most ? value : most), 0n) };
  return new ArithmeticShare({ width, length: values.length, bounds, held: [0, 1], parts, clock });
}

describe('Concatenation', () => {
  it('has all stretches in their places, whenever they come, with the bounds and the clock of all', () => {
    const whole = new Concatenation<64>(5);
    whole.place(2, share(64, [7n, 8n, 2n ** 62n], 3));
    whole.place(0, share(64, [1n, 2n], 4));
    const joined = whole.finish();
    expect(joined.parts.map((part) => part.toBigInts())).toEqual([
      [1n, 2n, 7n, 8n, 2n ** 62n],
      [2n, 3n, 8n, 9n, 2n ** 62n + 1n],
    ]);
    expect({ bounds: joined.bounds, clock: joined.clock, held: joined.held }).toEqual({
      bounds: { min: 0n, max: 2n ** 62n },
      clock: 4,
      held: [0, 1],
    });
  });

  it('refuses what does not fit', () => {
    const whole = new Concatenation<32 | 64>(2);
    expect(() => whole.finish()).toThrow('no stretch');
    whole.place(0, share(64, [1n, 2n]) as ArithmeticShare<32 | 64>);
    expect(() => whole.place(1, share(64, [1n, 2n]) as ArithmeticShare<32 | 64>)).toThrow(RangeError);
    expect(() => whole.place(0, share(32, [1n]) as unknown as ArithmeticShare<32 | 64>)).toThrow(TypeError);
  });
});
