import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, MAX_JSON_DEPTH, parseBoundedJson } from '../../src/core/canonical-json.js';

describe('canonical JSON', () => {
  it('gives the example of RFC 8785, section 3.2.2', () => {
    const data: unknown = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalJson(data)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units (RFC 8785, section 3.2.3)', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const data = Object.fromEntries(keys.map((key) => [key, 0]));
    expect(Object.keys(JSON.parse(canonicalJson({ x: data }).slice(5, -1)) as object)).toHaveLength(7);
    const order = [...canonicalJson(data).matchAll(/"((?:[^"\\]|\\.)*)":/g)].map((match) => match[1]);
    expect(order).toEqual(['\\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']);
  });

  it('does not depend on the order of keys, and parses back to the same data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (data) => {
        const wellFormed: unknown = JSON.parse(JSON.stringify(data).replaceAll(/\\ud[89a-f]../g, ''));
        const reversed = Object.fromEntries(Object.entries(wellFormed as object).reverse());
        const text = canonicalJson(wellFormed);
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(wellFormed)));
      }),
    );
  });

  it.each([
    [1n],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['\ud800'],
    [new Date(0)],
    [undefined],
    [() => 0],
  ])('refuses %s, which has no form', (value) => {
    expect(() => canonicalJson({ value: [value] })).toThrow(TypeError);
  });

  it('bounds the nesting before parsing, and does not count brackets in texts', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseBoundedJson(nested(MAX_JSON_DEPTH), 'x')).toBeInstanceOf(Array);
    expect(() => parseBoundedJson(nested(MAX_JSON_DEPTH + 1), 'the note')).toThrow(
      /the note is nested deeper/,
    );
    expect(parseBoundedJson(JSON.stringify('["\\['.repeat(50)), 'x')).toBe('["\\['.repeat(50));
    expect(() => parseBoundedJson(nested(1_000_000), 'x')).toThrow(/nested/);
  });

  it('never quotes what it could not parse', () => {
    expect(() => parseBoundedJson('{"patient": 山田太郎', 'the note')).toThrow(
      /^the note is not valid JSON$/,
    );
  });
});
