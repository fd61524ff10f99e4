/**
 * Who frees a vector? Ordinary typed arrays that the garbage collector owns, or WebAssembly memory owned by steps?
 *
 * Measures 200 replicated products (x0*y0 + x0*y1 + x1*y0 + mask) of 1M 64-bit elements in a row, each result
 * an operand of the next and then dropped; each way in a process of its own, because peak memory is a
 * process's. Prints milliseconds a product, resident memory on the way, garbage collections and their total
 * pause. What it decided: docs/decisions/0001-who-frees-a-vector.md.
 *
 * Run: npm run bench:build && node dist-bench/bench/vector-ownership.js
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { ringFromStream } from '../src/kernels/keystream.js';
import { replicatedProductModule, type WasmProduct } from './wasm-product.js';

const N = 1 << 20;
const PRODUCTS = 200;
const KIB = 1024;
const MIB = 1024 * KIB;

/** One product a call: x0 is the result of the call before, so that no call can be skipped. */
interface Way {
  multiply(): void;
  /** The last result. */
  result(): BigUint64Array;
}

type Inputs = readonly [BigUint64Array, BigUint64Array, BigUint64Array, BigUint64Array, BigUint64Array];

function inputs(): Inputs {
  const [x0, x1, y0, y1, mask] = [1, 2, 3, 4, 5].map((k) => {
    const { data } = ringFromStream(new Uint8Array(16).fill(k), 64, N);
    if (!(data instanceof BigUint64Array)) throw new TypeError('64-bit vectors hold 64-bit words');
    return data;
  });
  return [x0!, x1!, y0!, y1!, mask!];
}

/** out = x0*y0 + x0*y1 + x1*y0 + mask, as the kernels' reference does it. */
function product(
  x0: BigUint64Array,
  x1: BigUint64Array,
  y0: BigUint64Array,
  y1: BigUint64Array,
  mask: BigUint64Array,
  out: BigUint64Array,
): void {
  for (let i = 0; i < out.length; i++) {
    const first = BigInt.asUintN(64, x0[i]! * BigInt.asUintN(64, y0[i]! + y1[i]!));
    const second = BigInt.asUintN(64, x1[i]! * y0[i]!);
    out[i] = BigInt.asUintN(64, BigInt.asUintN(64, first + second) + mask[i]!);
  }
}

/** TypeScript loops; every result is a new typed array that the garbage collector frees. */
function collected(): Way {
  const [first, x1, y0, y1, mask] = inputs();
  let x0 = first;
  return {
    multiply() {
      const out = new BigUint64Array(N);
      product(x0, x1, y0, y1, mask, out);
      x0 = out;
    },
    result: () => x0,
  };
}

/** TypeScript loops; the caller says when a vector is free, and its memory is used again. */
function freeList(): Way {
  const [first, x1, y0, y1, mask] = inputs();
  const free: BigUint64Array[] = [];
  let x0 = first;
  return {
    multiply() {
      const out = free.pop() ?? new BigUint64Array(N);
      product(x0, x1, y0, y1, mask, out);
      free.push(x0);
      x0 = out;
    },
    result: () => x0,
  };
}

/** WebAssembly on blocks copied through a scratch memory; vectors stay with the garbage collector. */
function wasmBlocks(blockBytes: number): Way {
  const [first, x1, y0, y1, mask] = inputs();
  const { memory, multiply } = replicatedProductModule(6 * blockBytes);
  const block = blockBytes / 8;
  const scratch = Array.from(
    { length: 6 },
    (_, k) => new BigUint64Array(memory.buffer, k * blockBytes, block),
  );
  let x0 = first;
  return {
    multiply() {
      const out = new BigUint64Array(N);
      const operands = [x0, x1, y0, y1, mask];
      for (let start = 0; start < N; start += block) {
        operands.forEach((operand, k) => {
          scratch[k]!.set(operand.subarray(start, start + block));
        });
        callProduct(multiply, [0, 1, 2, 3, 4, 5], blockBytes);
        out.set(scratch[5]!, start);
      }
      x0 = out;
    },
    result: () => x0,
  };
}

/**
 * WebAssembly on vectors that live in its memory; two places take turns as result and operand.
 *
 * @param messages whether what node:crypto and the network make is copied in (the mask, a received part)
 * and what is sent is copied out, since a queued message must not change. The other ways need no such copies.
 */
function wasmInPlace(messages: boolean): Way {
  const vectorBytes = 8 * N;
  const { memory, multiply } = replicatedProductModule(6 * vectorBytes);
  const place = (k: number) => new BigUint64Array(memory.buffer, k * vectorBytes, N);
  const [first, x1, y0, y1, mask] = inputs();
  [first, x1, y0, y1, mask].forEach((input, k) => {
    place(k).set(input);
  });
  const received = x1;
  let [from, to] = [0, 5];
  let sent = mask;
  return {
    multiply() {
      if (messages) place(4).set(mask);
      callProduct(multiply, [from, 1, 2, 3, 4, to], vectorBytes);
      if (messages) {
        sent = place(to).slice();
        place(1).set(received);
      }
      [from, to] = [to, from];
    },
    result: () => (messages ? sent : place(from)),
  };
}

/** Calls the product on the vectors at the given places of equal size. */
function callProduct(multiply: WasmProduct, places: readonly number[], size: number): void {
  const [x0, x1, y0, y1, mask, out] = places.map((place) => place * size);
  multiply(x0!, x1!, y0!, y1!, mask!, out!, x0! + size);
}

const WAYS: Readonly<Record<string, { make: () => Way; turns: boolean }>> = {
  'TypeScript, collected': { make: collected, turns: true },
  'the same, never yielding': { make: collected, turns: false },
  'TypeScript, free list': { make: freeList, turns: true },
  'WebAssembly, 16 KiB blocks': { make: () => wasmBlocks(16 * KIB), turns: true },
  'WebAssembly, 64 KiB blocks': { make: () => wasmBlocks(64 * KIB), turns: true },
  'WebAssembly, 128 KiB blocks': { make: () => wasmBlocks(128 * KIB), turns: true },
  'WebAssembly, in place': { make: () => wasmInPlace(false), turns: true },
  'in place, messages copied': { make: () => wasmInPlace(true), turns: true },
};

interface Measurement {
  readonly times: readonly number[];
  readonly peakMiB: number;
  readonly residentMiB: readonly number[];
  readonly collections: number;
  readonly pauseMs: number;
  readonly digest: string;
}

/** @param turns whether the event loop turns after each product, as it does between protocol steps. */
async function measure(way: Way, turns: boolean): Promise<Measurement> {
  let collections = 0;
  let pauseMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      collections += 1;
      pauseMs += entry.duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const times: number[] = [];
  const residentMiB: number[] = [];
  for (let k = 1; k <= PRODUCTS; k++) {
    const start = performance.now();
    way.multiply();
    times.push(performance.now() - start);
    if (k % 50 === 0) residentMiB.push(Math.round(process.memoryUsage.rss() / MIB));
    if (turns) await nextTurn();
  }
  await pause(50); // collections are reported later
  observer.disconnect();
  return {
    times,
    peakMiB: Math.round(process.resourceUsage().maxRSS / KIB),
    residentMiB,
    collections,
    pauseMs,
    digest: createHash('sha256').update(way.result()).digest('hex'),
  };
}

/** Runs every way in a new process and prints the table; fails where two results differ. */
function compare(): void {
  const table = new Table({
    head: ['way', 'best ms', 'median ms', 'peak MiB', 'MiB after 50, 100, 150, 200', 'gc', 'gc ms'],
    style: { head: [], border: [] },
  });
  const digests = new Set<string>();
  for (const name of Object.keys(WAYS)) {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(`${name}: ${child.stderr}`);
    const seen = JSON.parse(child.stdout) as Measurement;
    digests.add(seen.digest);
    const sorted = seen.times.toSorted((a, b) => a - b);
    table.push([
      name,
      sorted[0]!.toFixed(1),
      sorted[PRODUCTS / 2]!.toFixed(1),
      seen.peakMiB,
      seen.residentMiB.join(', '),
      seen.collections,
      seen.pauseMs.toFixed(0),
    ]);
  }
  if (digests.size !== 1) throw new Error('the ways disagree on the result');
  console.log(table.toString());
}

const chosen = WAYS[process.argv[2] ?? ''];
if (chosen === undefined) compare();
else console.log(JSON.stringify(await measure(chosen.make(), chosen.turns)));
