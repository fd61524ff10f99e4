import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { SecretBytes, wipeAll } from '../../src/core/secret.js';

const CANARY = 'canary-7f3a';
const secret = (): SecretBytes => new SecretBytes(new TextEncoder().encode(CANARY));

function leaks(text: string): boolean {
  const bytes = [...new TextEncoder().encode(CANARY)];
  return (
    text.includes(CANARY) ||
    text.includes(Buffer.from(CANARY).toString('hex')) ||
    text.includes(Buffer.from(CANARY).toString('base64')) ||
    text.includes(bytes.slice(0, 4).join(',')) ||
    text.replaceAll(/\s+/g, ' ').includes(bytes.slice(0, 4).join(', '))
  );
}

describe('SecretBytes', () => {
  it('shows a placeholder wherever an object slips into text', () => {
    const value = secret();
    const texts = [
      String(value),
      `${value}`,
      JSON.stringify({ value }),
      inspect({ deep: { value } }, { showHidden: true, depth: 9 }),
      format('%s %o %j', value, value, value),
      JSON.stringify(Object.entries(value)),
    ];
    for (const text of texts) expect(leaks(text)).toBe(false);
    expect(texts[0]).toBe('[secret]');
  });

  it('does not leak through a structured logger', () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    pino({}, sink).info({ key: secret(), nested: { key: secret() } }, 'started');
    expect(lines.join('')).toContain('[secret]');
    expect(leaks(lines.join(''))).toBe(false);
  });

  it('would be caught by the leak check if it were plain bytes', () => {
    expect(leaks(inspect(new TextEncoder().encode(CANARY)))).toBe(true);
    expect(leaks(CANARY)).toBe(true);
  });

  it('overwrites the bytes when wiped and refuses further use', () => {
    const bytes = new TextEncoder().encode(CANARY);
    const value = new SecretBytes(bytes);
    expect(value.length).toBe(CANARY.length);
    expect(value.reveal()).toBe(bytes);
    wipeAll([value]);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => value.reveal()).toThrow(TypeError);
  });
});
