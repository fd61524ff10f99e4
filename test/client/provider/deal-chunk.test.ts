import { describe, expect, it } from 'vitest';
import { type DealContext, dealChunk } from '../../../src/client/provider/deal-chunk.js';
import type { EncodedColumn } from '../../../src/client/schema/encode.js';
import { partsHeldBy, REP3, REP4, type Scheme } from '../../../src/core/scheme.js';
import { SecretBytes } from '../../../src/core/secret.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';

const N = 70;
const bits = BitMatrix.fromBits([Array.from({ length: N }, (_, i) => i % 2)]);
const COLUMNS: readonly EncodedColumn[] = [
  {
    column: { name: 'x', type: { kind: 'integer', digits: 0, min: 0n, max: 100n }, nullable: true },
    values: RingVector.fromBigInts(
      64,
      Array.from({ length: N }, (_, i) => BigInt(i)),
    ),
    validity: bits,
  },
  {
    column: { name: 'y', type: { kind: 'boolean', true: ['1'], false: ['0'] }, nullable: true },
    values: bits,
    validity: bits,
  },
];

function context(fill: number, scheme: Scheme = REP3): DealContext {
  const secret = new SecretBytes(new Uint8Array(32).fill(fill));
  return { scheme, cluster: 'ab'.repeat(32), table: 't', slice: 's', version: 'cd'.repeat(16), secret };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function pads(fill: number): string[] {
  return [0, 1, 2, 3].flatMap((chunk) =>
    dealChunk(context(fill), COLUMNS, chunk)
      .sections.flat()
      .flatMap(({ salt, form, payload }) => [hex(salt), ...(form === 'seed' ? [hex(payload)] : [])]),
  );
}

describe('a dealt chunk', () => {
  it('has a salt and a seed of its own for every column, kind, part and chunk', () => {
    const all = [...pads(1), ...pads(2)];
    // two columns of two kinds, four chunks: a salt for each of three parts, a seed for two; two secrets
    expect(all).toHaveLength(2 * (4 * 4 * (3 + 2)));
    expect(new Set(all).size).toBe(all.length);
  });

  it('has no salt that shows another: none is a seed, none begins like one', () => {
    const starts = pads(1).map((text) => text.slice(0, 32));
    expect(new Set(starts).size).toBe(starts.length);
  });

  it('is the same bytes when it is dealt again, and others for other content', () => {
    const first = dealChunk(context(1), COLUMNS, 2);
    expect(dealChunk(context(1), COLUMNS, 2)).toEqual(first);
    const other = [{ ...COLUMNS[0]!, values: RingVector.zeros(64, N) }, COLUMNS[1]!];
    expect(dealChunk(context(1), other, 2).digest).not.toEqual(first.digest);
  });

  it('sends one part as bytes, another one in each chunk', () => {
    const explicit = (scheme: Scheme): number[][] =>
      [0, 1, 2, 3].map((chunk) => {
        const { sections } = dealChunk(context(1, scheme), COLUMNS, chunk);
        return sections.flatMap((list, part) => (list.every(({ form }) => form === 'bytes') ? [part] : []));
      });
    expect(explicit(REP3)).toEqual([[0], [1], [2], [0]]);
    expect(explicit(REP4)).toEqual([[0], [1], [2], [3]]);
  });

  it.each([REP3, REP4])(
    'sends a value to the holders of one part, and seeds: 8 B to each ($name)',
    (scheme) => {
      const { sections } = dealChunk(context(1, scheme), [COLUMNS[0]!], 1);
      const sent = scheme.nodes.map((node) =>
        partsHeldBy(scheme, node)
          .flatMap((part) => sections[part] ?? [])
          .filter(({ kind }) => kind === 'values')
          .reduce((bytes, { form, payload }) => bytes + (form === 'seed' ? 0 : payload.length), 0),
      );
      expect(sent.reduce((all, bytes) => all + bytes, 0)).toBe(8 * N * (scheme.nodes.length - 1));
    },
  );
});
