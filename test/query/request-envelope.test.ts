import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/core/bytes.js';
import { canonicalJson } from '../../src/core/canonical-json.js';
import type { Request } from '../../src/query/request.js';
import {
  MAX_REQUEST_BYTES,
  newRequest,
  type OpenRequestOptions,
  openRequest,
  requestDigest,
  signRequest,
} from '../../src/query/request-envelope.js';
import { sign } from '../../src/query/request-signature.js';
import {
  alice,
  BODIES,
  CLUSTER,
  codeOf,
  flipped,
  mallory,
  NOW,
  publicKeyOf,
  queryRequest,
} from './request-fixtures.js';

const options: OpenRequestOptions = { cluster: CLUSTER, now: NOW, publicKeyOf };

/** An envelope over any text, signed as a client with its own software could. */
function envelopeOf(text: string): Uint8Array {
  const json = new TextEncoder().encode(text);
  return new ByteWriter()
    .u8(1)
    .sized(json)
    .raw(sign('request', json, alice.privateKey))
    .finish();
}

describe('request envelope', () => {
  it.each(BODIES)('opens what was signed: $kind', (body) => {
    const { request, replyKey } = newRequest({ cluster: CLUSTER, user: 'alice', now: NOW }, body);
    const opened = openRequest(signRequest(request, alice.privateKey), options);
    expect(opened).toEqual(request);
    expect(opened.reply_key).toBe(Buffer.from(replyKey.publicKey).toString('hex'));
  });

  it('makes a fresh nonce and reply key for each request', () => {
    const [first, second] = [queryRequest(), queryRequest()];
    expect(first.nonce).not.toBe(second.nonce);
    expect(first.reply_key).not.toBe(second.reply_key);
  });

  it('signs deterministically, and the digest covers every byte', () => {
    const request = queryRequest();
    const bytes = signRequest(request, alice.privateKey);
    expect(signRequest(request, alice.privateKey)).toEqual(bytes);
    expect(requestDigest(flipped(bytes, bytes.length - 1))).not.toEqual(requestDigest(bytes));
  });

  it('refuses a flipped bit in every byte, and every cut', () => {
    const bytes = signRequest(queryRequest(), alice.privateKey);
    for (let at = 0; at < bytes.length; at++) {
      expect(
        codeOf(() => openRequest(flipped(bytes, at), options)),
        `byte ${at}`,
      ).toMatch(/^(REQUEST_INVALID|REQUEST_MISADDRESSED|NOT_ENROLLED)$/);
      expect(
        codeOf(() => openRequest(bytes.subarray(0, at), options)),
        `cut at ${at}`,
      ).toBe('REQUEST_INVALID');
    }
    expect(codeOf(() => openRequest(new Uint8Array([...bytes, 0]), options))).toBe('REQUEST_INVALID');
  });

  it('refuses another cluster, an unknown user and another key', () => {
    const bytes = signRequest(queryRequest(), alice.privateKey);
    expect(codeOf(() => openRequest(bytes, { ...options, cluster: 'ac'.repeat(32) }))).toBe(
      'REQUEST_MISADDRESSED',
    );
    const stranger = signRequest({ ...queryRequest(), user: 'mallory' }, mallory.privateKey);
    expect(codeOf(() => openRequest(stranger, options))).toBe('NOT_ENROLLED');
    const forged = signRequest(queryRequest(), mallory.privateKey);
    expect(() => openRequest(forged, options)).toThrow(/does not match the key enrolled for user 'alice'/);
  });

  it.each([NOW - 300_000, NOW + 300_000])('accepts a clock that is five minutes off: %s', (time) => {
    const bytes = signRequest({ ...queryRequest(), time }, alice.privateKey);
    expect(openRequest(bytes, options).time).toBe(time);
  });

  it.each([
    [NOW - 301_000, /301 seconds behind this node's clock/],
    [NOW + 600_000, /600 seconds ahead of this node's clock/],
  ])('prints the difference when a clock is further off: %s', (time, message) => {
    const bytes = signRequest({ ...queryRequest(), time }, alice.privateKey);
    expect(() => openRequest(bytes, options)).toThrow(message);
    expect(codeOf(() => openRequest(bytes, options))).toBe('REQUEST_EXPIRED');
  });

  it('does not take a signature made for another purpose', () => {
    const json = new TextEncoder().encode(canonicalJson(queryRequest()));
    const bytes = new ByteWriter()
      .u8(1)
      .sized(json)
      .raw(sign('manifest', json, alice.privateKey))
      .finish();
    expect(codeOf(() => openRequest(bytes, options))).toBe('REQUEST_INVALID');
  });

  const request = queryRequest();
  const without = (field: keyof Request): Record<string, unknown> => {
    const copy: Record<string, unknown> = { ...request };
    delete copy[field];
    return copy;
  };
  it.each<[string, string]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['not canonical: spaces', canonicalJson(request).replace(',', ', ')],
    ['not canonical: order', JSON.stringify(request)],
    ['a field twice', canonicalJson(request).replace('"explain":false', '"explain":false,"explain":false')],
    ['an unknown field', canonicalJson({ ...request, admin: true })],
    ['a prototype', canonicalJson(request).replace('{', '{"__proto__":{"admin":true},')],
    ['no nonce', canonicalJson(without('nonce'))],
    ['no reply key', canonicalJson(without('reply_key'))],
    ['an unknown kind', canonicalJson({ ...request, kind: 'shutdown' })],
    ['a long SQL text', canonicalJson({ ...request, sql: 'x'.repeat(16_385) })],
    ['a fractional time', canonicalJson({ ...request, time: NOW + 0.5 })],
    ['an upper-case id', canonicalJson({ ...request, id: 'AB'.repeat(16) })],
    ['a later version', canonicalJson({ ...request, v: 2 })],
    ['deep nesting', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a user name of two words', canonicalJson({ ...request, user: 'alice bob' })],
  ])('refuses, though properly signed, %s', (_what, text) => {
    expect(codeOf(() => openRequest(envelopeOf(text), options))).toBe('REQUEST_INVALID');
  });

  it('refuses text that is not UTF-8', () => {
    const json = Uint8Array.of(0x7b, 0xff, 0x7d);
    const bytes = new ByteWriter()
      .u8(1)
      .sized(json)
      .raw(sign('request', json, alice.privateKey))
      .finish();
    expect(codeOf(() => openRequest(bytes, options))).toBe('REQUEST_INVALID');
  });

  it('names the field when a client fills in something no node accepts', () => {
    expect(() => signRequest({ ...request, sql: '' }, alice.privateKey)).toThrow(/field 'sql'/);
  });

  it.each([' x', 'x\u0000', 'e\u0301', '\ud800', ''])('refuses the table name %j', (table) => {
    const { request: describeRequest } = newRequest(
      { cluster: CLUSTER, user: 'alice', now: NOW },
      { kind: 'describe', table },
    );
    expect(codeOf(() => signRequest(describeRequest, alice.privateKey))).toBe('REQUEST_INVALID');
  });

  it('checks the schema of an upload', () => {
    const { request: begin } = newRequest(
      { cluster: CLUSTER, user: 'alice', now: NOW },
      {
        kind: 'upload-begin',
        table: 't',
        slice: 's',
        version: 'ab'.repeat(16),
        schema: { warifu_schema: 1, missing: [], columns: [] },
        rows: 1,
        chunk_rows: 64,
        replace: false,
      },
    );
    expect(codeOf(() => openRequest(signRequest(begin, alice.privateKey), options))).toBe('SCHEMA_INVALID');
  });

  it('refuses a huge envelope before reading it', () => {
    expect(codeOf(() => openRequest(new Uint8Array(MAX_REQUEST_BYTES + 1), options))).toBe('REQUEST_INVALID');
  });
});
