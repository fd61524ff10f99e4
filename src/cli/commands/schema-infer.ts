/** `warifu schema infer`: a schema to review, from a whole CSV file. Nothing leaves the computer. */
import { basename, dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { openCsv } from '../../client/csv/csv-file.js';
import type { Delimiter } from '../../client/csv/dialect.js';
import type { CsvEncoding } from '../../client/csv/encoding.js';
import type { TypeKind } from '../../client/schema/decide-column.js';
import { inferSchema, schemaFileText } from '../../client/schema/infer.js';
import { renderReport } from '../../client/schema/report.js';
import { WarifuError } from '../../core/errors.js';
import { withExamples } from '../examples.js';
import { STDOUT, writeText } from '../files.js';
import { collect, parseColumnLabel, parseColumnType } from '../options.js';
import { progressLine } from '../progress.js';
import type { Terminal } from '../terminal.js';

interface InferOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly type?: Readonly<Record<string, TypeKind>>;
  readonly mergeRare?: Readonly<Record<string, string>>;
  readonly missing?: readonly string[];
  readonly encoding?: CsvEncoding;
  readonly delimiter?: keyof typeof DELIMITERS;
}

const DELIMITERS = { comma: ',', tab: '\t', semicolon: ';' } as const satisfies Record<string, Delimiter>;

export function schemaCommand(terminal: Terminal): Command {
  return new Command('schema')
    .description('describe the columns of a CSV file: types, ranges, labels')
    .addCommand(inferCommand(terminal));
}

function inferCommand(terminal: Terminal): Command {
  const command = new Command('infer')
    .description('read a whole CSV file and write a schema to review; nothing leaves this computer')
    .argument('<file>', 'CSV file: UTF-8 or CP932, comma, tab or semicolon')
    .option('--out <file>', "where to write the schema; '-' is stdout (default: FILE.schema.json beside it)")
    .option('--force', 'replace the schema file if it exists')
    .option(
      '--type <column=type>',
      'the type of a column, instead of what the values suggest (repeatable)',
      parseColumnType,
    )
    .option(
      '--merge-rare <column=label>',
      'merge labels that are too rare to be public into this one (repeatable)',
      parseColumnLabel,
    )
    .option(
      '--missing <text>',
      'a text that means "no value" (repeatable; default: NA, null, 欠測 and the like)',
      collect,
    )
    .addOption(
      new Option('--encoding <name>', 'instead of what the bytes suggest').choices(['utf-8', 'cp932']),
    )
    .addOption(
      new Option('--delimiter <name>', 'instead of what the header suggests').choices(
        Object.keys(DELIMITERS),
      ),
    )
    .action((file: string, options: InferOptions) => infer(terminal, file, options));
  return withExamples(
    command,
    'warifu schema infer patients.csv',
    'warifu schema infer patients.csv --merge-rare diagnosis=other --type ward=category',
    'warifu schema infer patients.csv --out - > patients.schema.json',
  );
}

async function infer(terminal: Terminal, path: string, options: InferOptions): Promise<void> {
  const file = await openCsv(path, {
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.delimiter === undefined ? {} : { delimiter: DELIMITERS[options.delimiter] }),
  });
  const show = progressLine(terminal);
  const inference = await inferSchema(file, {
    ...(options.missing === undefined ? {} : { missing: options.missing }),
    types: options.type ?? {},
    mergeRare: options.mergeRare ?? {},
    onProgress: ({ bytes }) => {
      terminal.signal.throwIfAborted();
      show('reading the file', bytes, file.size);
    },
  });
  for (const line of renderReport(file, inference)) terminal.tell(line);
  if (inference.schema === undefined) {
    throw new WarifuError(
      'SCHEMA_INVALID',
      `${path}: ${inference.problems.length} of its columns cannot be described yet (the lines with ! say why and what to do); no schema was written`,
      { file: path, problems: inference.problems.length },
    );
  }
  const out =
    options.out ?? join(dirname(path), `${basename(path).replace(/\.(csv|tsv|txt)$/i, '')}.schema.json`);
  await writeText(terminal, out, schemaFileText(inference.schema), { overwrite: options.force === true });
  if (out !== STDOUT) {
    terminal.tell(`written: ${out}`);
    terminal.tell('Names, ranges and labels in it become public: review them before you upload.');
  }
}
