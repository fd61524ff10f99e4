/** `warifu try`: one query on the caller's own files, by real node processes that leave nothing behind. */
import { Command } from 'commander';
import { runQuery } from '../../client/analyst/query.js';
import { ClusterClient } from '../../client/cluster-client.js';
import { type CsvFile, openCsv } from '../../client/csv/csv-file.js';
import { setTableSettings } from '../../client/owner/orders.js';
import { uploadFile } from '../../client/provider/upload.js';
import { type Inference, inferSchema } from '../../client/schema/infer.js';
import { WarifuError } from '../../core/errors.js';
import { newNamedKey } from '../../core/key-file.js';
import { withExamples } from '../examples.js';
import { LocalCluster } from '../local-cluster/local-cluster.js';
import {
  csvOption,
  jsonOption,
  type NodesChoice,
  nodesOf,
  nodesOption,
  parseMinCount,
  parseTableFile,
  refuseBoth,
  type TableFile,
} from '../options.js';
import { progressLine, type ShowProgress } from '../progress.js';
import { type ResultForm, showResult } from '../show-result.js';
import type { Terminal } from '../terminal.js';

/** The release gate where nobody says otherwise. */
const DEFAULT_MIN_COUNT = 10;

interface TryOptions extends ResultForm {
  readonly table: readonly TableFile[];
  readonly minCount: number;
  readonly nodes: NodesChoice;
}

export function tryCommand(terminal: Terminal): Command {
  const command = new Command('try')
    .description(
      'ask one query on your own files: three or four node processes on this computer, and nothing stays',
    )
    .argument('<sql>', 'a SELECT over one of the tables')
    .requiredOption('--table <name=file>', 'a table from a CSV file (repeatable)', parseTableFile)
    .option(
      '--min-count <k>',
      'withhold cells from fewer than k rows; 1 turns every gate off',
      parseMinCount,
      DEFAULT_MIN_COUNT,
    )
    .addOption(nodesOption())
    .addOption(jsonOption())
    .addOption(csvOption())
    .action((sql: string, options: TryOptions) => tryQuery(terminal, sql, options));
  return withExamples(
    command,
    'warifu try --table patients=patients.csv "SELECT sex, COUNT(*), AVG(weight) FROM patients GROUP BY sex"',
    'warifu try --table p=patients.csv --min-count 1 --json "SELECT t_test(sbp, smoker) FROM p"',
  );
}

interface InferredTable {
  readonly name: string;
  readonly file: CsvFile;
  readonly schema: NonNullable<Inference['schema']>;
}

async function tryQuery(terminal: Terminal, sql: string, options: TryOptions): Promise<void> {
  refuseBoth({ '--json': options.json === true, '--csv': options.csv === true });
  const show = progressLine(terminal);
  const tables: InferredTable[] = [];
  for (const table of options.table) tables.push(await inferTable(terminal, table, show));
  const user = newNamedKey('user', 'you');
  show(`starting ${options.nodes} nodes`, 0, 0);
  const local = await LocalCluster.startEphemeral(
    [{ key: user, roles: ['provider', 'analyst'] }],
    1,
    terminal.signal,
    nodesOf(options.nodes),
  );
  try {
    const client = new ClusterClient({ cluster: local.cluster, user });
    for (const table of tables) await share(client, table, { terminal, show, minCount: options.minCount });
    const result = await runQuery(client, sql, {
      signal: terminal.signal,
      onProgress: ({ stage, done, total }) => show(stage, done, total),
    });
    showResult(terminal, result, options);
  } finally {
    await local.stop();
  }
}

/** The data stay with their owner, so every label is kept. */
async function inferTable(
  terminal: Terminal,
  { table, file: path }: TableFile,
  show: ShowProgress,
): Promise<InferredTable> {
  const file = await openCsv(path);
  const { rows, schema, problems } = await inferSchema(file, {
    minLabelCount: 1,
    onProgress: ({ bytes }) => {
      terminal.signal.throwIfAborted();
      show('reading the file', bytes, file.size);
    },
  });
  if (schema === undefined) {
    throw new WarifuError('SCHEMA_INVALID', [`${path} cannot be used as it is:`, ...problems].join('\n  '), {
      file: path,
    });
  }
  const columns = schema.columns.map(({ name, type }) => `${name} ${type.kind}`).join(', ');
  terminal.tell(terminal.style('dim', `${table}: ${rows.toLocaleString('en')} rows; ${columns}`));
  return { name: table, file, schema };
}

async function share(
  client: ClusterClient,
  { name, file, schema }: InferredTable,
  { terminal, show, minCount }: { terminal: Terminal; show: ShowProgress; minCount: number },
): Promise<void> {
  const { signal } = terminal;
  await uploadFile(client, {
    file,
    table: name,
    slice: 'all',
    schema,
    signal,
    onProgress: ({ stage, done, total }) => show(stage, done, total),
  });
  await setTableSettings(client, name, { minCount }, { signal });
}
