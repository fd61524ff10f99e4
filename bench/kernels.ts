/**
 * How fast are the kernels alone, in this process, on a million elements?
 *
 * Run: npm run bench:build && node dist-bench/bench/kernels.js
 */
import { randomBytes } from 'node:crypto';
import Table from 'cli-table3';
import { Bench } from 'tinybench';
import { kernels } from '../src/kernels/kernels.js';
import { bitsFromStream, keystream, ringFromStream } from '../src/kernels/keystream.js';

const N = 1 << 20;
const key = (): Uint8Array => new Uint8Array(randomBytes(16));

const bench = new Bench({ time: 500, warmupTime: 200 });
for (const width of [32, 64, 128] as const) {
  const [x, y, z] = [
    ringFromStream(key(), width, N),
    ringFromStream(key(), width, N),
    ringFromStream(key(), width, N),
  ];
  bench.add(`add, ${width} bits`, () => void kernels.add(x, y));
  bench.add(`multiply, ${width} bits`, () => void kernels.multiply(x, y));
  bench.add(`replicated product, ${width} bits`, () => void kernels.multiplyReplicated(x, y, y, z, x));
}
const values = ringFromStream(key(), 64, N);
const rows = bitsFromStream(key(), 64, N);
bench.add('AND of 64-bit words', () => void kernels.and(rows, rows));
bench.add('bits of 64-bit values', () => void kernels.toBits(values, 64));
bench.add('key stream, 8 bytes', () => void keystream(new Uint8Array(16), 8 * N));

await bench.run();
const table = new Table({ head: ['kernel', 'M elements/s'], colAligns: ['left', 'right'] });
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name} did not run`);
  table.push([name, (N / 1e3 / result.latency.p50).toFixed(0)]);
}
process.stdout.write(`${table.toString()}\n`);
