import { afterEach, describe, expect, it, vi } from 'vitest';
import { bitsFromStream, Keystream, keystream, ringFromStream } from '../../src/kernels/keystream.js';
import { tailsAreClear, WIDTHS } from './arbitrary.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const key = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

const nativeKeystream = (seed: Uint8Array, length: number) => new Keystream(seed, 'native').next(length);
const portableKeystream = (seed: Uint8Array, length: number) => new Keystream(seed, 'portable').next(length);

/** Binomial(n, 1/2) six standard deviations from its mean: a fair bit fails with probability 2e-9. */
const nearHalf = (ones: number, n: number) => Math.abs(ones - n / 2) < 3 * Math.sqrt(n);

describe.each([
  ['native', nativeKeystream],
  ['portable', portableKeystream],
  ['chosen', keystream],
])('the %s key stream', (_, stream) => {
  it('is AES-128 of the counter 0 (RFC 4493, section 4: AES-128(key, 0))', () => {
    expect(hex(stream(key('2b7e151628aed2a6abf7158809cf4f3c'), 16))).toBe('7df76b0c1ab899b33e42f047b91b546f');
  });

  it('goes on with the counters 1, 2 (GCM specification, test cases 1 and 2: H, E(Y0), E(Y1))', () => {
    const expected =
      '66e94bd4ef8a2c3b884cfa59ca342b2e' +
      '58e2fccefa7e3061367f1d57a4e7455a' +
      '0388dace60b6a392f328c2b971b2fe78';
    expect(hex(stream(new Uint8Array(16), 48))).toBe(expected);
  });

  it.each([0, 1, 15, 16, 17])('of %i bytes is a prefix', (length) => {
    expect(stream(new Uint8Array(16), length)).toEqual(stream(new Uint8Array(16), 64).slice(0, length));
  });

  it('refuses a wrong key or length', () => {
    for (const size of [0, 15, 17, 32]) expect(() => stream(new Uint8Array(size), 16)).toThrow(RangeError);
    for (const length of [-1, 1.5, Number.NaN]) {
      expect(() => stream(new Uint8Array(16), length)).toThrow(RangeError);
    }
  });

  it('starts a buffer', () => {
    expect(stream(new Uint8Array(16), 100).byteOffset % 8).toBe(0);
  });
});

it('gives the same bytes natively and portably, over several native pieces', () => {
  const seed = key('000102030405060708090a0b0c0d0e0f');
  for (const length of [1000, (1 << 17) - 1, 1 << 17, (1 << 18) + 33]) {
    expect(Buffer.compare(nativeKeystream(seed, length), portableKeystream(seed, length))).toBe(0);
  }
});

describe.each(['native', 'portable'] as const)('the %s stream, piece by piece', (implementation) => {
  const seed = key('f0e1d2c3b4a5968778695a4b3c2d1e0f');
  const PIECES = [0, 8, 16, 24, 1, 65_536, 15, 131_072, 32, 131_073, 7, 8];

  it('is the whole stream, however it is cut', () => {
    const stream = new Keystream(seed, implementation);
    const pieces = PIECES.map((length) => stream.next(length));
    expect(pieces.map((piece) => piece.length)).toEqual(PIECES);
    const whole = portableKeystream(
      seed,
      PIECES.reduce((sum, length) => sum + length, 0),
    );
    expect(Buffer.compare(Buffer.concat(pieces), whole)).toBe(0);
  });

  it('is a buffer of its own each time, and keeps no hold of the key', () => {
    const own = Uint8Array.from(seed);
    const stream = new Keystream(own, implementation);
    const first = stream.next(16);
    own.fill(0);
    const second = stream.next(24);
    for (const piece of [first, second]) {
      expect([piece.byteOffset, piece.byteLength]).toEqual([0, piece.buffer.byteLength]);
      expect(piece.constructor).toBe(Uint8Array);
    }
    const expected = hex(portableKeystream(seed, 40));
    first.fill(0);
    expect(hex(second)).toBe(expected.slice(32));
  });
});

describe('without node:crypto', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['no process', undefined],
    ['an older process', {}],
  ])('%s: the portable stream is used', async (_, process) => {
    vi.stubGlobal('process', process);
    vi.resetModules();
    const browser = await import('../../src/kernels/keystream.js');
    vi.unstubAllGlobals();
    const seed = key('2b7e151628aed2a6abf7158809cf4f3c');
    expect(() => new browser.Keystream(seed, 'native')).toThrow(TypeError);
    expect(hex(browser.keystream(seed, 16))).toBe('7df76b0c1ab899b33e42f047b91b546f');
  });
});

describe('values from a stream', () => {
  const seed = key('5eed5eed5eed5eed5eed5eed5eed5eed');

  it.each(WIDTHS)('ring elements of width %i are the stream, and every bit of them is fair', (width) => {
    const n = 4096;
    const x = ringFromStream(seed, width, n);
    expect(x.length).toBe(n);
    expect(Buffer.compare(x.bytes(), keystream(seed, (n * width) / 8))).toBe(0);
    const numbers = x.toBigInts();
    for (let j = 0n; j < BigInt(width); j++) {
      const ones = numbers.filter((v) => ((v >> j) & 1n) === 1n).length;
      expect(nearHalf(ones, n), `bit ${j}: ${ones} of ${n}`).toBe(true);
    }
    expect(new Set(numbers).size).toBeGreaterThan(n - 10);
  });

  it.each([0, 1, 63, 64, 65, 4096])('rows of %i bits have clear tails', (n) => {
    const bits = bitsFromStream(seed, 3, n);
    expect([bits.rows, bits.length]).toEqual([3, n]);
    expect(tailsAreClear(bits)).toBe(true);
  });

  it('bits are fair in every row and place of a word', () => {
    const [rows, n] = [4, 64 * 500 + 7];
    const bits = bitsFromStream(seed, rows, n);
    const places = Array.from({ length: 64 }, () => 0);
    for (let r = 0; r < rows; r++) {
      let ones = 0;
      for (let i = 0; i < n; i++) {
        ones += bits.get(r, i);
        if (i < 64 * 500) places[i % 64]! += bits.get(r, i);
      }
      expect(nearHalf(ones, n), `row ${r}: ${ones} of ${n}`).toBe(true);
    }
    for (const ones of places) expect(nearHalf(ones, rows * 500)).toBe(true);
  });

  it('differ between keys', () => {
    const other = key('5eed5eed5eed5eed5eed5eed5eed5eee');
    expect(ringFromStream(seed, 64, 2).toBigInts()).not.toEqual(ringFromStream(other, 64, 2).toBigInts());
  });
});
