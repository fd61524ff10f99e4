/** The columns of a schema as a table for people. */
import Table from 'cli-table3';
import { z } from 'zod';
import { printable } from '../client/printable.js';

/** Labels shown of a category; the schema file has all. */
const SHOWN_LABELS = 12;

/** What is shown of a schema that was checked already. */
const shownSchema = z.object({
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      digits: z.number().optional(),
      min: z.string().optional(),
      max: z.string().optional(),
      labels: z.array(z.string()).optional(),
      true: z.array(z.string()).optional(),
      false: z.array(z.string()).optional(),
    }),
  ),
});
type ShownColumn = z.infer<typeof shownSchema>['columns'][number];

/** @param schema in the JSON form of a valid schema. */
export function columnsText(schema: unknown): string {
  const table = new Table({
    head: ['column', 'type', 'values', 'may be missing'],
    style: { head: [], border: [] },
    colWidths: [null, null, 56, null],
    wordWrap: true,
  });
  for (const column of shownSchema.parse(schema).columns) {
    const type = column.digits === undefined ? column.type : `${column.type}(${column.digits})`;
    table.push([printable(column.name), type, valuesText(column), column.nullable ? 'yes' : 'no']);
  }
  return table.toString();
}

function valuesText({ min, max, labels, true: yes, false: no }: ShownColumn): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (labels !== undefined) return labelsText(labels);
  if (yes !== undefined && no !== undefined) return `${labelsText(yes)} / ${labelsText(no)}`;
  return '';
}

function labelsText(labels: readonly string[]): string {
  const shown = labels.slice(0, SHOWN_LABELS).map((label) => printable(label));
  const hidden = labels.length - shown.length;
  return shown.join(', ') + (hidden > 0 ? `, and ${hidden} more` : '');
}
