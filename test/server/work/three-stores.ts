/** Three nodes' stores with the parts of one slice, and a program run on them over the in-memory network. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dealChunk } from '../../../src/client/provider/deal-chunk.js';
import type { NodeIndex, PartIndex } from '../../../src/core/scheme.js';
import { partsHeldBy, REP3 } from '../../../src/core/scheme.js';
import { SecretBytes } from '../../../src/core/secret.js';
import { Context } from '../../../src/protocols/context.js';
import { KeyedRandomness } from '../../../src/protocols/randomness.js';
import { Rep3Backend } from '../../../src/protocols/rep3/backend.js';
import { Rep3Party } from '../../../src/protocols/rep3/party.js';
import { Manifest } from '../../../src/query/request-manifest.js';
import type { UploadFrame } from '../../../src/query/request-upload-frame.js';
import type { SliceVersion } from '../../../src/server/store/catalogue.js';
import { NodeStore } from '../../../src/server/store/node-store.js';
import { expandFrame } from '../../../src/server/work/expand-frame.js';
import type { ColumnSource } from '../../../src/server/work/load-column.js';
import type { TableSchema } from '../../../src/share/schema.js';
import { MemoryNetwork } from '../../../src/transport/memory-network.js';
import { TEST_SEED } from '../../support/random.js';
import type { PlainRow } from '../../support/table.js';
import { testKeys } from '../../support/world.js';
import { encodeRows, type Lies } from '../support/test-provider.js';

const CLUSTER = 'c'.repeat(64);

export interface StoredSlice {
  readonly slice: SliceVersion;
  readonly manifest: Manifest;
}

export class ThreeStores {
  readonly sources: ColumnSource[] = [];
  readonly #directories: string[] = [];

  static async open(): Promise<ThreeStores> {
    const stores = new ThreeStores();
    for (const node of REP3.nodes) {
      const directory = await mkdtemp(join(tmpdir(), 'warifu-three-'));
      const held = partsHeldBy(REP3, node);
      const store = await NodeStore.open({ directory, secret: 'ephemeral', parts: held });
      stores.sources.push({ store, held });
      stores.#directories.push(directory);
    }
    return stores;
  }

  /** Deals rows into all stores. A lie may change a frame for one node. */
  async put(
    place: { readonly table: string; readonly slice: string; readonly chunkRows: number },
    schema: TableSchema,
    rows: readonly PlainRow[],
    lies: Lies = {},
  ): Promise<StoredSlice> {
    const version = randomBytes(16).toString('hex');
    const ref = { table: place.table, slice: place.slice, version };
    const staged = { ...ref, contributor: 'hana', schema, rows: rows.length, chunkRows: place.chunkRows };
    let slice: SliceVersion | undefined;
    for (const { store } of this.sources) slice = await store.catalogue.stage({ ...staged, replace: false });
    if (slice === undefined) throw new Error('there is no store');
    const secret = new SecretBytes(new Uint8Array(randomBytes(32)));
    const lists: Uint8Array[] = [];
    for (let chunk = 0; chunk < slice.chunks; chunk++) {
      const some = rows.slice(chunk * place.chunkRows, (chunk + 1) * place.chunkRows);
      const dealt = dealChunk(
        { scheme: REP3, cluster: CLUSTER, ...ref, secret },
        encodeRows(some, schema, lies),
        chunk,
      );
      lists.push(dealt.commitments);
      for (const [node, { store, held }] of this.sources.entries()) {
        for (const part of held) {
          const honest = {
            node,
            part,
            chunk,
            sections: dealt.sections[part] ?? [],
          } as unknown as UploadFrame;
          const frame = lies.frame?.(honest) ?? honest;
          await store.putChunk(version, { part, chunk }, expandFrame(frame, slice));
        }
      }
    }
    const nullable = schema.columns.map((column) => column.nullable);
    const head = { cluster: CLUSTER, user: 'hana', ...staged, parts: 3, nullable };
    return { slice, manifest: new Manifest(head, new Uint8Array(Buffer.concat(lists))) };
  }

  /** One result a node. */
  async run<T>(
    program: (ctx: Context, source: ColumnSource, node: NodeIndex) => Promise<T>,
    network = new MemoryNetwork(3),
  ): Promise<T[]> {
    return await Promise.all(
      REP3.nodes.map((node) => {
        const keys: Map<PartIndex, Uint8Array> = testKeys(node, TEST_SEED);
        const backend = new Rep3Backend(new Rep3Party(network.channel(node), new KeyedRandomness(keys)));
        return program(Context.root(backend, 'test'), this.sources[node] as ColumnSource, node);
      }),
    );
  }

  async close(): Promise<void> {
    for (const { store } of this.sources) store.close();
    for (const directory of this.#directories) await rm(directory, { recursive: true });
  }
}
