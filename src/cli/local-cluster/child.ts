/** One node process of a local cluster, as the command that started it sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WarifuError } from '../../core/errors.js';
import type { ChildSettings, FromChild, ToChild } from './child-messages.js';

const MODULE = fileURLToPath(new URL('./node-child.js', import.meta.url));
const LOG_LINES = 20;
const LOG_LINE_LENGTH = 500;
/** After this a node that was asked to stop is ended. */
const STOP_LIMIT_MS = 5000;

export class NodeChild {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #log: string[] = [];
  #how = 'has ended';
  readonly #ready: Promise<void>;

  /** Starts the process; `ready` tells when its node is up. */
  constructor(name: string, settings: ChildSettings) {
    this.name = name;
    this.#process = fork(MODULE, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keepLog(text));
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#how = signal === null ? `ended with exit code ${code ?? 0}` : `was ended by ${signal}`;
        resolve();
      });
      this.#process.once('error', (error) => {
        this.#how = `failed: ${error.message}`;
        resolve();
      });
    });
    this.#ready = this.#start(settings);
    // Whoever waits for it sees the failure; until then it is not unhandled.
    this.#ready.catch(() => undefined);
  }

  /** @throws WarifuError as the node failed with, or NODE_LOST when its process ended. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Resolves when the process is gone. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How the process ended: `was ended by SIGKILL`. */
  get how(): string {
    return this.#how;
  }

  /** The last lines of its log. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** The error for a process that ended, with its last log lines. */
  lost(): WarifuError {
    const log = this.#log.slice(-5).map((line) => `\n  ${line}`);
    const last = log.length === 0 ? '' : `; its last log lines:${log.join('')}`;
    return new WarifuError('NODE_LOST', `the process of node '${this.name}' ${this.#how}${last}`);
  }

  /** Asks it to stop, and ends it if it does not. */
  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.send({ kind: 'stop' } satisfies ToChild, () => undefined);
    const timer = setTimeout(() => this.kill(), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #start(settings: ChildSettings): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.on('message', (message) => {
        const told = message as FromChild;
        if (told.kind === 'hello') {
          this.#process.send({ kind: 'start', settings } satisfies ToChild, () => undefined);
        } else if (told.kind === 'ready') resolve();
        else reject(new WarifuError(told.code, told.message, told.details));
      });
      void this.#ended.then(() => reject(this.lost()));
    });
  }

  #keepLog(text: string): void {
    const lines = text.split('\n').filter((line) => line !== '');
    this.#log = [...this.#log, ...lines.map((line) => line.slice(0, LOG_LINE_LENGTH))].slice(-LOG_LINES);
  }
}
