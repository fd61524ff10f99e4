/**
 * Finds out in which encoding a file is, over the whole file.
 *
 * A file that is valid UTF-8 is UTF-8 (a Japanese text in CP932 practically never is); else one that is
 * valid CP932 (Windows-31J, what Excel writes on a Japanese Windows) is CP932; anything else is refused.
 */
import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { WarifuError } from '../../core/errors.js';
import { emptyFile, type FileIdentity, fileChunks } from './file-bytes.js';

export type CsvEncoding = 'utf-8' | 'cp932';

/** Names by which the Encoding Standard knows them; its shift_jis decodes CP932. */
const DECODER_LABEL = { 'utf-8': 'utf-8', cp932: 'shift_jis' } as const;

/** A strict decoder; a UTF-8 byte order mark is dropped. */
export function strictDecoder(encoding: CsvEncoding): TextDecoder {
  return new TextDecoder(DECODER_LABEL[encoding], { fatal: true });
}

/** A strict decoder for a piece within a file: nothing at its start is a byte order mark. */
export function innerDecoder(encoding: CsvEncoding): TextDecoder {
  return new TextDecoder(DECODER_LABEL[encoding], { fatal: true, ignoreBOM: true });
}

/**
 * Reads the whole file once, in bounded memory. With `wanted`, only that encoding is tried.
 *
 * @throws WarifuError ENCODING_INVALID with byte offset (from 0) and row; CSV_INVALID for NUL bytes and for
 *   spreadsheets or archives; FILE_EMPTY for a file of a byte order mark only.
 */
export async function detectEncoding(file: FileIdentity, wanted?: CsvEncoding): Promise<CsvEncoding> {
  const allowed: readonly CsvEncoding[] = wanted === undefined ? ['utf-8', 'cp932'] : [wanted];
  const candidates = new Map(allowed.map((encoding) => [encoding, strictDecoder(encoding)]));
  let offset = 0;
  let isWithinCharacter = false;
  for await (const chunk of fileChunks(file)) {
    if (offset === 0) refuseForeignStart(file.path, chunk);
    const nul = chunk.indexOf(0);
    if (nul !== -1) throw await nulByte(file, offset + nul);
    // ASCII between whole characters is valid in both
    if (isWithinCharacter || !isAscii(chunk)) {
      for (const [encoding, decoder] of candidates) {
        if (!accepts(decoder, chunk)) candidates.delete(encoding);
      }
      // in both encodings a byte after which something is due is no ASCII
      isWithinCharacter = chunk[chunk.length - 1]! >= 0x80;
    }
    if (candidates.size === 0) throw await invalidEncoding(file, allowed);
    offset += chunk.length;
  }
  for (const [encoding, decoder] of candidates) {
    if (acceptsEnd(decoder)) return encoding;
  }
  throw await invalidEncoding(file, allowed);
}

function refuseForeignStart(path: string, start: Uint8Array): void {
  const [a, b, c, d] = start;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new WarifuError(
      'ENCODING_INVALID',
      `${path} is in UTF-16: save it again as 'CSV UTF-8' (in Excel: Save As, file type CSV UTF-8)`,
      { file: path, byte: 0, row: 1 },
    );
  }
  if (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) {
    throw new WarifuError(
      'CSV_INVALID',
      `${path} is an Excel workbook or zip file, not CSV: save it as 'CSV UTF-8'`,
      {
        file: path,
      },
    );
  }
  if (start.length === 3 && a === 0xef && b === 0xbb && c === 0xbf) throw emptyFile(path);
}

function accepts(decoder: TextDecoder, chunk: Uint8Array): boolean {
  try {
    decoder.decode(chunk, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** A character that the end of the file cuts in two is a fault too. */
function acceptsEnd(decoder: TextDecoder): boolean {
  try {
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

async function nulByte(file: FileIdentity, byte: number): Promise<WarifuError> {
  const row = await rowOfByte(file, byte);
  return new WarifuError(
    'CSV_INVALID',
    `${file.path}: row ${row} holds a NUL byte (byte ${byte}): this is not a CSV text, or it is in UTF-16; save it as 'CSV UTF-8'`,
    { file: file.path, byte, row },
  );
}

const ENCODING_NAMES = { 'utf-8': 'UTF-8', cp932: 'CP932 (Shift_JIS)' } as const;

async function invalidEncoding(file: FileIdentity, tried: readonly CsvEncoding[]): Promise<WarifuError> {
  let likely: { encoding: CsvEncoding; byte: number } | undefined;
  for (const encoding of tried) {
    const byte = await firstInvalidByte(file, encoding);
    // the encoding that got further is the one that the file was most likely meant to be in
    if (likely === undefined || byte > likely.byte) likely = { encoding, byte };
  }
  const { encoding, byte } = likely!;
  const row = await rowOfByte(file, byte);
  const names = tried.map((one) => ENCODING_NAMES[one]).join(' nor valid ');
  return new WarifuError(
    'ENCODING_INVALID',
    `${file.path} is ${tried.length > 1 ? 'neither' : 'not'} valid ${names}: read as ${ENCODING_NAMES[encoding]}, the first wrong byte is byte ${byte}, in row ${row}; save the file as 'CSV UTF-8'`,
    { file: file.path, byte, row },
  );
}

/** Offset of the byte at which strict decoding fails; the file's size when its end cuts a character. */
async function firstInvalidByte(file: FileIdentity, encoding: CsvEncoding): Promise<number> {
  const failing = await firstInvalidChunk(file, encoding);
  const decoder = strictDecoder(encoding);
  let offset = 0;
  for await (const chunk of fileChunks(file)) {
    if (offset + chunk.length > failing) {
      // a decoder that failed cannot go back, so a second one goes byte by byte
      for (let i = 0; i < chunk.length; i++) {
        if (!accepts(decoder, chunk.subarray(i, i + 1))) return offset + i;
      }
    } else {
      decoder.decode(chunk, { stream: true });
    }
    offset += chunk.length;
  }
  return file.size;
}

async function firstInvalidChunk(file: FileIdentity, encoding: CsvEncoding): Promise<number> {
  const decoder = strictDecoder(encoding);
  let offset = 0;
  for await (const chunk of fileChunks(file)) {
    if (!accepts(decoder, chunk)) return offset;
    offset += chunk.length;
  }
  return file.size;
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Number of the record that holds a byte. Neither encoding uses quote or line-end bytes inside other
 * characters, so that rows can be counted in a file that cannot be decoded.
 */
async function rowOfByte(file: FileIdentity, byte: number): Promise<number> {
  let row = 1;
  let quoted = false;
  let previous = 0;
  let offset = 0;
  for await (const chunk of fileChunks(file)) {
    for (const value of chunk.subarray(0, Math.max(0, byte - offset))) {
      if (value === QUOTE) quoted = !quoted;
      else if (!quoted && (value === CR || (value === LF && previous !== CR))) row++;
      previous = value;
    }
    offset += chunk.length;
    if (offset >= byte) break;
  }
  return row;
}
