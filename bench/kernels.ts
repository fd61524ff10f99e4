/**
 * How fast are the kernels alone, in this process: WebAssembly beside the TypeScript reference, in M elements a
 * second of CPU time, at 16K and 1M elements (or those given)?
 *
 * The best of all calls, since whatever else the machine does only takes time away.
 *
 * Run: npm run bench:build && node dist-bench/bench/kernels.js [NAME-PART [ELEMENTS...]]
 */
import Table from 'cli-table3';
import { Bench } from 'tinybench';
import type { BitMatrix } from '../src/kernels/bit-matrix.js';
import type { Kernels, ReplicatedPair } from '../src/kernels/kernels.js';
import { bitsFromStream, keystream, ringFromStream } from '../src/kernels/keystream.js';
import { reference } from '../src/kernels/reference/reference.js';
import { RingVector, type RingWidth } from '../src/kernels/ring-vector.js';
import { wasmBytes } from '../src/kernels/wasm/load.js';
import { ALWAYS } from '../src/kernels/wasm/shortest.js';
import { wasmKernels } from '../src/kernels/wasm/wasm-kernels.js';

interface Kernel {
  readonly name: string;
  /** What is counted; by default the elements. */
  readonly items?: number;
  readonly run: (kernels: Kernels) => unknown;
}

const MATRIX = [128, 784, 128] as const;
const [part = '', ...lengths] = process.argv.slice(2);
const LENGTHS = lengths.length === 0 ? [1 << 14, 1 << 20] : lengths.map(Number);

/** Milliseconds of CPU time: what others do on the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** Elements that take long enough to be measured. */
const LONG = 1 << 14;

const OPTIONS = { time: 150, warmupTime: 50, now: cpuTime };

const key = (k: number): Uint8Array => new Uint8Array(16).fill(k);

function ofWidth(width: RingWidth, n: number): Kernel[] {
  const [x, y, z, u, v, w] = [1, 2, 3, 4, 5, 6].map((k) => ringFromStream(key(k), width, n)) as Six;
  const out = RingVector.zeros(width, n);
  const sum = RingVector.zeros(width, 1);
  const [p, q]: ReplicatedPair[] = [
    [x, y],
    [z, u],
  ];
  const bit = bitsFromStream(key(7), 1, n);
  const bits = bitsFromStream(key(8), width, n);
  const permutation = shuffled(n);
  const other: RingWidth = width === 64 ? 32 : 64;
  const list: [string, (kernels: Kernels) => unknown][] = [
    ['add', (k) => k.add(x, y)],
    ['scale', (k) => k.scale(x, -3n)],
    ['product', (k) => k.multiply(x, y)],
    ['replicated product', (k) => k.multiplyReplicatedInto(x, y, z, u, v, w, out)],
    ['sum', (k) => k.sum(x)],
    ['prefix sums', (k) => k.prefixSum(x)],
    ['inner product of two pairs', (k) => k.addInnerProducts(sum, [p!], [q!], 0, n)],
    ['inner product of a pair with itself', (k) => k.addInnerProducts(sum, [p!], [p!], 0, n)],
    ['toBits, all rows', (k) => k.toBits(x, width)],
    ['toBits, 16 rows', (k) => k.toBits(x, 16)],
    ['fromBits, all rows', (k) => k.fromBits(bits, width)],
    ['expandBit', (k) => k.expandBit(bit, width)],
    [`to width ${other}`, (k) => (other < width ? k.reduce(x, other) : k.extend(x, other))],
    ['gather', (k) => k.gather(x, permutation)],
    ['scatter', (k) => k.scatter(x, permutation)],
  ];
  return list.map(([name, run]) => ({ name: `${name}, ${width} bits`, run }));
}

function ofWords(n: number): Kernel[] {
  const [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6].map((k) => bitsFromStream(key(k), 1, 64 * n)) as SixRows;
  const out = new BigUint64Array(n);
  const all = [a, b, c, d, e, f].map(({ words }) => words);
  const [a0, a1, b0, b1, plus, minus] = all as SixWords;
  return [
    { name: 'XOR of 64-bit words', run: (k) => k.xor(a, b) },
    { name: 'NOT of 64-bit words', run: (k) => k.not(a) },
    {
      name: 'replicated AND of 64-bit words',
      run: (k) => k.andReplicatedInto(a0, a1, b0, b1, undefined, plus, minus, out),
    },
  ];
}

function matrixProducts(): Kernel[] {
  const [rows, inner, columns] = MATRIX;
  return ([32, 64, 128] as const).map((width) => {
    const x = ringFromStream(key(1), width, rows * inner);
    const y = ringFromStream(key(2), width, columns * inner);
    return {
      name: `matrix product ${MATRIX.join(' x ')}, ${width} bits`,
      items: rows * inner * columns,
      run: (k) => k.matrixMultiply(x, y, rows, inner, columns),
    };
  });
}

/** A permutation by Fisher and Yates, from a stream. */
function shuffled(n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const draws = ringFromStream(key(9), 32, n).data;
  for (let i = n - 1; i > 0; i--) {
    const j = Number(draws[i]) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

async function measure(list: readonly Kernel[], n: number): Promise<string[][]> {
  const implementations = { wasm: wasmKernels(wasmBytes()!, ALWAYS), reference };
  const bench = new Bench({ ...OPTIONS, iterations: 8 });
  // short calls in a row, since CPU time is told in microseconds
  const calls = n === 0 ? 1 : Math.ceil(LONG / n);
  for (const { name, run } of list) {
    for (const [label, kernels] of Object.entries(implementations)) {
      bench.add(`${name}, ${label}`, () => {
        for (let call = 0; call < calls; call++) run(kernels);
      });
    }
  }
  await bench.run();
  const speeds = bench.tasks.map(({ name, result }, at) => {
    if (result.state !== 'completed') throw new Error(`${name} did not run`);
    return (calls * (list[at >> 1]!.items ?? n)) / 1e3 / result.latency.min;
  });
  return list.map(({ name }, at) => [
    name,
    speeds[2 * at]!.toFixed(0),
    speeds[2 * at + 1]!.toFixed(0),
    (speeds[2 * at]! / speeds[2 * at + 1]!).toFixed(1),
  ]);
}

async function keystreamSpeed(n: number): Promise<string[]> {
  const bench = new Bench(OPTIONS);
  bench.add('key stream', () => void keystream(key(1), 8 * n));
  await bench.run();
  const result = bench.tasks[0]!.result;
  if (result.state !== 'completed') throw new Error('the key stream did not run');
  return ['key stream, 8 bytes', (n / 1e3 / result.latency.min).toFixed(0), '', ''];
}

function print(title: string, rows: string[][]): void {
  const table = new Table({
    head: [title, 'wasm', 'reference', 'ratio'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  table.push(...rows);
  process.stdout.write(`${table.toString()}\n`);
}

type Six = [RingVector, RingVector, RingVector, RingVector, RingVector, RingVector];
type SixRows = [BitMatrix, BitMatrix, BitMatrix, BitMatrix, BitMatrix, BitMatrix];
type SixWords = [
  BigUint64Array,
  BigUint64Array,
  BigUint64Array,
  BigUint64Array,
  BigUint64Array,
  BigUint64Array,
];

for (const n of LENGTHS) {
  const list = [...([32, 64, 128] as const).flatMap((width) => ofWidth(width, n)), ...ofWords(n)];
  const rows = await measure(
    list.filter(({ name }) => name.includes(part)),
    n,
  );
  if ('key stream'.includes(part)) rows.push(await keystreamSpeed(n));
  print(`${n} elements, M/s`, rows);
}
const matrices = matrixProducts().filter(({ name }) => name.includes(part));
if (matrices.length > 0) print('M multiply-adds/s', await measure(matrices, 0));
