/**
 * What makes a node refuse to go on with three: a check that failed. Whoever lies among four could otherwise get rid of
 * an honest node, and lie among three unnoticed. It stands in the node's directory until its operator removes it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseBoundedJson } from '../../core/canonical-json.js';
import { asWarifuError, type ErrorCode, type WarifuError } from '../../core/errors.js';
import { readPublicFile, writeNewFile } from '../users/key-storage.js';

const FILE = 'doubt.json';

const doubtJson = z.strictObject({
  warifu_doubt: z.literal(1),
  /** Milliseconds since 1970. */
  time: z.int().min(0),
  code: z.string().max(64),
  message: z.string().max(8_000),
});

/** The first check that failed. */
export type Doubt = Pick<z.infer<typeof doubtJson>, 'time' | 'code' | 'message'>;

/** Errors with which a node ends a job since another one did not keep to the protocol. */
const FAILED_CHECKS: ReadonlySet<ErrorCode> = new Set([
  'COPIES_DIFFER',
  'PEER_MISBEHAVED',
  'MESSAGE_LENGTH',
  'MESSAGE_FORM',
  'FRAME_INVALID',
]);

/** Whether an error says that somebody among the nodes lies or is broken; told by a peer, it counts as well. */
export function isFailedCheck(error: WarifuError): boolean {
  return FAILED_CHECKS.has(error.code);
}

export interface Doubts {
  /** Undefined where no check has failed since the operator last looked. */
  read(): Promise<Doubt | undefined>;
  /** Durable when it resolves; an earlier one stays. */
  record(doubt: Doubt): Promise<void>;
  /** The operator has looked into it. */
  clear(): Promise<void>;
}

/** In a node's directory. */
export class FileDoubts implements Doubts {
  readonly #path: string;
  /** One that the disk did not take. */
  #unwritten: Doubt | undefined;

  constructor(directory: string) {
    this.#path = join(directory, FILE);
  }

  /** A file that cannot be read is a doubt too: only the operator takes it away. */
  async read(): Promise<Doubt | undefined> {
    try {
      const { time, code, message } = doubtJson.parse(
        parseBoundedJson(await readPublicFile(this.#path), FILE),
      );
      return { time, code, message };
    } catch (thrown) {
      const error = asWarifuError(thrown);
      if (error.code === 'FILE_MISSING') return this.#unwritten;
      return { time: 0, code: error.code, message: `${FILE} cannot be read` };
    }
  }

  async record(doubt: Doubt): Promise<void> {
    if ((await this.read()) !== undefined) return;
    this.#unwritten = doubt;
    const { time, code, message } = doubt;
    const text = { warifu_doubt: 1, time, code, message: message.slice(0, 8_000) };
    try {
      await writeNewFile(this.#path, `${JSON.stringify(text, undefined, 2)}\n`);
    } catch (thrown) {
      // Another job may just have failed, too.
      if (asWarifuError(thrown).code !== 'KEY_INVALID') throw thrown;
    }
    this.#unwritten = undefined;
  }

  clear(): Promise<void> {
    return rm(this.#path, { force: true });
  }
}

/** For nodes that keep everything in memory. */
export class MemoryDoubts implements Doubts {
  #doubt: Doubt | undefined;

  read(): Promise<Doubt | undefined> {
    return Promise.resolve(this.#doubt);
  }

  record(doubt: Doubt): Promise<void> {
    this.#doubt ??= doubt;
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#doubt = undefined;
    return Promise.resolve();
  }
}
