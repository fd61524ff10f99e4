import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import pino from 'pino';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { xor } from '../../src/share/bits.js';
import { add, concatenate, subtract } from '../../src/share/linear.js';
import { ArithmeticShare, BinaryShare, latest } from '../../src/share/shares.js';

const CANARY = 1234567890123n;
const bounds = { min: 0n, max: 1n << 50n };
const arithmetic = new ArithmeticShare({
  width: 64,
  length: 1,
  bounds,
  held: [0],
  parts: [RingVector.fromBigInts(64, [CANARY])],
  clock: 0,
});
const wide = new ArithmeticShare({
  width: 128,
  length: 1,
  bounds,
  held: [0],
  parts: [RingVector.fromBigInts(128, [CANARY])],
  clock: 0,
});
const binary = new BinaryShare({
  rows: 1,
  length: 64,
  held: [0],
  parts: [new BitMatrix(1, 64, BigUint64Array.of(CANARY))],
  clock: 0,
});

describe.each([
  ['arithmetic', arithmetic],
  ['binary', binary],
])('a share (%s)', (_, share: ArithmeticShare<64> | BinaryShare) => {
  it.each<[string, () => unknown]>([
    ['template string', () => `${share as unknown as string}`],
    ['String()', () => String(share)],
    ['toString', () => share.toString()],
    ['concatenation', () => 'x' + (share as unknown as string)],
    ['JSON', () => JSON.stringify(share)],
    ['JSON inside an object', () => JSON.stringify({ deep: [share] })],
    ['less than', () => (share as unknown as number) < 1],
    ['comparison with a share', () => (share as unknown as number) >= (share as unknown as number)],
    ['arithmetic', () => (share as unknown as number) + 1],
    ['Number()', () => Number(share)],
    ['as a key', () => ({ [share as unknown as string]: 1 })],
  ])('throws as %s', (_name, use) => {
    expect(use).toThrow(TypeError);
  });

  it('shows nothing to inspectors and loggers', () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    pino(sink).info({ share }, 'logged by accident');
    const texts = [
      inspect(share),
      inspect({ deep: { share } }, { showHidden: true, depth: 9 }),
      format('%o %O', share, share),
      ...lines,
    ];
    expect(lines).toHaveLength(1);
    for (const text of texts) expect(text).not.toContain(String(CANARY));
    expect(inspect(share)).toBe('[share]');
  });

  it('has parts of its own size only', () => {
    expect(() => share.with({ length: 2 })).toThrow(RangeError);
    expect(() => share.with({ parts: [] })).toThrow(RangeError);
  });
});

describe('kinds of shares', () => {
  it('have different types: these lines do not compile', () => {
    const neverRun = (): void => {
      // @ts-expect-error: rings of different widths
      add(arithmetic, wide);
      // @ts-expect-error: rings of different widths
      subtract(wide, arithmetic);
      // @ts-expect-error: rings of different widths
      concatenate([arithmetic, wide]);
      // @ts-expect-error: a binary share is no arithmetic one
      add(arithmetic, binary);
      // @ts-expect-error: an arithmetic share is no binary one
      xor(binary, arithmetic);
      // @ts-expect-error: the width is invariant
      const any: ArithmeticShare<32 | 64> = arithmetic;
      const { rows, length, held, parts, clock } = binary;
      // @ts-expect-error: something that looks like a share is none
      const made: BinaryShare = { rows, length, held, parts, clock };
      void [any, made];
    };
    expect(neverRun).toBeTypeOf('function');
    expectTypeOf(arithmetic).not.toEqualTypeOf<typeof wide>();
  });

  it('of different widths are refused at run time too', () => {
    expect(() => add(arithmetic, wide as unknown as ArithmeticShare<64>)).toThrow(TypeError);
  });

  it('exist when the last of them does', () => {
    expect(latest()).toBe(0);
    expect(latest({ clock: 2 }, { clock: 5 }, { clock: 3 })).toBe(5);
  });
});
