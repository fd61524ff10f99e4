/** Tables that the tests of queries on shares ask about, and random rows for them. */
import {
  type Column,
  formatDay,
  formatDecimal,
  parseSchema,
  type TableSchema,
} from '../../src/share/schema.js';
import type { TestRandom } from '../support/random.js';
import type { PlainRow, PlainTable } from '../support/table.js';

const nullable = true;

export const SCHEMA: TableSchema = parseSchema({
  warifu_schema: 1,
  missing: ['', 'NA'],
  columns: [
    { name: 'score', type: 'integer', min: -50, max: 1000, nullable },
    { name: 'dose', type: 'decimal', digits: 2, min: '-5.00', max: '300.00', nullable },
    { name: 'yen', type: 'integer', min: 0, max: 2 ** 34, nullable },
    { name: 'fixed', type: 'integer', min: 7, max: 7, nullable },
    { name: 'visits', type: 'integer', min: 0, max: 40, nullable: false },
    { name: 'huge', type: 'integer', min: '-9000000000000000000', max: '9000000000000000000', nullable },
    { name: 'day', type: 'date', min: '1999-12-25', max: '2024-03-01', nullable },
    { name: 'ward', type: 'category', labels: ['a', 'b', 'c'], nullable: false },
    { name: 'arm', type: 'integer', min: 1, max: 2, nullable },
    { name: 'sex', type: 'category', labels: ['男', '女'], nullable },
    { name: 'smoker', type: 'boolean', true: ['yes'], false: ['no'], nullable },
    { name: 'diabetic', type: 'boolean', true: ['1'], false: ['0'], nullable: false },
  ],
});

/** n random rows: missing cells, extremes, and first labels are frequent. */
export function randomRows(random: TestRandom, n: number, schema = SCHEMA): PlainRow[] {
  return Array.from({ length: n }, () =>
    Object.fromEntries(schema.columns.map((column) => [column.name, randomCell(random, column)])),
  );
}

function randomCell(random: TestRandom, { type, nullable: missing }: Column): string | null {
  const dice = random.between(0n, 9n);
  if (missing && dice < 3n) return null;
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return formatDecimal(randomValue(random, type), type.digits);
    case 'date':
      return formatDay(randomValue(random, type));
    case 'category':
      return type.labels[dice < 7n ? 0 : Number(random.between(0n, BigInt(type.labels.length - 1)))] ?? null;
    case 'boolean':
      return (dice < 6n ? type.false[0] : type.true[0]) ?? null;
    case 'identifier':
      return null;
  }
}

function randomValue(random: TestRandom, { min, max }: { min: bigint; max: bigint }): bigint {
  const dice = random.between(0n, 9n);
  if (dice === 0n) return min;
  if (dice === 1n) return max;
  return random.between(min, max);
}

export function tableOf(rows: readonly PlainRow[], schema = SCHEMA): PlainTable {
  return { name: 'patients', schema, rows };
}
