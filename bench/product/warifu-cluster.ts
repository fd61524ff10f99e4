/** A cluster of real nodes as people run it: `warifu dev`, its command line, and the client library. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { LinkOptions } from '../../src/cli/link-options.js';
import { ClusterClient } from '../../src/client/cluster-client.js';
import { WarifuError } from '../../src/core/errors.js';
import { decodeKeyFile } from '../../src/core/key-file.js';
import { parseCluster } from '../../src/server/identity/cluster.js';
import type { BenchRequest } from '../bench.js';
import type { TurnReport } from '../support/event-loop-turns.js';
import { onEnd } from '../support/on-end.js';
import { collectTurns, turnsEnvironment } from '../support/turn-reports.js';
import { cpuSeconds, nodeProcessesOf, peakRssMb } from './processes.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const COMMAND_LIMIT_MS = 3_600_000;
/** Printed when the nodes are linked. */
const READY = 'Ctrl-C stops it';

export type User = 'provider' | 'analyst';

export class WarifuCluster {
  readonly #directory: string;
  readonly #dev: ChildProcess;
  readonly #turns: string;
  readonly #forget: () => void;
  #nodes: readonly number[] = [];
  #log = '';

  readonly #count: 3 | 4;

  private constructor(links: LinkOptions, count: 3 | 4) {
    this.#count = count;
    this.#directory = mkdtempSync(join(tmpdir(), 'warifu-bench-'));
    this.#turns = join(this.#directory, 'turns');
    mkdirSync(this.#turns);
    this.#dev = spawn(
      process.execPath,
      [MAIN, 'dev', '--dir', join(this.#directory, 'dev'), '--nodes', String(count), ...linkArguments(links)],
      {
        env: { ...process.env, ...turnsEnvironment(this.#turns) },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#forget = onEnd(() => this.#end());
  }

  /** Starts the nodes and waits until they are linked. */
  static async start({ links, nodes }: Pick<BenchRequest, 'links' | 'nodes'>): Promise<WarifuCluster> {
    const cluster = new WarifuCluster(links, nodes);
    try {
      await cluster.#ready();
      return cluster;
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
  }

  /** Runs a command to its end; what it prints on stdout. */
  async warifu(
    user: User,
    args: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<string> {
    const env = {
      ...process.env,
      XDG_STATE_HOME: join(this.#directory, 'state'),
      WARIFU_CLUSTER: this.#clusterPath,
      WARIFU_KEY: this.#keyPath(user),
      ...environment,
    };
    const child = spawn(process.execPath, [MAIN, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_LIMIT_MS,
    });
    let [printed, told] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code === 0) return printed;
    throw new WarifuError('INTERNAL', `'warifu ${args.join(' ')}' failed: ${told.trim()}`);
  }

  /** The client library in this process, as that user. */
  async client(user: User): Promise<ClusterClient> {
    const cluster = parseCluster(readFileSync(this.#clusterPath, 'utf8'));
    return new ClusterClient({
      cluster,
      user: await decodeKeyFile(readFileSync(this.#keyPath(user), 'utf8'), 'user'),
    });
  }

  /** Writes a file into the cluster's directory; the path. */
  async file(name: string, pieces: Iterable<string>): Promise<string> {
    const path = join(this.#directory, name);
    await pipeline(Readable.from(pieces), createWriteStream(path));
    return path;
  }

  /** Writes JSON into the cluster's directory; the path. */
  json(name: string, value: unknown): string {
    const path = join(this.#directory, name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  }

  /** Largest resident memory that each node ever had, in MB. */
  peaksMb(): number[] {
    return this.#nodes.map(peakRssMb);
  }

  /** CPU time of all nodes since they were started. */
  cpuSeconds(): number {
    return this.#nodes.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  }

  /** The turns of each node's event loop since this was last asked. */
  turns(): Promise<TurnReport[]> {
    return collectTurns(this.#turns, this.#nodes);
  }

  /** Stops the nodes and removes what they leave. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#dev.once('exit', resolve));
    if (this.#dev.exitCode === null && this.#dev.signalCode === null) {
      this.#dev.kill('SIGINT');
      const late = setTimeout(() => this.#dev.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(late);
    }
    this.#forget();
    this.#end();
  }

  get #clusterPath(): string {
    return join(this.#directory, 'dev', 'cluster.json');
  }

  #keyPath(user: User): string {
    return join(this.#directory, 'dev', 'keys', `${user}.key.json`);
  }

  async #ready(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => (): void =>
        reject(new WarifuError('NODE_LOST', `'warifu dev' ${what}: ${this.#log.trim()}`));
      const late = setTimeout(fail(`was not ready within ${START_LIMIT_MS / 1000} seconds`), START_LIMIT_MS);
      this.#dev.once('exit', fail('ended'));
      this.#dev.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = `${this.#log}${text}`.slice(-2000);
        if (!this.#log.includes(READY)) return;
        clearTimeout(late);
        resolve();
      });
    });
    this.#nodes = nodeProcessesOf(this.#dev.pid ?? 0);
    if (this.#nodes.length !== this.#count) {
      throw new RangeError(`found ${this.#nodes.length} node processes, not ${this.#count}`);
    }
  }

  /** At once: the nodes end when the process that started them has, and cannot write while their files go. */
  #end(): void {
    this.#dev.kill('SIGKILL');
    for (const pid of this.#nodes) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    }
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function linkArguments({ latency, bandwidth }: LinkOptions): string[] {
  return [
    ...(latency === undefined ? [] : ['--latency', String(latency)]),
    ...(bandwidth === undefined ? [] : ['--bandwidth', String(bandwidth)]),
  ];
}
