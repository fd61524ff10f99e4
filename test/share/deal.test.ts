import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { holdersOf, type NodeIndex, type PartIndex, PLAIN, REP3 } from '../../src/core/scheme.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import {
  dealBits,
  dealRing,
  deriveSeed,
  expandBits,
  expandRing,
  explicitPart,
  type SeedPlace,
} from '../../src/share/deal.js';
import { type Copy, reconstruct } from '../../src/share/reconstruct.js';
import { TestRandom } from '../support/random.js';

const part = fc.constantFrom<PartIndex>(0, 1, 2);
const width = fc.constantFrom<RingWidth>(32, 64, 128);
const seeds = fc
  .array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 3, maxLength: 3 })
  .map((list) => (index: PartIndex) => list[index] as Uint8Array);
const residues = fc.array(fc.bigInt(0n, (1n << 128n) - 1n), { maxLength: 20 });

/** All parts of a dealt vector. */
function partsOf(
  values: RingVector,
  explicit: PartIndex,
  seedOf: (p: PartIndex) => Uint8Array,
): RingVector[] {
  return REP3.parts.map((index) =>
    index === explicit
      ? dealRing(values, REP3, explicit, seedOf)
      : expandRing(seedOf(index), values.width, values.length),
  );
}

function copiesOf(parts: readonly RingVector[]): Copy[] {
  return REP3.parts.flatMap((index) =>
    holdersOf(REP3, index).map((node) => ({ node, part: index, vector: parts[index] as RingVector })),
  );
}

describe('dealing', () => {
  it('is undone by reconstruction, for every width and explicit part', () => {
    fc.assert(
      fc.property(residues, width, part, seeds, (values, w, explicit, seedOf) => {
        const vector = RingVector.fromBigInts(w, values);
        const copies = copiesOf(partsOf(vector, explicit, seedOf));
        expect(reconstruct(REP3, copies).toBigInts()).toEqual(vector.toBigInts());
      }),
    );
  });

  it('of bits is undone by XOR', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1), { maxLength: 200 }),
        part,
        seeds,
        (row, explicit, seedOf) => {
          const bits = BitMatrix.fromBits([row]);
          const parts = REP3.parts.map((index) =>
            index === explicit
              ? dealBits(bits, REP3, explicit, seedOf)
              : expandBits(seedOf(index), row.length),
          );
          const sums = row.map((_, i) => parts.reduce((bit, matrix) => bit ^ matrix.get(0, i), 0));
          expect(sums).toEqual(row);
        },
      ),
    );
  });

  it('asks for no seed of the explicit part, and in the clear scheme for none', () => {
    const asked: number[] = [];
    const seedOf = (index: PartIndex): Uint8Array => {
      asked.push(index);
      return new Uint8Array(16);
    };
    dealRing(RingVector.zeros(64, 3), REP3, 1, seedOf);
    expect(asked).toEqual([0, 2]);
    const values = RingVector.fromBigInts(64, [5n]);
    expect(dealRing(values, PLAIN, 0, seedOf).toBigInts()).toEqual([5n]);
    expect(asked).toEqual([0, 2]);
  });

  it('rotates the explicit part by chunk', () => {
    expect([0, 1, 2, 3, 4].map((chunk) => explicitPart(REP3, chunk))).toEqual([0, 1, 2, 0, 1]);
    expect(() => explicitPart(REP3, -1)).toThrow(RangeError);
    expect(() => explicitPart(REP3, 0.5)).toThrow(RangeError);
  });

  const N = 100_000;
  it.each([
    ['zeros', 0n],
    ['ones', -1n],
  ])('of %s gives parts that are uniform, alone and two together', (name, secret) => {
    const random = new TestRandom(`uniform-${name}`, 20260101);
    const list = REP3.parts.map(() => random.bytes(16));
    const values = RingVector.fromBigInts(
      64,
      Array.from({ length: N }, () => secret),
    );
    const parts = partsOf(values, 2, (index) => list[index] as Uint8Array).map((vector) => vector.bytes());
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const [one, two] = [parts[a] as Uint8Array, parts[b] as Uint8Array];
      expect(biasedBits(one)).toEqual([]);
      expect(biasedBits(one.map((byte, i) => byte ^ (two[i] ?? 0)))).toEqual([]);
    }
    // The same check sees what all three parts together determine.
    const all = (parts[0] as Uint8Array).map((byte, i) => byte ^ (parts[1]?.[i] ?? 0) ^ (parts[2]?.[i] ?? 0));
    expect(biasedBits(all)).not.toEqual([]);
  });
});

/** Bit positions of 64-bit words that are not 1 half of the time, at 6 standard deviations. */
function biasedBits(bytes: Uint8Array): number[] {
  const ones = Array.from({ length: 64 }, () => 0);
  bytes.forEach((byte, at) => {
    for (let bit = 0; bit < 8; bit++) {
      const position = 8 * (at % 8) + bit;
      ones[position] = (ones[position] ?? 0) + ((byte >> bit) & 1);
    }
  });
  const n = bytes.length / 8;
  return ones.flatMap((count, position) => (Math.abs(count - n / 2) > 3 * Math.sqrt(n) ? [position] : []));
}

describe('seeds', () => {
  const secret = new TestRandom('upload', 1).bytes(32);
  const place: SeedPlace = { column: 'weight', kind: 'values', part: 0, chunk: 0 };

  it('are HMAC-SHA256 of their place', () => {
    const name = '["warifu seed v1","weight","values",0,0]';
    const expected = createHmac('sha256', secret).update(name).digest().subarray(0, 16);
    expect(Buffer.from(deriveSeed(secret, place))).toEqual(expected);
  });

  it('differ by secret, column, kind, part and chunk, whatever characters a name has', () => {
    const places: SeedPlace[] = [
      place,
      { ...place, column: '体重' },
      { ...place, column: 'weight","values' },
      { ...place, kind: 'validity' },
      { ...place, part: 1 },
      { ...place, chunk: 1 },
      { ...place, chunk: 10 },
    ];
    const all = [
      ...places.map((other) => deriveSeed(secret, other)),
      deriveSeed(new Uint8Array(32), place),
    ].map((seed) => Buffer.from(seed).toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });

  it('need a secret of 32 bytes', () => {
    expect(() => deriveSeed(new Uint8Array(31), place)).toThrow(RangeError);
  });
});

describe('reconstruction', () => {
  const parts = [3n, 5n, -7n].map((value) => RingVector.fromBigInts(64, [value, value]));
  const copies = copiesOf(parts);
  const codeOf = (list: readonly Copy[]): string => {
    try {
      reconstruct(REP3, list);
      return 'shown';
    } catch (error) {
      return error instanceof WarifuError ? error.code : 'not typed';
    }
  };

  it('adds the parts, in whatever order the copies came', () => {
    expect(reconstruct(REP3, copies.toReversed()).toBigInts()).toEqual([1n, 1n]);
    expect(reconstruct(PLAIN, [{ node: 0, part: 0, vector: parts[0] as RingVector }]).toBigInts()).toEqual([
      3n,
      3n,
    ]);
  });

  it('notices every altered bit of every copy, and names both senders', () => {
    copies.forEach((copy, at) => {
      for (let bit = 0; bit < 128; bit++) {
        const bytes = Uint8Array.from(copy.vector.bytes());
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit % 8));
        const altered = copies.with(at, { ...copy, vector: RingVector.fromBytes(64, bytes) });
        const nodes = holdersOf(REP3, copy.part).map(String);
        expect(() => reconstruct(REP3, altered)).toThrow(
          expect.objectContaining({ code: 'COPIES_DIFFER', details: { part: copy.part, nodes } }) as Error,
        );
      }
    });
  });

  it('refuses a missing, doubled, foreign or misshapen copy', () => {
    copies.forEach((copy, at) => {
      expect(codeOf(copies.toSpliced(at, 1))).toBe('MESSAGE_FORM');
      expect(codeOf([...copies, copy])).toBe('MESSAGE_FORM');
      expect(codeOf(copies.with(at, copies[(at + 1) % copies.length] as Copy))).toBe('MESSAGE_FORM');
      expect(codeOf(copies.with(at, { ...copy, vector: RingVector.zeros(64, 1) }))).toBe('MESSAGE_FORM');
      expect(codeOf(copies.with(at, { ...copy, vector: RingVector.zeros(128, 2) }))).toBe('MESSAGE_FORM');
    });
    const foreign = REP3.nodes.map((node) => ({
      node,
      part: ((node + 2) % 3) as PartIndex,
      vector: parts[0] as RingVector,
    }));
    for (const copy of foreign) expect(codeOf([...copies, copy])).toBe('MESSAGE_FORM');
    expect(codeOf([...copies, { node: 3 as NodeIndex, part: 0, vector: parts[0] as RingVector }])).toBe(
      'MESSAGE_FORM',
    );
    expect(codeOf([])).toBe('MESSAGE_FORM');
  });
});
