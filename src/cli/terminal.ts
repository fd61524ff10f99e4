/**
 * Where a command reads and writes: results go to stdout, everything for people to stderr. Commands see only
 * this interface, so tests run them without a process.
 */
import { styleText } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Terminal {
  readonly environment: Environment;
  /** Aborted by Ctrl-C or SIGTERM: whatever was started is cancelled everywhere. */
  readonly signal: AbortSignal;
  /** Whether a person watches stderr and can be asked. */
  readonly interactive: boolean;
  /** Characters to a line. */
  readonly width: number;
  /** A result, to stdout. A line end is added where it lacks one. */
  print(text: string): void;
  /** A line for people, to stderr. */
  tell(line: string): void;
  /** Text in a style, where colour is wanted. */
  style(format: Style, text: string): string;
  /** Replaces the progress line; undefined removes it. Does nothing where nobody watches. */
  progress(line: string | undefined): void;
  /** Asks without showing what is typed; only where `interactive`. */
  askHidden(question: string): Promise<string>;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** What a process's terminal needs of `process`. */
export interface ProcessStreams {
  readonly env: Environment;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const DEFAULT_WIDTH = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** The terminal of this process. */
export class ProcessTerminal implements Terminal {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly #streams: ProcessStreams;
  #progressShown = false;

  constructor(streams: ProcessStreams, signal: AbortSignal) {
    this.#streams = streams;
    this.environment = streams.env;
    this.signal = signal;
  }

  get interactive(): boolean {
    return this.#streams.stderr.isTTY && this.#streams.stdin.isTTY;
  }

  get width(): number {
    const { stderr } = this.#streams;
    return stderr.isTTY ? stderr.columns : DEFAULT_WIDTH;
  }

  print(text: string): void {
    this.progress(undefined);
    this.#streams.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  tell(line: string): void {
    this.progress(undefined);
    this.#streams.stderr.write(`${line}\n`);
  }

  style(format: Style, text: string): string {
    // https://no-color.org: any value but the empty one
    const wanted = this.#streams.stderr.isTTY && (this.environment['NO_COLOR'] ?? '') === '';
    return wanted && this.environment['TERM'] !== 'dumb'
      ? styleText(format, text, { validateStream: false })
      : text;
  }

  progress(line: string | undefined): void {
    const { stderr } = this.#streams;
    if (!stderr.isTTY) return;
    if (this.#progressShown) stderr.write(CLEAR_LINE);
    this.#progressShown = line !== undefined;
    if (line !== undefined) stderr.write(line);
  }

  async askHidden(question: string): Promise<string> {
    this.progress(undefined);
    const { stdin, stderr } = this.#streams;
    // Before the question, so that nothing typed in answer to it is echoed.
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stderr.write(question);
    try {
      return await readLine(stdin, this.signal);
    } finally {
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    }
  }
}

const MAX_TYPED = 1024;

/** Reads up to Enter in raw mode: Backspace and Ctrl-U edit, Ctrl-C raises the signal as usual, which ends it. */
function readLine(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (text: string): void => {
      stdin.off('data', onData).off('end', onEnd);
      signal.removeEventListener('abort', onEnd);
      resolve(text);
    };
    const onEnd = (): void => finish(typed.join(''));
    const onData = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') return onEnd();
        if (character === '\u0003') {
          process.kill(process.pid, 'SIGINT');
          return;
        }
        if (character === '\u007f' || character === '\b') typed.pop();
        else if (character === '\u0015') typed = [];
        else if (typed.length < MAX_TYPED) typed.push(character);
      }
    };
    signal.addEventListener('abort', onEnd);
    stdin.on('data', onData).on('end', onEnd).resume();
  });
}
