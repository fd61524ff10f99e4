/** JSON messages of the layer above: bounded in bytes and in depth before they are parsed. */
import { WarifuError } from '../core/errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Errors: MESSAGE_FORM if the bytes are not UTF-8, not JSON, or nested deeper than `depth`. */
export function parseControl(bytes: Uint8Array, depth: number): unknown {
  if (nesting(bytes) > depth) throw form(`control message is nested deeper than ${depth}`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own message quotes the text; ours must not.
    throw form('control message is not JSON in UTF-8');
  }
}

/** Errors: MESSAGE_FORM if the message has no JSON form or is longer than `limit` bytes. */
export function printControl(message: unknown, limit: number): Uint8Array {
  const text = JSON.stringify(message) as string | undefined;
  if (text === undefined) throw form('control message has no JSON form');
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > limit) throw form(`control message of ${bytes.length} bytes is over ${limit}`);
  return bytes;
}

/** Deepest nesting of brackets outside strings. */
function nesting(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) deepest = Math.max(deepest, ++depth);
    else if (CLOSING.has(byte)) depth--;
  }
  return deepest;
}

function form(message: string): WarifuError {
  return new WarifuError('MESSAGE_FORM', message);
}
