/** The three sample hospitals of the demo; examples/demo/make.mjs makes their files. */
import { fileURLToPath } from 'node:url';

export interface Hospital {
  /** As a user of the nodes. */
  readonly user: string;
  readonly title: string;
  readonly file: string;
}

/** Also where the table's schema is, on which the three agreed. */
const EXAMPLES = new URL('../../../examples/demo/', import.meta.url);

export const SCHEMA_FILE = fileURLToPath(new URL('patients.schema.json', EXAMPLES));

export const HOSPITALS: readonly [Hospital, Hospital, Hospital] = [
  { user: 'kita', title: 'Kita hospital (北)', file: fileURLToPath(new URL('kita.csv', EXAMPLES)) },
  { user: 'minato', title: 'Minato hospital (港)', file: fileURLToPath(new URL('minato.csv', EXAMPLES)) },
  { user: 'yama', title: 'Yama hospital (山)', file: fileURLToPath(new URL('yama.csv', EXAMPLES)) },
];

export const TABLE = 'patients';

export interface DemoQuery {
  readonly says: string;
  readonly sql: string;
}

export const QUERIES: readonly DemoQuery[] = [
  {
    says: 'How many patients are there, and how heavy are they?',
    sql: 'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight) FROM patients GROUP BY sex',
  },
  {
    says: 'Do smokers have a higher blood pressure? (Welch, over all three hospitals at once)',
    sql: 'SELECT t_test(sbp, smoker) FROM patients',
  },
  {
    says: 'A condition; which rows it picks, no node learns:',
    sql: "SELECT COUNT(*) AS n, AVG(sbp) AS mean_sbp FROM patients WHERE age >= 65 AND 診断 = '糖尿病'",
  },
];

/** Some of its groups are smaller than the minimum count. */
export const SMALL_GROUPS: DemoQuery = {
  says: 'The young, by diagnosis (診断):',
  sql: 'SELECT 診断, COUNT(*), AVG(ldl) FROM patients WHERE age < 40 GROUP BY 診断',
};
