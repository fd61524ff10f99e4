/** A small table of every column type, its rows made from a seed, and users around it. */
import { ClusterClient } from '../../../src/client/cluster-client.js';
import type { NamedKey } from '../../../src/core/key-file.js';
import { parseSchema, type TableSchema } from '../../../src/share/schema.js';
import { TestRandom } from '../../support/random.js';
import type { PlainRow } from '../../support/table.js';
import type { LocalNodes } from './local-nodes.js';

export const SCHEMA: TableSchema = parseSchema({
  warifu_schema: 1,
  missing: ['', 'NA'],
  columns: [
    { name: 'age', type: 'integer', min: '0', max: '120', nullable: false },
    { name: 'weight', type: 'decimal', digits: 1, min: '20.0', max: '250.0', nullable: true },
    { name: 'sex', type: 'category', labels: ['f', 'm'], nullable: false },
    { name: 'smoker', type: 'boolean', true: ['yes'], false: ['no'], nullable: true },
    { name: 'bill', type: 'integer', min: '0', max: '18446744073709551615', nullable: false },
  ],
});

export function patients(n: number, label: string): PlainRow[] {
  const random = new TestRandom(`patients ${label}`);
  return Array.from({ length: n }, () => ({
    age: String(random.between(0n, 120n)),
    weight: random.between(0n, 9n) === 0n ? null : (Number(random.between(200n, 2500n)) / 10).toFixed(1),
    sex: random.between(0n, 1n) === 0n ? 'f' : 'm',
    smoker: random.between(0n, 9n) === 0n ? null : random.between(0n, 3n) === 0n ? 'yes' : 'no',
    bill: String(random.bits(64)),
  }));
}

export function clientOf({ cluster }: LocalNodes, user: NamedKey, now?: () => number): ClusterClient {
  return new ClusterClient({ cluster, user, ...(now === undefined ? {} : { now }) });
}

/** The code of the error that a promise ends with; 'no error' when it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await errorOf(work);
  return 'code' in error ? String(error.code) : error.message;
}

export async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (thrown) {
    return thrown as Error;
  }
  return new Error('no error');
}
