import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Environment, ProcessTerminal } from '../../src/cli/terminal.js';

function terminal({ tty, env = {} }: { tty: boolean; env?: Environment }) {
  const out = new PassThrough();
  const err = Object.assign(new PassThrough(), { isTTY: tty, columns: 72 });
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: tty, setRawMode: (on: boolean) => raw.push(on) });
  const streams = { env, stdin: input, stdout: out, stderr: err };
  const made = new ProcessTerminal(
    streams as unknown as ConstructorParameters<typeof ProcessTerminal>[0],
    new AbortController().signal,
  );
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return { made, input, raw, stdout: () => read(out), stderr: () => read(err) };
}

describe('the terminal', () => {
  it('draws progress only where somebody watches, and removes it before anything else', () => {
    const watched = terminal({ tty: true });
    watched.made.progress('50 %');
    watched.made.tell('done');
    expect(watched.stderr()).toBe('50 %\r\u001b[2Kdone\n');
    const piped = terminal({ tty: false });
    piped.made.progress('50 %');
    piped.made.print('result');
    expect(piped.stderr()).toBe('');
    expect(piped.stdout()).toBe('result\n');
  });

  it.each([
    [true, {}, '\u001b[31mx\u001b[39m'],
    [true, { NO_COLOR: '1' }, 'x'],
    [true, { NO_COLOR: '' }, '\u001b[31mx\u001b[39m'],
    [true, { TERM: 'dumb' }, 'x'],
    [false, {}, 'x'],
  ])('colours (terminal: %s, %j) as %j', (tty, env, text) => {
    expect(terminal({ tty, env }).made.style('red', 'x')).toBe(text);
  });

  it('reads a passphrase unseen, with Backspace and Ctrl-U', async () => {
    const { made, input, raw, stderr } = terminal({ tty: true });
    const asked = made.askHidden('Passphrase: ');
    input.write('wrong\u0015パス\u007fssx\u007f');
    input.write('word\r');
    await expect(asked).resolves.toBe('パssword');
    expect(raw).toEqual([true, false]);
    expect(stderr()).toBe('Passphrase: \n');
  });
});
