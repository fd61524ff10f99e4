import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { DialledStream } from '../../src/transport/dialled-stream.js';

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n';

/** A dialled stream, what `ws` would read of it, and a way to let bytes arrive as a socket does. */
function dialled() {
  const stream = new DialledStream();
  const socket = new PassThrough();
  stream.attach(socket as unknown as Socket);
  const read: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => read.push(chunk));
  const { buffer, callback } = stream.onread as {
    buffer: Uint8Array;
    callback: (n: number, b: Uint8Array) => boolean;
  };
  const arrive = (text: string): boolean => {
    const bytes = Buffer.from(text, 'latin1');
    buffer.set(bytes);
    return callback(bytes.length, buffer);
  };
  return {
    stream,
    socket,
    arrive,
    read: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return Buffer.concat(read).toString('latin1');
    },
  };
}

describe('a dialled stream', () => {
  test.each([1, 2, 7, 1000])('gives the answer to the handshake to ws, cut every %i bytes', async (cut) => {
    const { stream, arrive, read } = dialled();
    const text = `${HEAD}\r\n\r\nframes`;
    const got: string[] = [];
    let held = false;
    for (let at = 0; at < text.length; at += cut) {
      if (!arrive(text.slice(at, at + cut)) && !held) {
        held = true;
        // The socket stops reading until there is a reader, which gets what came too early.
        stream.readWith((bytes) => got.push(Buffer.from(bytes).toString('latin1')));
      }
    }
    expect(held).toBe(true);
    expect(await read()).toBe(HEAD);
    expect(got.join('')).toBe('\r\n\r\nframes');
  });

  test('is not fooled by a part of the end of the answer', async () => {
    const { stream, arrive, read } = dialled();
    arrive('HTTP/1.1 101 x\r\n\r');
    arrive('\r\na: b\r\n\r\nrest');
    stream.readWith(() => undefined);
    expect(await read()).toBe('HTTP/1.1 101 x\r\n\r\r\na: b\r\n\r\n');
  });

  test('hands to ws what the reader does not want', async () => {
    const { stream, arrive, read } = dialled();
    arrive(HEAD);
    stream.readWith((bytes) => stream.passOn(bytes));
    expect(arrive('ping')).toBe(true);
    expect(await read()).toBe(`${HEAD}ping`);
  });

  test('is cut if ws leaves too much unread', async () => {
    const { stream, arrive } = dialled();
    stream.on('error', () => undefined);
    arrive(HEAD);
    stream.pause();
    stream.readWith((bytes) => stream.passOn(bytes));
    for (let i = 0; i < 6 && !stream.destroyed; i++) arrive('x'.repeat(60_000));
    expect(stream.destroyed).toBe(true);
  });

  test('writes to the socket, and ends, fails and closes with it', async () => {
    const { stream, socket } = dialled();
    stream.write('hello');
    expect(socket.read()?.toString()).toBe('hello');
    const failed = new Promise((resolve) => stream.once('error', resolve));
    socket.destroy(new Error('reset'));
    expect(await failed).toEqual(new Error('reset'));
    expect(stream.destroyed).toBe(true);
  });
});
