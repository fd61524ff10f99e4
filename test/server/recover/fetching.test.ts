/** The recovering node's side: what it makes of wrong answers, of none, and of nodes that do not agree. */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newNamedKey } from '../../../src/core/key-file.js';
import { type NodeIndex, partsHeldBy, REP3, REP4, type Scheme } from '../../../src/core/scheme.js';
import { encodeManifest, Manifest, manifestDigest } from '../../../src/query/request-manifest.js';
import { differencesAmong, othersDiffer, type Said } from '../../../src/server/recover/agreement.js';
import { type Ask, decodeAsk, encodeAsk, encodeHead, messagesOf } from '../../../src/server/recover/ask.js';
import { encodeChunkPayload } from '../../../src/server/recover/chunk-payload.js';
import { type Fault, fetchChunk, fetchManifest } from '../../../src/server/recover/fetch-slice.js';
import {
  HelperSession as Helper,
  HelperRefusal,
  type HelperSession,
} from '../../../src/server/recover/helper-session.js';
import {
  decodeSnapshot,
  encodeSnapshot,
  type Snapshot,
  type SnapshotSlice,
} from '../../../src/server/recover/snapshot.js';
import type { Section } from '../../../src/server/store/chunk-file.js';
import { expectedSections, sectionBytes } from '../../../src/server/work/expand-frame.js';
import { commitment } from '../../../src/share/commitment.js';
import { MemoryNetwork } from '../../../src/transport/memory-network.js';
import { errorOf, SCHEMA } from '../support/hospital.js';

const CLUSTER = 'c'.repeat(64);
const hana = newNamedKey('user', 'hana');
const mallory = newNamedKey('user', 'mallory');

/** A slice of one chunk of `rows` rows, with random payloads for each part, and its manifest. */
function dealt(scheme: Scheme, rows = 5, signer = hana) {
  const version = randomBytes(16).toString('hex');
  const base = { table: 'patients', slice: 'one', version };
  const parts = scheme.parts.map(() =>
    expectedSections({ schema: SCHEMA }).map(
      ({ column, kind, width }): Section => ({
        column,
        kind,
        salt: new Uint8Array(randomBytes(32)),
        payload: new Uint8Array(randomBytes(sectionBytes(width, rows))),
      }),
    ),
  );
  const nullable = SCHEMA.columns.map((column) => column.nullable);
  const head = {
    cluster: CLUSTER,
    user: 'hana',
    ...base,
    rows,
    chunkRows: rows,
    parts: scheme.parts.length,
    nullable,
  };
  const commitments = [...Manifest.places(head)].map((place) => {
    const section = parts[place.part]?.find(
      ({ column, kind }) => column === place.column && kind === place.kind,
    );
    const { salt, payload } = section as Section;
    return commitment(salt, { cluster: CLUSTER, ...base, ...place }, payload);
  });
  const manifest = new Manifest(head, new Uint8Array(Buffer.concat(commitments)));
  const bytes = encodeManifest(manifest, signer.privateKey);
  const slice: SnapshotSlice = {
    ...base,
    contributor: 'hana',
    schema: SCHEMA,
    rows,
    chunkRows: rows,
    chunks: 1,
    manifest: bytesToHex(manifestDigest(bytes)),
  };
  return { slice, manifest, bytes, parts };
}

type Answers = (ask: Ask) => Uint8Array;
function helper(node: NodeIndex, answers: Answers): HelperSession {
  return { node, name: `node-${node}`, ask: async (ask: Ask) => answers(ask) } as never;
}

function fetching(scheme: Scheme, helpers: readonly HelperSession[]) {
  const faults: Fault[] = [];
  const onFault = async (fault: Fault): Promise<void> => void faults.push(fault);
  const publicKeyOf = (user: string): Uint8Array | undefined =>
    user === 'hana' ? hana.publicKey : undefined;
  return { faults, options: { helpers, scheme, cluster: CLUSTER, publicKeyOf, onFault } };
}

describe('a chunk', () => {
  test('with any one bit flipped is refused, its sender named; of four nodes the next holder is asked', async () => {
    const { slice, manifest, parts } = dealt(REP4);
    const length = encodeChunkPayload(parts[0] ?? []).length;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(8 * length - 1),
        fc.constantFrom(...REP4.nodes),
        fc.nat(2),
        async (bit, self, liar) => {
          const others = REP4.nodes.filter((node) => node !== self);
          const wrong = others[liar];
          const helpers = others.map((node) =>
            helper(node, (ask) => {
              if (ask.kind !== 'chunk') throw new Error('unasked');
              const bytes = Uint8Array.from(encodeChunkPayload(parts[ask.part] ?? []));
              if (node === wrong) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
              return bytes;
            }),
          );
          const { faults, options } = fetching(REP4, helpers);
          for (const part of partsHeldBy(REP4, self)) {
            const got = await fetchChunk(options, slice, manifest, { part, chunk: 0 });
            expect(got).toEqual(parts[part]);
          }
          for (const { node, error } of faults)
            expect([node, error.code]).toEqual([wrong, 'COMMITMENT_MISMATCH']);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that the only other holder lies about, or lost, is refused', async () => {
    const { slice, manifest, parts } = dealt(REP3);
    // Part 2 of node 1 is also at node 2 alone.
    const swapped = helper(2, () => encodeChunkPayload(parts[1] ?? []));
    const { faults, options } = fetching(REP3, [
      helper(0, () => expect.fail('it does not hold the part')),
      swapped,
    ]);
    const error = await errorOf(fetchChunk(options, slice, manifest, { part: 2, chunk: 0 }));
    expect(error).toMatchObject({
      code: 'COMMITMENT_MISMATCH',
      details: { node: 'node-2', part: 2, chunk: 0 },
    });
    expect(faults.map(({ node }) => node)).toEqual([2]);
    const damaged = helper(2, () => {
      throw new HelperRefusal('CHUNK_DAMAGED', 'node node-2: gone', { node: 'node-2' });
    });
    const again = fetching(REP3, [damaged]);
    expect(await errorOf(fetchChunk(again.options, slice, manifest, { part: 2, chunk: 0 }))).toMatchObject({
      code: 'CHUNK_DAMAGED',
    });
  });
});

describe('a manifest', () => {
  test('of another digest is refused and the next node asked', async () => {
    const { slice, bytes } = dealt(REP3);
    const other = dealt(REP3).bytes;
    const { faults, options } = fetching(REP3, [helper(0, () => other), helper(2, () => bytes)]);
    expect((await fetchManifest(options, slice)).bytes).toBe(bytes);
    expect(faults.map(({ node, error }) => [node, error.code])).toEqual([[0, 'COMMITMENT_MISMATCH']]);
  });

  test('that all nodes agree on is still the contributor to sign, for this slice', async () => {
    const forged = dealt(REP3, 5, mallory);
    const { options } = fetching(REP3, [helper(0, () => forged.bytes)]);
    expect(await errorOf(fetchManifest(options, forged.slice))).toMatchObject({ code: 'REQUEST_INVALID' });
    const { slice, bytes } = dealt(REP3);
    const moved = fetching(REP3, [helper(0, () => bytes)]).options;
    for (const change of [{ slice: 'two' }, { rows: 6 }, { table: 'others' }, { contributor: 'mallory' }]) {
      const error = await errorOf(fetchManifest(moved, { ...slice, ...change }));
      expect(error, JSON.stringify(change)).toMatchObject({ code: 'REQUEST_INVALID' });
    }
  });
});

describe('an answer', () => {
  /** A session whose other side is played by the test. */
  function session(answerMs: number) {
    const network = new MemoryNetwork(2);
    let failure: Error | undefined;
    const abort = (error: Error): void => {
      failure ??= error;
      network.abort('main', error as never);
    };
    const fake = {
      abort,
      channel: () => network.channel(1),
      close: async () => undefined,
      get failure() {
        return failure as never;
      },
    };
    return { helper: new Helper({ node: 0, name: 'alpha' }, fake, answerMs), other: network.channel(0) };
  }

  test('that does not come ends the session and says what was waited for', async () => {
    const { helper: asking } = session(50);
    const error = await errorOf(asking.ask({ kind: 'snapshot' }, { most: 10 }, 'what it has'));
    expect(error).toMatchObject({ code: 'NO_PROGRESS', details: { node: 'alpha' } });
    expect(error.message).toContain('for node alpha to send what it has');
  });

  test.each([
    ['too long', { most: 3 }],
    ['of another length', { exactly: 5 }],
  ] as const)('%s is the fault of the node', async (_what, length) => {
    const { helper: asking, other } = session(5_000);
    const asked = errorOf(asking.ask({ kind: 'snapshot' }, length, 'a thing'));
    const { head, clock } = messagesOf(0);
    await other.send(1, head, encodeHead({ ok: true, length: 4 }), clock);
    expect(await asked).toMatchObject({ code: 'PEER_MISBEHAVED', details: { node: 'alpha' } });
  });

  test('that is neither an answer nor an error is the fault of the node', async () => {
    const { helper: asking, other } = session(5_000);
    const asked = errorOf(asking.ask({ kind: 'snapshot' }, { most: 9 }, 'a thing'));
    const { head, body, clock } = messagesOf(0);
    await other.send(1, head, encodeHead({ ok: false, length: 2 }), clock);
    await other.send(1, body, new TextEncoder().encode('{}'), clock);
    expect(await asked).toMatchObject({ code: 'PEER_MISBEHAVED', details: { node: 'alpha' } });
  });

  test('questions keep their form', () => {
    const asks: Ask[] = [
      { kind: 'snapshot' },
      { kind: 'end' },
      { kind: 'manifest', version: 'a1'.repeat(16) },
      { kind: 'chunk', version: 'b2'.repeat(16), part: 3, chunk: 2 ** 32 - 1 },
    ];
    for (const ask of asks) expect(decodeAsk(encodeAsk(ask))).toEqual(ask);
  });
});

describe('what nodes say they have', () => {
  const { slice } = dealt(REP3);
  const table = {
    name: 'patients',
    schema: SCHEMA,
    owner: 'hana',
    contributors: ['jun'],
    allowThree: ['hana'],
    minCounts: [{ user: 'hana', minCount: 5 }],
    grants: [{ grantor: 'hana', grantee: 'ana' }],
  };
  const whole: Snapshot = {
    tables: [table],
    slices: [slice],
    pending: ['d'.repeat(32)],
    committing: ['d'.repeat(32)],
  };
  const said = (...snapshots: Snapshot[]): Said[] =>
    snapshots.map((snapshot, i) => ({ name: ['alpha', 'beta', 'gamma'][i] as string, snapshot }));

  test('travels unchanged', () => {
    expect(decodeSnapshot(encodeSnapshot(whole))).toEqual(whole);
    expect(decodeSnapshot(encodeSnapshot({ tables: [], slices: [], pending: [], committing: [] }))).toEqual({
      tables: [],
      slices: [],
      pending: [],
      committing: [],
    });
  });

  test.each([
    ['slices of no table', { ...whole, tables: [] }],
    ['a table twice', { ...whole, tables: [table, { ...table, name: 'PATIENTS' }] }],
    ['a slice twice', { ...whole, slices: [slice, { ...slice, version: 'e'.repeat(32) }] }],
  ])('with %s is refused', (_what, snapshot) => {
    expect(() => decodeSnapshot(encodeSnapshot(snapshot))).toThrow('not in its form');
  });

  test('is bytes of some node: whatever they are, nothing but a typed error comes of them', () => {
    const bytes = encodeSnapshot(whole);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          decodeSnapshot(changed);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'PEER_MISBEHAVED' });
        }
      }),
    );
  });

  const changes: [string, Partial<typeof table>, string][] = [
    ['grants', { grants: [...table.grants, { grantor: 'hana', grantee: 'eve' }] }, 'POLICY_DIFFERS'],
    ['minimum counts', { minCounts: [] }, 'POLICY_DIFFERS'],
    ['contributors', { contributors: [] }, 'POLICY_DIFFERS'],
    ['who allows three nodes', { allowThree: [] }, 'POLICY_DIFFERS'],
    ['table', { owner: 'eve' }, 'STATE_DIFFERS'],
  ];
  test.each(changes)('differs in %s: named, with the odd node of three', (fact, change, code) => {
    const odd: Snapshot = { ...whole, tables: [{ ...table, ...change }] };
    const differences = differencesAmong(said(whole, odd, whole));
    expect(differences).toHaveLength(1);
    expect(differences[0]?.fact).toContain(fact);
    const error = othersDiffer(differences);
    expect([error.code, error.details.nodes]).toEqual([code, ['beta']]);
    // One against one: both.
    expect(othersDiffer(differencesAmong(said(whole, odd))).details.nodes).toEqual(['alpha', 'beta']);
  });

  test('is the same in another order, and whatever is undecided', () => {
    const more = { ...table, grants: [{ grantor: 'jun', grantee: 'ana' }, ...table.grants] };
    const turned = { ...more, grants: more.grants.toReversed() };
    const all = said({ ...whole, tables: [more] }, { ...whole, tables: [turned], pending: [] });
    expect(differencesAmong(all)).toEqual([]);
  });

  test('differs where a slice is missing or another version', () => {
    const other = { ...slice, version: 'f'.repeat(32) };
    for (const slices of [[], [other]]) {
      expect(othersDiffer(differencesAmong(said(whole, { ...whole, slices }))).code).toBe('STATE_DIFFERS');
    }
  });
});
