import { describe, expect, it } from 'vitest';
import {
  chunkCount,
  decodeManifest,
  encodeManifest,
  Manifest,
  type ManifestHead,
  manifestDigest,
} from '../../src/query/request-manifest.js';
import { alice, CLUSTER, codeOf, flipped, mallory, publicKeyOf } from './request-fixtures.js';

const head: ManifestHead = {
  cluster: CLUSTER,
  user: 'alice',
  table: '患者',
  slice: 'north',
  version: '0f'.repeat(16),
  rows: 130,
  chunkRows: 64,
  parts: 3,
  nullable: [true, false],
};
const places = [...Manifest.places(head)];
/** Commitment i is 32 times the byte i. */
const commitments = new Uint8Array(places.flatMap((_place, i) => Array<number>(32).fill(i)));
const manifest = new Manifest(head, commitments);
const encoded = encodeManifest(manifest, alice.privateKey);

describe('manifest', () => {
  it('has one commitment a place, in the order chunk, column, kind, part', () => {
    expect(chunkCount(head)).toBe(3);
    expect(places).toHaveLength(3 * 3 * 3);
    expect(
      places.slice(0, 10).map(({ chunk, column, kind, part }) => `${chunk}/${column}/${kind}/${part}`),
    ).toEqual([
      '0/0/values/0',
      '0/0/values/1',
      '0/0/values/2',
      '0/0/validity/0',
      '0/0/validity/1',
      '0/0/validity/2',
      '0/1/values/0',
      '0/1/values/1',
      '0/1/values/2',
      '1/0/values/0',
    ]);
    for (const [i, place] of places.entries()) expect(manifest.commitmentAt(place)[0]).toBe(i);
  });

  it('refuses places that the slice does not have', () => {
    const place = { chunk: 0, column: 0, kind: 'values', part: 0 } as const;
    expect(() => manifest.commitmentAt({ ...place, chunk: 3 })).toThrow(RangeError);
    expect(() => manifest.commitmentAt({ ...place, column: 2 })).toThrow(RangeError);
    expect(() => manifest.commitmentAt({ ...place, part: 3 })).toThrow(RangeError);
    expect(() => manifest.commitmentAt({ ...place, column: 1, kind: 'validity' })).toThrow(RangeError);
    expect(() => new Manifest(head, commitments.subarray(32))).toThrow(RangeError);
  });

  it('survives encoding, with the context of its commitments', () => {
    const decoded = decodeManifest(encoded, publicKeyOf);
    expect(decoded.head).toEqual(head);
    expect(decoded.commitments).toEqual(commitments);
    expect(decoded.contextOf({ chunk: 2, column: 1, kind: 'values', part: 1 })).toEqual({
      cluster: CLUSTER,
      table: '患者',
      slice: 'north',
      version: head.version,
      chunk: 2,
      column: 1,
      kind: 'values',
      part: 1,
    });
  });

  it('is refused with a flipped bit in any byte, and cut anywhere; its digest notices too', () => {
    for (let at = 0; at < encoded.length; at += at < 150 ? 1 : 13) {
      expect(
        codeOf(() => decodeManifest(flipped(encoded, at), publicKeyOf)),
        `byte ${at}`,
      ).toMatch(/^(REQUEST_INVALID|NOT_ENROLLED)$/);
      expect(codeOf(() => decodeManifest(encoded.subarray(0, at), publicKeyOf))).toBe('REQUEST_INVALID');
      expect(manifestDigest(flipped(encoded, at))).not.toEqual(manifestDigest(encoded));
    }
  });

  it('of another signer, or over the size limit, is refused', () => {
    expect(codeOf(() => decodeManifest(encodeManifest(manifest, mallory.privateKey), publicKeyOf))).toBe(
      'REQUEST_INVALID',
    );
    const stranger = encodeManifest(
      new Manifest({ ...head, user: 'mallory' }, commitments),
      mallory.privateKey,
    );
    expect(codeOf(() => decodeManifest(stranger, publicKeyOf))).toBe('NOT_ENROLLED');
    expect(codeOf(() => decodeManifest(encoded, publicKeyOf, encoded.length - 1))).toBe('REQUEST_INVALID');
  });

  it.each<[string, Partial<ManifestHead>]>([
    ['no rows', { rows: 0 }],
    ['too many rows', { rows: 2 ** 31 + 1 }],
    ['five parts', { parts: 5 }],
    ['no columns', { nullable: [] }],
    ['huge chunks', { chunkRows: 2 ** 21 }],
    ['chunks of no rows', { chunkRows: 0 }],
  ])('that speaks of %s is refused, though properly signed', (_what, change) => {
    // The encoder takes what it is given, as a lying client's own software would.
    const lying = { head: { ...head, ...change }, commitments } as Manifest;
    expect(codeOf(() => decodeManifest(encodeManifest(lying, alice.privateKey), publicKeyOf))).toBe(
      'REQUEST_INVALID',
    );
  });
});
