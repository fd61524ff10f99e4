/**
 * What the analyst receives and how to read it: public plain data, the same from every node.
 *
 * Bits say for each cell whether it may be released, and integers are the released sums; both are flat vectors in
 * the order described here. A withheld cell's integers are 0.
 */
import { z } from 'zod';

const integerText = z.string().regex(/^-?\d{1,60}$/);

const release = z.strictObject({
  /** Name in the catalogue entry: n, sum, q, n1, ... */
  name: z.string(),
  width: z.literal([64, 128]),
  /** Place of the first group's integer in the vector of that width; groups follow. */
  offset: z.int().nonnegative(),
  min: integerText,
  max: integerText,
});

const aggregateColumn = z.strictObject({
  kind: z.literal('aggregate'),
  name: z.string(),
  statistic: z.enum([
    'count-rows',
    'count',
    'sum',
    'avg',
    'var-samp',
    'var-pop',
    'stddev-samp',
    'stddev-pop',
    'welch',
    'student',
  ]),
  /** Decimals of the column's unit: released sums are in units of 10^-digits. */
  digits: z.int().nonnegative(),
  releases: z.array(release),
});

const keyColumn = z.strictObject({
  kind: z.literal('key'),
  name: z.string(),
  /** Place in each group's keys. */
  index: z.int().nonnegative(),
});

export const resultLayoutSchema = z.strictObject({
  format: z.literal(1),
  minCount: z.int().positive(),
  /** Keys of each group, in output order. */
  groups: z.array(z.array(z.union([z.string(), z.boolean(), z.null()]))),
  columns: z.array(z.discriminatedUnion('kind', [keyColumn, aggregateColumn])),
  /** Bits: one per group for each aggregate column in order; then, if set, one per group: the group has rows. */
  presence: z.boolean(),
  narrowLength: z.int().nonnegative(),
  wideLength: z.int().nonnegative(),
});

export type ResultLayout = z.infer<typeof resultLayoutSchema>;
export type AggregateLayout = z.infer<typeof aggregateColumn>;
export type ReleaseLayout = z.infer<typeof release>;
