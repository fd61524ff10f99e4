/** Upload states in a directory: a file each, a line for the head and one for every chunk that was dealt. */
import { createHash } from 'node:crypto';
import { appendFile, type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WarifuError } from '../../core/errors.js';
import { digestField } from '../../core/fields.js';
import {
  expectSame,
  type UploadHead,
  type UploadKey,
  type UploadState,
  type UploadStates,
  uploadHeadSchema,
} from './upload-state.js';

const MAX_STATE_BYTES = 32 * 1024 * 1024;
/** Permission bits of the group and of everybody. */
const OTHERS = 0o077;
const chunkLine = z.strictObject({ chunk: z.int().min(0), digest: digestField });

export class FileUploadStates implements UploadStates {
  readonly #directory: string;

  /** @param directory is made, for its owner alone, when first needed. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws WarifuError CONFIG_INVALID when others can read the file: its seeds may be known to them. */
  async find(key: UploadKey): Promise<UploadState | undefined> {
    const path = this.#pathOf(key);
    const lines = await readLines(path);
    const head = uploadHeadSchema.safeParse(parsedLine(lines[0] ?? ''));
    // A state that cannot be read is worth no more than none: the upload starts anew, with fresh seeds.
    if (!head.success) return undefined;
    const chunks = new Map<number, string>();
    for (const line of lines.slice(1)) {
      const record = chunkLine.safeParse(parsedLine(line));
      if (!record.success) return undefined;
      chunks.set(record.data.chunk, record.data.digest);
    }
    return new FileUploadState(path, head.data, chunks);
  }

  async create(head: UploadHead): Promise<UploadState> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(head);
    await rm(path, { force: true });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(head)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return new FileUploadState(path, head, new Map());
  }

  #pathOf({ cluster, user, table, slice }: UploadKey): string {
    const name = createHash('sha256').update(JSON.stringify([cluster, user, table, slice]));
    return join(this.#directory, `${name.digest('hex').slice(0, 32)}.jsonl`);
  }
}

class FileUploadState implements UploadState {
  readonly head: UploadHead;
  readonly #path: string;
  readonly #chunks: Map<number, string>;

  constructor(path: string, head: UploadHead, chunks: Map<number, string>) {
    this.#path = path;
    this.head = head;
    this.#chunks = chunks;
  }

  async recordChunk(chunk: number, digest: string): Promise<void> {
    expectSame(this.#chunks, chunk, digest);
    if (this.#chunks.has(chunk)) return;
    await appendFile(this.#path, `${JSON.stringify({ chunk, digest })}\n`, { flush: true, mode: 0o600 });
    this.#chunks.set(chunk, digest);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function readLines(path: string): Promise<string[]> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new WarifuError(
        'CONFIG_INVALID',
        `'${path}', which holds the seeds of an unfinished upload, can be read by others; remove it, and the upload starts anew`,
        { file: path },
      );
    }
    if (size > MAX_STATE_BYTES) return [];
    // What follows the last line end was cut off while it was written: it counts as not written.
    return (await file.readFile('utf8')).split('\n').slice(0, -1);
  } finally {
    await file.close();
  }
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
