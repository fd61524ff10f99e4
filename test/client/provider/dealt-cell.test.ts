import { describe, expect, it } from 'vitest';
import { dealChunk } from '../../../src/client/provider/deal-chunk.js';
import { firstCellParts } from '../../../src/client/provider/dealt-cell.js';
import { REP3, REP4 } from '../../../src/core/scheme.js';
import { SecretBytes } from '../../../src/core/secret.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import { expandRing } from '../../../src/share/deal.js';
import type { Column } from '../../../src/share/schema.js';

const column: Column = {
  name: 'age',
  type: { kind: 'integer', digits: 0, min: 0n, max: 120n },
  nullable: false,
};
const secret = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

describe('the parts of a first cell', () => {
  it.each([REP3, REP4])('are those that the upload dealt ($name)', (scheme) => {
    const context = {
      scheme,
      cluster: '00'.repeat(32),
      table: 't',
      slice: 's',
      version: '00'.repeat(16),
      secret: new SecretBytes(secret.slice()),
    };
    const values = RingVector.fromBigInts(64, [67n, 80n, 42n]);
    const dealt = dealChunk(context, [{ column, values, validity: undefined }], 0);
    const firsts = dealt.sections.map(([section]) =>
      section!.form === 'bytes'
        ? RingVector.fromBytes(64, section!.payload).get(0)
        : expandRing(section!.payload, 64, 3).get(0),
    );
    expect(firstCellParts(scheme, secret, 'age', 67n)).toEqual(firsts);
    expect(
      BigInt.asUintN(
        64,
        firsts.reduce((sum, part) => sum + part, 0n),
      ),
    ).toBe(67n);
  });
});
