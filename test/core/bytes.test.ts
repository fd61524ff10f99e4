import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/core/bytes.js';

describe('byte writer and reader', () => {
  it('read back what was written, whatever the initial capacity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.uint8Array({ maxLength: 50 }),
        fc.string({ unit: 'grapheme' }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (capacity, bytes, text, wide) => {
          const written = new ByteWriter(capacity)
            .u8(255)
            .u16(65_535)
            .u64(wide)
            .sized(bytes)
            .text(text)
            .u32(2 ** 32 - 1)
            .raw(bytes)
            .finish();
          const reader = new ByteReader(written, 'the test');
          expect([reader.u8(), reader.u16(), reader.u64()]).toEqual([255, 65_535, wide]);
          expect(reader.sized(50)).toEqual(bytes);
          expect(reader.text(1000)).toBe(text.replace(/^\ufeff/, ''));
          expect(reader.u32()).toBe(2 ** 32 - 1);
          expect(reader.raw(bytes.length)).toEqual(bytes);
          reader.end();
        },
      ),
    );
  });

  it('is little-endian', () => {
    expect(new ByteWriter(0).u32(0x01020304).u16(0x0506).finish()).toEqual(Uint8Array.of(4, 3, 2, 1, 6, 5));
  });

  it('never reads past the end, over a limit, or leaves bytes unnoticed', () => {
    const sized = new ByteWriter().sized(new Uint8Array(10)).finish();
    expect(() => new ByteReader(sized, 'the frame').sized(9)).toThrow(
      /the frame: field of 10 bytes is over 9/,
    );
    expect(() => new ByteReader(sized.subarray(0, 13), 'the frame').sized(10)).toThrow(
      /the frame ends too early/,
    );
    expect(() => new ByteReader(Uint8Array.of(1, 2, 3), 'x').u32()).toThrow(/ends too early/);
    const reader = new ByteReader(Uint8Array.of(1, 2), 'x');
    reader.u8();
    expect(() => {
      reader.end();
    }).toThrow(/1 bytes too many/);
    const notText = new ByteWriter().sized(Uint8Array.of(0xff)).finish();
    expect(() => new ByteReader(notText, 'x').text(10)).toThrow(/not UTF-8/);
  });
});
