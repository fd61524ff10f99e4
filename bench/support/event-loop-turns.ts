/**
 * How long does one turn of a process's event loop take? A module to preload, without touching the process's code:
 *
 *   NODE_OPTIONS=--import=$PWD/dist-bench/bench/support/event-loop-turns.js WARIFU_BENCH_TURNS=DIRECTORY COMMAND
 *
 * The process, and every node process it forks, then writes DIRECTORY/PID.json: at SIGUSR2, after which it starts
 * to measure anew, and at its end. `kill -USR2 PID` before and after a query gives the turns of that query.
 *
 * An immediate that holds no reference runs once in every turn, after the callbacks of timers and sockets, and
 * neither spins nor wakes the loop. A turn's CPU time is what the process used between two such points, but never
 * more than the time in which the loop was not waiting: so the threads of the garbage collector do not count twice,
 * and other processes that share the cores do not count at all, up to the smaller of the two figures.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** What one process writes. Milliseconds. */
export interface TurnReport {
  readonly pid: number;
  readonly title: string;
  readonly turns: number;
  /** Longest turn: CPU time, at most. */
  readonly longest_cpu_ms: number;
  /** Longest turn by the clock, without the time spent waiting for events. */
  readonly longest_ms: number;
  /** Turns of more than 50 ms of CPU time. */
  readonly over_50_ms: number;
}

const LIMIT_MS = 50;

class TurnMeter {
  #turns = 0;
  #longestCpu = 0;
  #longest = 0;
  #over = 0;
  #cpu = cpuMs();
  #active = activeMs();

  /** Ends one turn and begins the next. */
  turn(): void {
    const cpu = cpuMs();
    const active = activeMs();
    const wall = active - this.#active;
    const used = Math.min(cpu - this.#cpu, wall);
    this.#cpu = cpu;
    this.#active = active;
    this.#turns += 1;
    this.#longest = Math.max(this.#longest, wall);
    this.#longestCpu = Math.max(this.#longestCpu, used);
    if (used > LIMIT_MS) this.#over += 1;
  }

  report(): TurnReport {
    return {
      pid: process.pid,
      title: process.title,
      turns: this.#turns,
      longest_cpu_ms: rounded(this.#longestCpu),
      longest_ms: rounded(this.#longest),
      over_50_ms: this.#over,
    };
  }
}

/** CPU time of the whole process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Time since the start in which the loop did not wait for events. */
function activeMs(): number {
  return performance.now() - performance.nodeTiming.idleTime;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function measure(directory: string): void {
  let meter = new TurnMeter();
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
    meter = new TurnMeter();
  });
  process.on('exit', write);
}

const directory = process.env['WARIFU_BENCH_TURNS'];
if (directory !== undefined && directory !== '') measure(directory);
