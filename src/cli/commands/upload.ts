/** `warifu upload`: checks a file, splits it into shares and sends one part to each node. */
import { Command } from 'commander';
import type { ClusterClient } from '../../client/cluster-client.js';
import { openCsv } from '../../client/csv/csv-file.js';
import { describeTable } from '../../client/owner/tables.js';
import { uploadFile } from '../../client/provider/upload.js';
import { FileUploadStates } from '../../client/provider/upload-state-file.js';
import { describedSchema, readSchemaFile } from '../../client/schema/schema-file.js';
import { WarifuError } from '../../core/errors.js';
import { stateDirectory } from '../config.js';
import { withExamples } from '../examples.js';
import { type ClusterOptions, clusterOption, jsonOption, keyOption, passphraseOption } from '../options.js';
import { progressLine } from '../progress.js';
import { openClient } from '../session.js';
import type { Terminal } from '../terminal.js';

interface UploadOptions extends ClusterOptions {
  readonly table: string;
  readonly slice: string;
  readonly schema?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

export function uploadCommand(terminal: Terminal): Command {
  const command = new Command('upload')
    .description('check a CSV file, split it into shares and send one part to each node')
    .argument('<file>', 'CSV file: UTF-8 or CP932, comma, tab or semicolon')
    .requiredOption('--table <name>', 'the table; who first uploads to a name owns it')
    .requiredOption('--slice <name>', 'name of your rows within the table')
    .option(
      '--schema <file>',
      "a schema as 'warifu schema infer' writes it (default: the one that the table has)",
    )
    .option('--replace', 'put this file in the place of the slice if it exists')
    .addOption(jsonOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((file: string, options: UploadOptions) => upload(terminal, file, options));
  return withExamples(
    command,
    'warifu upload patients.csv --table patients --slice kita-2026 --schema patients.schema.json',
    'warifu upload patients.csv --table patients --slice kita-2026 --replace',
  );
}

async function upload(terminal: Terminal, path: string, options: UploadOptions): Promise<void> {
  const { table, slice, replace = false } = options;
  const { signal } = terminal;
  const file = await openCsv(path);
  const client = await openClient(terminal, options);
  const schema =
    options.schema === undefined
      ? await schemaOfTable(client, table, signal)
      : await readSchemaFile(options.schema);
  const show = progressLine(terminal);
  const result = await uploadFile(client, {
    file,
    table,
    slice,
    schema,
    replace,
    states: new FileUploadStates(stateDirectory(terminal.environment)),
    signal,
    onStart: (start) => {
      if (start !== 'new') terminal.tell(STARTS[start]);
    },
    onProgress: ({ stage, done, total }) => show(stage, done, total),
  });
  const { rows, tableRows } = result;
  if (options.json === true) {
    terminal.print(JSON.stringify({ table, slice, rows, table_rows: tableRows ?? null }));
    return;
  }
  const whole = tableRows === undefined ? '' : `; the table has ${tableRows.toLocaleString('en')} rows now`;
  terminal.tell(`uploaded ${rows.toLocaleString('en')} rows as slice '${slice}' of table '${table}'${whole}`);
}

const STARTS = {
  resumed: 'going on with the upload that broke off',
  changed: 'file or schema changed since the upload broke off: starting anew',
} as const;

/** @throws WarifuError USAGE when the table does not exist yet, so that nobody has said what its columns are. */
async function schemaOfTable(
  client: ClusterClient,
  table: string,
  signal: AbortSignal,
): Promise<ReturnType<typeof describedSchema>> {
  try {
    return describedSchema(table, (await describeTable(client, table, { signal })).schema);
  } catch (thrown) {
    if (!(thrown instanceof WarifuError) || thrown.code !== 'UNKNOWN_TABLE') throw thrown;
    throw new WarifuError(
      'USAGE',
      `${thrown.message}; for a new table, give its schema by --schema FILE ('warifu schema infer' writes one)`,
      thrown.details,
    );
  }
}
