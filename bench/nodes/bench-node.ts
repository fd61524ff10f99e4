/** One node process, as the bench that started it sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WarifuError } from '../../src/core/errors.js';
import type { FromNode, NodeSettings, ToNode } from './messages.js';

const MODULE = fileURLToPath(new URL('./node-process.js', import.meta.url));
const START_LIMIT_MS = 30_000;

export type Reply<K extends FromNode['kind']> = Extract<FromNode, { readonly kind: K }>;

export class BenchNode {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #log = '';

  constructor(name: string) {
    this.name = name;
    this.#process = fork(MODULE, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = `${this.#log}${text}`.slice(-2000);
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.once('error', () => resolve());
    });
  }

  /** Waits for the process, and until its links are up at both ends. */
  async start(settings: NodeSettings): Promise<void> {
    await this.#next('hello', START_LIMIT_MS);
    await this.ask({ kind: 'start', settings }, 'started', START_LIMIT_MS);
  }

  /**
   * Sends a message and waits for its reply. One at a time.
   *
   * @throws WarifuError what the node failed with; NODE_LOST when its process ended; NO_PROGRESS after `limitMs`.
   */
  ask<K extends FromNode['kind']>(message: ToNode, kind: K, limitMs: number): Promise<Reply<K>> {
    const reply = this.#next(kind, limitMs);
    this.#process.send(message, () => undefined);
    return reply;
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  #next<K extends FromNode['kind']>(kind: K, limitMs: number): Promise<Reply<K>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#process.off('message', onMessage);
      };
      const fail = (error: WarifuError): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        const text = `${this.name} has not said '${kind}' within ${limitMs / 1000} seconds`;
        fail(new WarifuError('NO_PROGRESS', text));
      }, limitMs);
      const onMessage = (raw: unknown): void => {
        const message = raw as FromNode;
        if (message.kind === 'failed') fail(new WarifuError('INTERNAL', `${this.name}: ${message.message}`));
        else if (message.kind !== kind)
          fail(new WarifuError('INTERNAL', `${this.name} said '${message.kind}'`));
        else {
          settle();
          resolve(message as Reply<K>);
        }
      };
      this.#process.on('message', onMessage);
      void this.#ended.then(() => {
        fail(new WarifuError('NODE_LOST', `the process of ${this.name} ended: ${this.#log.trim()}`));
      });
    });
  }
}
