/**
 * How long does one turn of a process's event loop take? A module to preload, without touching the process's code:
 *
 *   NODE_OPTIONS=--import=$PWD/dist-bench/bench/support/event-loop-turns.js WARIFU_BENCH_TURNS=DIRECTORY COMMAND
 *
 * The process, and every node process it forks, then writes DIRECTORY/PID.json: at SIGUSR2, after which it starts
 * to measure anew, and at its end. `kill -USR2 PID` before and after a query gives the turns of that query.
 *
 * A turn is one round of the loop: what is due meanwhile waits for all callbacks of immediates, timers and sockets
 * that were ready when it began, and for all promises they settled, which count together. An immediate that holds
 * no reference marks its end: it runs once in every round and neither spins nor wakes the loop.
 *
 * A turn's CPU time is that of the main thread alone, from Linux's account of the thread (`schedstat`), so that
 * neither other threads (garbage collector, compiler, thread pool) nor other processes count; collections by the main
 * thread itself do. The account is brought up to date at least every scheduler tick: a turn is exact to about 4 ms.
 */
import { openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** What one process writes. Milliseconds. */
export interface TurnReport {
  readonly pid: number;
  readonly title: string;
  readonly turns: number;
  /** CPU time of the main thread in all of them. */
  readonly cpu_ms: number;
  /** Longest turn: CPU time of the main thread. */
  readonly longest_cpu_ms: number;
  /** Longest turn by the clock, without the time spent waiting for events. */
  readonly longest_ms: number;
  /** Turns of more than 50 ms of CPU time. */
  readonly over_50_ms: number;
  /** The longest of more than 20 ms of CPU time, longest first, by the process's monotonic clock. */
  readonly long: readonly LongTurn[];
}

export interface LongTurn {
  readonly cpu_ms: number;
  readonly start_ms: number;
  readonly end_ms: number;
}

const LIMIT_MS = 50;
const LONG_MS = 20;
const KEPT = 20;

class TurnMeter {
  readonly #thread: MainThread;
  #turns = 0;
  #total = 0;
  #longestCpu = 0;
  #longest = 0;
  #over = 0;
  #long: LongTurn[] = [];
  #cpu: number;
  #active = activeMs();
  #start = monotonicMs();

  constructor(thread: MainThread) {
    this.#thread = thread;
    this.#cpu = thread.cpuMs();
  }

  /** Ends one turn and begins the next. */
  turn(): void {
    const cpu = this.#thread.cpuMs();
    const active = activeMs();
    const end = monotonicMs();
    const used = cpu - this.#cpu;
    this.#turns += 1;
    this.#total += used;
    this.#longest = Math.max(this.#longest, active - this.#active);
    this.#longestCpu = Math.max(this.#longestCpu, used);
    if (used > LIMIT_MS) this.#over += 1;
    if (used > LONG_MS) this.#keep({ cpu_ms: used, start_ms: this.#start, end_ms: end });
    this.#cpu = cpu;
    this.#active = active;
    this.#start = end;
  }

  report(): TurnReport {
    return {
      pid: process.pid,
      title: process.title,
      turns: this.#turns,
      cpu_ms: rounded(this.#total),
      longest_cpu_ms: rounded(this.#longestCpu),
      longest_ms: rounded(this.#longest),
      over_50_ms: this.#over,
      long: this.#long,
    };
  }

  #keep(turn: LongTurn): void {
    this.#long.push(turn);
    this.#long.sort((a, b) => b.cpu_ms - a.cpu_ms);
    this.#long = this.#long.slice(0, KEPT);
  }
}

/** The account of the thread that runs the event loop: its id is that of the process. */
class MainThread {
  readonly #file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  readonly #text = Buffer.alloc(64);

  /** CPU time since the start, user and system. */
  cpuMs(): number {
    const length = readSync(this.#file, this.#text, 0, this.#text.length, 0);
    return Number.parseInt(this.#text.toString('latin1', 0, length), 10) / 1e6;
  }
}

/** Time since the start in which the loop did not wait for events. */
function activeMs(): number {
  return performance.now() - performance.nodeTiming.idleTime;
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function measure(directory: string): void {
  const thread = new MainThread();
  let meter = new TurnMeter(thread);
  const turn = (): void => {
    meter.turn();
    setImmediate(turn).unref();
  };
  setImmediate(turn).unref();
  const write = (): void => {
    const path = join(directory, `${process.pid}.json`);
    writeFileSync(`${path}.part`, JSON.stringify(meter.report()));
    // a reader sees a whole report or none
    renameSync(`${path}.part`, path);
  };
  process.on('SIGUSR2', () => {
    write();
    meter = new TurnMeter(thread);
  });
  process.on('exit', write);
}

const directory = process.env['WARIFU_BENCH_TURNS'];
if (directory !== undefined && directory !== '') measure(directory);
