/** The matrix product of a neural network's first layer, by the kernels alone. */
import { WarifuError } from '../../src/core/errors.js';
import { kernels } from '../../src/kernels/kernels.js';
import type { RingVector } from '../../src/kernels/ring-vector.js';
import { expandRing } from '../../src/share/deal.js';
import type { Bench, BenchRequest } from '../bench.js';
import { seedOf } from '../protocols/dealer.js';
import type { Measured } from '../result/measured.js';

const [M, K, N] = [128, 784, 128];
const PRODUCTS = 20;

export const MATRIX_BENCH: Bench = {
  name: 'matrix',
  about: `matrix product ${M}x${K}x${N} of 64-bit elements, in this process; items are multiply-adds`,
  items: undefined,
  nodes: 'none',
  run: matrix,
};

/** A run is twenty products, figures are of one. The kernel takes the second matrix transposed. */
async function matrix({ runs }: BenchRequest): Promise<Measured> {
  const a = expandRing(seedOf('matrix a'), 64, M * K);
  const bT = expandRing(seedOf('matrix b'), 64, N * K);
  const [seconds, cpuSeconds]: [number[], number[]] = [[], []];
  for (let run = 0; run <= runs; run++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let product: RingVector | undefined;
    for (let i = 0; i < PRODUCTS; i++) product = kernels.matrixMultiply(a, bT, M, K, N);
    const took = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (run === 0) {
      check(a, bT, product);
      continue;
    }
    seconds.push(took / PRODUCTS);
    cpuSeconds.push((user + system) / 1e6 / PRODUCTS);
  }
  const peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
  return { name: 'matrix', n: M * K * N, seconds, cpuSeconds, rounds: 0, bytes: [0], peakRssMb: [peak] };
}

/** Every entry against sums of bigints. */
function check(a: RingVector, bT: RingVector, product: RingVector | undefined): void {
  for (let row = 0; row < M; row++) {
    for (let column = 0; column < N; column++) {
      let sum = 0n;
      for (let k = 0; k < K; k++) sum += a.get(row * K + k) * bT.get(column * K + k);
      if (product?.get(row * N + column) === BigInt.asUintN(64, sum)) continue;
      throw new WarifuError('INTERNAL', `the product is wrong in row ${row}, column ${column}`);
    }
  }
}
