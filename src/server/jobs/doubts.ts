/**
 * What makes a node refuse to go on with three: a check that failed. Whoever lies among four could otherwise get rid of
 * an honest node, and lie among three unnoticed. It stands in the node's directory until its operator removes it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseBoundedJson } from '../../core/canonical-json.js';
import { asWarifuError } from '../../core/errors.js';
import { readPublicFile, writeNewFile } from '../users/key-storage.js';

const FILE = 'doubt.json';

const doubtJson = z.strictObject({
  warifu_doubt: z.literal(1),
  /** Milliseconds since 1970. */
  time: z.int().min(0),
  code: z.string().max(64),
  message: z.string().max(8_000),
  /** Names of those who may have lied. */
  nodes: z.array(z.string().max(64)).max(4).optional(),
  step: z.string().max(240).optional(),
  /** Id of the query. */
  query: z.string().max(32).optional(),
  /** The node or the analyst that says so; this node itself where there is none. */
  told_by: z.string().max(64).optional(),
});

/** The first check that failed. */
export type Doubt = Omit<z.infer<typeof doubtJson>, 'warifu_doubt'>;

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
  /** Records are written in the order in which they come. */
  #before: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#path = join(directory, FILE);
  }

  /** A file that cannot be read is a doubt too: only the operator takes it away. */
  async read(): Promise<Doubt | undefined> {
    try {
      const { warifu_doubt: _, ...doubt } = doubtJson.parse(
        parseBoundedJson(await readPublicFile(this.#path), FILE),
      );
      return doubt;
    } catch (thrown) {
      const error = asWarifuError(thrown);
      if (error.code === 'FILE_MISSING') return this.#unwritten;
      return { time: 0, code: error.code, message: `${FILE} cannot be read` };
    }
  }

  async record(doubt: Doubt): Promise<void> {
    const recorded = this.#before.then(() => this.#record(doubt));
    this.#before = recorded.catch(() => undefined);
    await recorded;
  }

  async #record(doubt: Doubt): Promise<void> {
    if ((await this.read()) !== undefined) return;
    this.#unwritten = doubt;
    const text = { warifu_doubt: 1, ...doubt, message: doubt.message.slice(0, 8_000) };
    try {
      await writeNewFile(this.#path, `${JSON.stringify(text, undefined, 2)}\n`);
    } catch (thrown) {
      // The operator may just be recovering the node.
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
