import { describe, expect, test } from 'vitest';
import type { UploadFrame, UploadSection } from '../../../src/query/request-upload-frame.js';
import type { SliceVersion } from '../../../src/server/store/catalogue.js';
import { expandFrame } from '../../../src/server/work/expand-frame.js';
import { expandBits, expandRing } from '../../../src/share/deal.js';
import { parseSchema } from '../../../src/share/schema.js';

const SCHEMA = parseSchema({
  warifu_schema: 1,
  missing: [''],
  columns: [
    { name: 'a', type: 'integer', min: '0', max: '9', nullable: false },
    { name: 'w', type: 'integer', min: '0', max: '18446744073709551615', nullable: true },
    { name: 'b', type: 'boolean', true: ['y'], false: ['n'], nullable: true },
    { name: 'k', type: 'identifier', nullable: false },
  ],
});
/** 200 rows in chunks of 128: the last one has 72. */
const SLICE = { schema: SCHEMA, rows: 200, chunkRows: 128, chunks: 2 } as unknown as SliceVersion;
const PLACES = [
  [0, 'values', 64],
  [1, 'values', 128],
  [1, 'validity', 1],
  [2, 'values', 1],
  [2, 'validity', 1],
  [3, 'values', 128],
] as const;

function bytesOf(width: number, rows: number): number {
  return width === 1 ? Math.ceil(rows / 64) * 8 : (rows * width) / 8;
}

function honest(form: 'seed' | 'bytes', rows: number): UploadSection[] {
  return PLACES.map(([column, kind, width], i) => ({
    column,
    kind,
    form,
    salt: new Uint8Array(32).fill(i),
    payload: new Uint8Array(form === 'seed' ? 16 : bytesOf(width, rows)).fill(i + 1),
  }));
}

function frame(chunk: number, sections: readonly UploadSection[]): UploadFrame {
  return { chunk, sections } as unknown as UploadFrame;
}

const changed = (
  at: number,
  change: Partial<UploadSection>,
  form: 'seed' | 'bytes' = 'bytes',
): UploadSection[] => honest(form, 128).map((section, i) => (i === at ? { ...section, ...change } : section));

describe('an honest frame', () => {
  test.each([
    [0, 128],
    [1, 72],
  ])('chunk %i has %i rows; seeds grow to what explicit bytes would be', (chunk, rows) => {
    for (const form of ['seed', 'bytes'] as const) {
      const sections = expandFrame(frame(chunk, honest(form, rows)), SLICE);
      expect(sections.map(({ column, kind }) => [column, kind])).toEqual(PLACES.map(([c, k]) => [c, k]));
      sections.forEach(({ payload, salt }, i) => {
        const width = PLACES[i]?.[2] as 1 | 64 | 128;
        expect(payload.length).toBe(bytesOf(width, rows));
        expect(salt).toEqual(new Uint8Array(32).fill(i));
        const seed = new Uint8Array(16).fill(i + 1);
        const grown = width === 1 ? expandBits(seed, rows).bytes() : expandRing(seed, width, rows).bytes();
        expect(payload).toEqual(form === 'seed' ? grown : new Uint8Array(payload.length).fill(i + 1));
      });
    }
  });
});

describe('a frame that is refused', () => {
  const all = honest('bytes', 128);
  const swapped = all.toSpliced(1, 2, all[2] as UploadSection, all[1] as UploadSection);
  test.each<[string, UploadSection[]]>([
    ['no sections', []],
    ['one too few', all.slice(1)],
    ['the last one left out', all.slice(0, -1)],
    ['one too many', [...all, { ...(all[5] as UploadSection), column: 4 }]],
    ['two in the wrong order', swapped],
    ['one of them twice', all.with(1, all[0] as UploadSection)],
    ['validity of a column without', changed(0, { kind: 'validity' })],
    ['values in place of validity', changed(2, { kind: 'values' })],
    ['a column that is not there', changed(5, { column: 9 })],
    ['a byte too few', changed(0, { payload: new Uint8Array(1023) })],
    ['a byte too many', changed(0, { payload: new Uint8Array(1025) })],
    ['an element too many', changed(0, { payload: new Uint8Array(1032) })],
    ['64 bits where 128 are due', changed(1, { payload: new Uint8Array(1024) })],
    ['128 bits where 64 are due', changed(0, { payload: new Uint8Array(2048) })],
    ['bits of another number of words', changed(3, { payload: new Uint8Array(24) })],
    ['nothing at all', changed(3, { payload: new Uint8Array(0) })],
    ['a short seed', changed(0, { form: 'seed', payload: new Uint8Array(15) })],
    ['a long seed', changed(0, { form: 'seed', payload: new Uint8Array(32) })],
    ['a seed that is called bytes', changed(0, { payload: new Uint8Array(16) })],
    ['bytes that are called a seed', changed(0, { form: 'seed', payload: new Uint8Array(1024) })],
  ])('%s', (_, sections) => {
    expect(() => expandFrame(frame(0, sections), SLICE)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error,
    );
  });

  test('the rows of a full chunk where the last, shorter one is due', () => {
    expect(() => expandFrame(frame(1, all), SLICE)).toThrow(/bytes where/);
  });
});
