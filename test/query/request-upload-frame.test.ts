import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeUploadFrame,
  encodeUploadFrame,
  type UploadFrame,
  type UploadFrameExpectation,
} from '../../src/query/request-upload-frame.js';
import { alice, CLUSTER, codeOf, flipped, mallory, publicKeyOf } from './request-fixtures.js';

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const frame: UploadFrame = {
  cluster: CLUSTER,
  node: 1,
  user: 'alice',
  table: '患者',
  slice: 'north',
  version: '0f'.repeat(16),
  part: 2,
  chunk: 5,
  sections: [
    { column: 0, kind: 'values', form: 'seed', salt: bytes(32), payload: bytes(16) },
    { column: 0, kind: 'validity', form: 'bytes', salt: bytes(32), payload: bytes(8) },
    { column: 3, kind: 'values', form: 'bytes', salt: bytes(32), payload: bytes(64) },
  ],
};
const expected: UploadFrameExpectation = { cluster: CLUSTER, node: 1, parts: [1, 2], publicKeyOf };
const encoded = encodeUploadFrame(frame, alice.privateKey);

/** Any change to the frame before it is signed by an enrolled, lying client. */
const lying = (change: Partial<UploadFrame>): Uint8Array =>
  encodeUploadFrame({ ...frame, ...change }, alice.privateKey);

describe('upload frame', () => {
  it('carries what was put in', () => {
    expect(decodeUploadFrame(encoded, expected)).toEqual(frame);
  });

  it.each<[string, Partial<UploadFrameExpectation>]>([
    ['another node', { node: 2, parts: [2, 0] }],
    ['another cluster', { cluster: 'cd'.repeat(32) }],
    ['a part that the node does not hold', { parts: [0, 1] }],
  ])('for %s is misaddressed', (_what, other) => {
    expect(codeOf(() => decodeUploadFrame(encoded, { ...expected, ...other }))).toBe('REQUEST_MISADDRESSED');
  });

  it('of an unknown user, or signed with another key, is refused', () => {
    expect(codeOf(() => decodeUploadFrame(lying({ user: 'mallory' }), expected))).toBe('NOT_ENROLLED');
    expect(codeOf(() => decodeUploadFrame(encodeUploadFrame(frame, mallory.privateKey), expected))).toBe(
      'REQUEST_INVALID',
    );
  });

  it('is refused with a flipped bit in any byte, and cut anywhere', () => {
    for (let at = 0; at < encoded.length; at++) {
      expect(
        codeOf(() => decodeUploadFrame(flipped(encoded, at), expected)),
        `byte ${at}`,
      ).toMatch(/^(REQUEST_INVALID|REQUEST_MISADDRESSED|NOT_ENROLLED)$/);
      expect(
        codeOf(() => decodeUploadFrame(encoded.subarray(0, at), expected)),
        `cut at ${at}`,
      ).toBe('REQUEST_INVALID');
    }
    expect(codeOf(() => decodeUploadFrame(new Uint8Array([...encoded, 0]), expected))).toBe(
      'REQUEST_INVALID',
    );
  });

  it('is refused over the size limit', () => {
    expect(codeOf(() => decodeUploadFrame(encoded, { ...expected, maxBytes: encoded.length - 1 }))).toBe(
      'REQUEST_INVALID',
    );
  });

  const [seeded, validity, values] = frame.sections;
  if (seeded === undefined || validity === undefined || values === undefined) throw new Error('fixture');
  it.each<[string, UploadFrame['sections']]>([
    ['no sections', []],
    ['a section twice', [seeded, seeded]],
    ['sections out of order', [values, seeded]],
    ['validity before values', [validity, seeded]],
    ['a short seed', [{ ...seeded, payload: bytes(15) }]],
    ['a column beyond the limit', [{ ...seeded, column: 1000 }]],
  ])('with %s is refused, though properly signed', (_what, sections) => {
    expect(codeOf(() => decodeUploadFrame(lying({ sections }), expected))).toBe('REQUEST_INVALID');
  });

  it('never crashes and never over-reads on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(encoded.length), (noise, keep) => {
        const mixed = new Uint8Array([...encoded.subarray(0, keep), ...noise]);
        const allowed = Buffer.from(mixed).equals(encoded)
          ? /^none$/
          : /^(REQUEST_INVALID|REQUEST_MISADDRESSED|NOT_ENROLLED)$/;
        expect(codeOf(() => decodeUploadFrame(mixed, expected))).toMatch(allowed);
      }),
    );
  });
});
