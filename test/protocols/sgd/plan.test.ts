import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DescentOptions, planDescent } from '../../../src/protocols/sgd/plan.js';
import { ratesOf } from './in-doubles.js';

const WIDEST = 4;

const options = fc.record({
  batch: fc.integer({ min: 1, max: 300 }),
  epochs: fc.integer({ min: 1, max: 20 }),
  learningRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
  momentum: fc.constantFrom(0, 0.5, 0.9, 0.99),
  l2: fc.constantFrom(0, 0.01, 0.5),
});

/** The largest v and w that gradients of at most `impulse` can lead to, by choosing their signs for it. */
function worst(steps: number, impulse: number, momentum: number, l2: number): { v: number; w: number } {
  const responses: { v: number; w: number }[] = [];
  let [v, w] = [impulse, 0];
  for (let step = 0; step < steps; step++) {
    if (step > 0) v = momentum * v + l2 * w;
    w -= v;
    responses.push({ v, w });
  }
  const total = (of: (response: { v: number; w: number }) => number): number =>
    responses.reduce((sum, response) => sum + Math.abs(of(response)), 0);
  return { v: total((r) => r.v), w: total((r) => r.w) };
}

describe('the plan of a gradient descent', () => {
  it('bounds the weights that the worst gradients lead to, and all sums of products', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 2000 }), (chosen: DescentOptions, rows) => {
        const plan = planDescent(chosen, {
          rows,
          columns: [1, WIDEST],
          fraction: 20,
          residual: () => 1,
        });
        const rates = ratesOf(plan);
        const inBatch = Math.min(chosen.batch, rows);
        const steps = chosen.epochs * Math.ceil(rows / chosen.batch);
        const impulse = rates.rate(inBatch) * inBatch * WIDEST;
        const { v, w } = worst(steps, impulse, rates.momentum, rates.l2);
        const unit = 2 ** -plan.fraction;
        expect(Number(plan.velocity[1]) * unit).toBeGreaterThanOrEqual(v);
        expect(Number(plan.weights[1]) * unit).toBeGreaterThanOrEqual(w);
        expect(Number(plan.weights[1]) * unit).toBeLessThan(1.05 * w + 1e-3);
        const early = worst(Math.min(3, steps), impulse, rates.momentum, rates.l2);
        expect(plan.z(Math.min(3, steps))).toBeGreaterThanOrEqual(WIDEST * early.w);
        expect(plan.z(steps)).toBeGreaterThanOrEqual(WIDEST * w);
        // X w, and v before it is truncated.
        const [first = 0n, second = 0n] = plan.weights;
        expect(first * 2n ** 20n + second * (4n << 20n)).toBeLessThan(1n << 62n);
        for (const limit of plan.velocity) expect(limit << BigInt(plan.shift)).toBeLessThanOrEqual(1n << 62n);
        expect(Math.abs(rates.rate(inBatch) * inBatch - chosen.learningRate)).toBeLessThan(
          chosen.learningRate / 200,
        );
      }),
    );
  });

  it('has fewer bits for residuals where they are large', () => {
    const shape = { rows: 1000, columns: [1, WIDEST], fraction: 20, limit: 16 };
    const chosen = { batch: 50, epochs: 3, learningRate: 0.1 };
    const small = planDescent(chosen, { ...shape, residual: () => 1 });
    const large = planDescent(chosen, { ...shape, residual: (z) => z + 1000 });
    expect(small.residualFraction).toBe(20);
    expect(large.residualFraction).toBeLessThan(18);
    expect(large.weights).toEqual([16, 16].map((limit) => BigInt(limit) << BigInt(large.fraction)));
  });
});
