/** The table of the example query: rows that every run makes alike, as columns, as CSV slices, and their schema. */

/** Column by column; a missing value is -1. */
export interface Patients {
  readonly rows: number;
  readonly age: Int32Array;
  /** 1 for F. */
  readonly female: Int32Array;
  /** Tenths of centimetres. */
  readonly height: Int32Array;
  /** Tenths of kilograms; may be missing. */
  readonly weight: Int32Array;
  /** May be missing. */
  readonly smoker: Int32Array;
  readonly yen: Float64Array;
}

const YEN_LIMIT = 2 ** 34;

/** The schema that all slices are uploaded with. */
export const PATIENTS_SCHEMA = {
  warifu_schema: 1,
  missing: [],
  columns: [
    { name: 'age', type: 'integer', min: 0, max: 120, nullable: false },
    { name: 'sex', type: 'category', labels: ['F', 'M'], nullable: false },
    { name: 'height', type: 'decimal', digits: 1, min: '50.0', max: '250.0', nullable: false },
    { name: 'weight', type: 'decimal', digits: 1, min: '20.0', max: '250.0', nullable: true },
    { name: 'smoker', type: 'boolean', true: ['yes'], false: ['no'], nullable: true },
    { name: 'yen', type: 'integer', min: 0, max: YEN_LIMIT, nullable: false },
  ],
} as const;

/** Every column is a mix of the row number. */
export function patients(rows: number): Patients {
  const column = (value: (a: number, b: number) => number): Int32Array =>
    Int32Array.from({ length: rows }, (_, i) => value(first(i), second(i)));
  return {
    rows,
    age: column((a) => 18 + (a % 80)),
    female: column((_a, b) => (b >>> 4) & 1),
    height: column((a) => 1400 + ((a >>> 9) % 500)),
    weight: column((_a, b) => (b % 97 === 0 ? -1 : 300 + ((b >>> 7) % 900))),
    smoker: column((a, b) => (a % 89 === 0 ? -1 : (b & 7) === 0 ? 1 : 0)),
    yen: Float64Array.from({ length: rows }, (_, i) => (second(i) * 4) % YEN_LIMIT),
  };
}

/** Rows start, start + step, and so on as lines of CSV with a header; in pieces. */
export function* patientsCsv(table: Patients, start: number, step: number): Generator<string> {
  yield 'age,sex,height,weight,smoker,yen\n';
  for (const lines of pieces(start, step, table.rows, (i) => {
    const smoker = table.smoker[i]! < 0 ? '' : table.smoker[i] === 1 ? 'yes' : 'no';
    const sex = table.female[i] === 1 ? 'F' : 'M';
    return `${table.age[i]},${sex},${tenths(table.height[i]!)},${tenths(table.weight[i]!)},${smoker},${table.yen[i]}\n`;
  })) {
    yield lines;
  }
}

/** The schema of the columns that the memory bench has. */
export const TWO_COLUMNS_SCHEMA = {
  ...PATIENTS_SCHEMA,
  columns: PATIENTS_SCHEMA.columns.filter(({ name }) => name === 'age' || name === 'weight'),
};

/** The same rows with age and weight only. */
export function* twoColumnsCsv(table: Patients): Generator<string> {
  yield 'age,weight\n';
  for (const lines of pieces(0, 1, table.rows, (i) => `${table.age[i]},${tenths(table.weight[i]!)}\n`)) {
    yield lines;
  }
}

const PIECE_ROWS = 10_000;

function* pieces(start: number, step: number, end: number, line: (i: number) => string): Generator<string> {
  let text = '';
  let count = 0;
  for (let i = start; i < end; i += step) {
    text += line(i);
    if (++count % PIECE_ROWS !== 0) continue;
    yield text;
    text = '';
  }
  yield text;
}

function tenths(value: number): string {
  return value < 0 ? '' : (value / 10).toFixed(1);
}

function first(i: number): number {
  return Math.imul(i + 1, 2654435761) >>> 0;
}

function second(i: number): number {
  const a = first(i);
  return Math.imul(a ^ (a >>> 15), 2246822519) >>> 0;
}
