/** Tables that the tests of the planner ask about. */

import type { TableCandidate } from '../../../src/query/sql/plan-query.js';
import { parseSchema } from '../../../src/share/schema.js';

const labels = ['a', 'b', 'c'];

export const PATIENTS: TableCandidate = {
  name: 'patients',
  schema: parseSchema({
    warifu_schema: 1,
    missing: ['', 'NA'],
    columns: [
      { name: 'age', type: 'integer', min: 0, max: 120, nullable: true },
      { name: 'visits', type: 'integer', min: -5, max: 20, nullable: false },
      { name: 'weight', type: 'decimal', digits: 1, min: '2.5', max: '300.0', nullable: true },
      { name: 'height', type: 'decimal', digits: 2, min: '-1.00', max: '250.00', nullable: false },
      { name: 'fixed', type: 'integer', min: 7, max: 7, nullable: true },
      { name: 'born', type: 'date', min: '1900-01-01', max: '2025-12-31', nullable: true },
      { name: 'admitted', type: 'date', min: '1950-01-01', max: '2026-12-31', nullable: false },
      { name: 'sex', type: 'category', labels: ['男', '女'], nullable: true },
      { name: 'ward', type: 'category', labels, nullable: false },
      { name: 'former_ward', type: 'category', labels, nullable: true },
      { name: 'smoker', type: 'boolean', true: ['yes'], false: ['no'], nullable: true },
      { name: 'diabetic', type: 'boolean', true: ['1'], false: ['0'], nullable: false },
      { name: '体重', type: 'decimal', digits: 1, min: '0.0', max: '300.0', nullable: false },
      { name: 'Mixed Case', type: 'integer', min: 0, max: 9, nullable: false },
      {
        name: 'huge',
        type: 'integer',
        min: '-9000000000000000000',
        max: '9000000000000000000',
        nullable: true,
      },
      { name: 'patient_id', type: 'identifier', nullable: false },
    ],
  }),
};

export const VISITS: TableCandidate = {
  name: 'visits',
  schema: parseSchema({
    warifu_schema: 1,
    missing: [],
    columns: [{ name: 'cost', type: 'integer', min: 0, max: 1000, nullable: false }],
  }),
};

export const TABLES: readonly TableCandidate[] = [PATIENTS, VISITS];
