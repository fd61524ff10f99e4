/**
 * A node's side of uploads, in memory: keeps frames, says what is missing, checks every commitment at the commit,
 * and lets the test rebuild the plain columns from what the nodes hold.
 */

import { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, type PartIndex, partsHeldBy, REP3, type Scheme } from '../../../src/core/scheme.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { kernels } from '../../../src/kernels/kernels.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import type { RequestOf } from '../../../src/query/request.js';
import { chunkCount, decodeManifest, Manifest } from '../../../src/query/request-manifest.js';
import type { UploadFrame, UploadSection } from '../../../src/query/request-upload-frame.js';
import type {
  HandledReply,
  OpenedRequest,
  RequestHandler,
} from '../../../src/server/client-port/request-handler.js';
import { commitment, expectCommitment } from '../../../src/share/commitment.js';
import { expandBits, expandRing } from '../../../src/share/deal.js';
import { type Column, dealtWidth, parseSchema } from '../../../src/share/schema.js';

export interface StoredFrame extends UploadFrame {
  readonly sections: readonly UploadSection[];
}

export class FakeStore implements RequestHandler {
  readonly node: NodeIndex;
  /** Every frame that ever came, in order. */
  readonly frames: StoredFrame[] = [];
  /** By version. */
  readonly begun = new Map<string, RequestOf<'upload-begin'>>();
  readonly visible = new Set<string>();
  /** Is asked before a frame is stored. */
  beforeStore: (frame: UploadFrame, count: number) => Promise<void> | void = () => undefined;
  beforeCommit: () => void = () => undefined;
  readonly scheme: Scheme;
  readonly #publicKey: () => Uint8Array;

  constructor(node: NodeIndex, publicKey: () => Uint8Array, scheme: Scheme = REP3) {
    this.scheme = scheme;
    this.node = node;
    this.#publicKey = publicKey;
  }

  async handle({ request, manifest, progress }: OpenedRequest): Promise<HandledReply> {
    if (request.kind === 'upload-begin') {
      this.begun.set(request.version, request);
      const state = this.visible.has(request.version) ? 'visible' : 'staged';
      return { data: { state, missing: state === 'visible' ? [] : this.#missing(request) } };
    }
    if (request.kind !== 'upload-commit') throw new WarifuError('INTERNAL', 'no such request');
    this.beforeCommit();
    progress('check', 1, 2);
    if (manifest === undefined) throw new WarifuError('REQUEST_INVALID', 'no manifest');
    this.#checkAll(decodeManifest(manifest, this.#publicKey), request.version);
    this.visible.add(request.version);
    return { data: { rows: 1, table_rows: this.#rowsOf(request.version), rounds: 1, bytes_sent: 1 } };
  }

  async storeFrame(frame: UploadFrame): Promise<void> {
    await this.beforeStore(frame, this.frames.length);
    this.frames.push({
      ...frame,
      sections: frame.sections.map((section) => ({
        ...section,
        salt: section.salt.slice(),
        payload: section.payload.slice(),
      })),
    });
  }

  /** The expanded part of a column's chunk. */
  part(version: string, part: PartIndex, chunk: number, column: number, kind: 'values' | 'validity') {
    const frame = this.frames.find(
      (one) => one.version === version && one.part === part && one.chunk === chunk,
    );
    const section = frame?.sections.find((one) => one.column === column && one.kind === kind);
    if (section === undefined) throw new Error(`node ${this.node} has no such part`);
    return expanded(section, this.columns(version)[column]!, kind, this.rowsOfChunk(version, chunk));
  }

  columns(version: string): readonly Column[] {
    return parseSchema(this.begun.get(version)!.schema).columns;
  }

  rowsOfChunk(version: string, chunk: number): number {
    const { rows, chunk_rows } = this.begun.get(version)!;
    return Math.min(chunk_rows, rows - chunk * chunk_rows);
  }

  #rowsOf(version: string): number {
    return this.begun.get(version)!.rows;
  }

  #missing({ version, rows, chunk_rows }: RequestOf<'upload-begin'>) {
    const stored = new Set(
      this.frames.filter((frame) => frame.version === version).map(({ part, chunk }) => `${part}/${chunk}`),
    );
    const missing: { part: number; chunk: number }[] = [];
    for (let chunk = 0; chunk < chunkCount({ rows, chunkRows: chunk_rows }); chunk++) {
      for (const part of partsHeldBy(this.scheme, this.node)) {
        if (!stored.has(`${part}/${chunk}`)) missing.push({ part, chunk });
      }
    }
    return missing;
  }

  #checkAll(manifest: Manifest, version: string): void {
    for (const place of Manifest.places(manifest.head)) {
      if (!partsHeldBy(this.scheme, this.node).includes(place.part)) continue;
      const frame = this.frames.find(
        (one) => one.version === version && one.part === place.part && one.chunk === place.chunk,
      );
      const section = frame?.sections.find((one) => one.column === place.column && one.kind === place.kind);
      if (section === undefined) throw new WarifuError('SLICE_STATE', 'a chunk is missing');
      const bytes = this.part(version, place.part, place.chunk, place.column, place.kind).bytes();
      const context = manifest.contextOf(place);
      expectCommitment(manifest.commitmentAt(place), commitment(section.salt, context, bytes), context);
    }
  }
}

function expanded({ form, payload }: UploadSection, column: Column, kind: 'values' | 'validity', n: number) {
  const width = kind === 'validity' ? 1 : dealtWidth(column.type);
  if (width === 1) return form === 'seed' ? expandBits(payload, n) : BitMatrix.fromBytes(1, n, payload);
  return form === 'seed' ? expandRing(payload, width, n) : RingVector.fromBytes(width, payload);
}

/** The plain column of a version, from all nodes, every copy compared. */
export function rebuild(
  stores: readonly FakeStore[],
  version: string,
  column: number,
  kind: 'values' | 'validity',
) {
  const { rows, chunk_rows } = stores[0]!.begun.get(version)!;
  const out: bigint[] = [];
  for (let chunk = 0; chunk < Math.ceil(rows / chunk_rows); chunk++) {
    const { scheme } = stores[0]!;
    const copies = scheme.parts.map((part) =>
      stores
        .filter(({ node }) => partsHeldBy(scheme, node).includes(part))
        .map((store) => store.part(version, part, chunk, column, kind)),
    );
    for (const [first, ...others] of copies) {
      for (const other of others) {
        if (Buffer.compare(first!.bytes(), other.bytes()) !== 0) throw new Error('copies differ');
      }
    }
    const parts = copies.map(([first]) => first!);
    const n = stores[0]!.rowsOfChunk(version, chunk);
    if (parts[0] instanceof BitMatrix) {
      const bits = (parts as BitMatrix[]).reduce((sum, part) => kernels.xor(sum, part));
      for (let i = 0; i < n; i++) out.push(BigInt(bits.get(0, i)));
    } else {
      out.push(...(parts as RingVector[]).reduce((sum, part) => kernels.add(sum, part)).toBigInts());
    }
  }
  return out;
}
