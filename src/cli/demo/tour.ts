/** The guided tour of `warifu demo`: each step does what it says, with real node processes. */
import { explainQuery, runQuery } from '../../client/analyst/query.js';
import { resultText } from '../../client/analyst/result-text.js';
import { ClusterClient } from '../../client/cluster-client.js';
import { openCsv } from '../../client/csv/csv-file.js';
import { grantTable, setTableSettings } from '../../client/owner/orders.js';
import { uploadFile } from '../../client/provider/upload.js';
import { readSchemaFile } from '../../client/schema/schema-file.js';
import { type NamedKey, newNamedKey } from '../../core/key-file.js';
import { type NodeIndex, partsHeldBy, schemeNamed } from '../../core/scheme.js';
import { LocalCluster } from '../local-cluster/local-cluster.js';
import { costLine } from '../show-result.js';
import type { Terminal } from '../terminal.js';
import { FirstCell } from './first-cell.js';
import {
  type DemoQuery,
  HOSPITALS,
  type Hospital,
  QUERIES,
  SCHEMA_FILE,
  SMALL_GROUPS,
  TABLE,
} from './hospitals.js';
import { loseNode } from './lost-node.js';

const ANALYST = 'tanaka';
/** The column whose first cell is followed to the nodes. */
const FOLLOWED = 'age';

interface Stage {
  readonly terminal: Terminal;
  readonly local: LocalCluster;
  readonly keyOf: (user: string) => NamedKey;
}

export async function tour(terminal: Terminal, nodes: 3 | 4): Promise<void> {
  const [count, others] = nodes === 3 ? ['three', 'two'] : ['four', 'three'];
  const providers = HOSPITALS.map(({ user }) => newNamedKey('user', user));
  const analyst = newNamedKey('user', ANALYST);
  say(terminal, [
    terminal.style('bold', 'Three hospitals, one question, no pooled data'),
    '',
    'Three sample hospitals (invented patients) want statistics over all their patients. None may',
    `show another its rows. Each splits its file into secret shares for ${count} nodes, which ${count}`,
    `organisations would run; here they are ${count} processes on this computer, linked by TLS.`,
  ]);
  heading(terminal, 1, `Start ${count} nodes`);
  const local = await LocalCluster.startEphemeral(
    [
      ...providers.map((key) => ({ key, roles: ['provider'] as const })),
      { key: analyst, roles: ['analyst'] as const },
    ],
    1,
    terminal.signal,
    nodes,
  );
  try {
    const keys = new Map([...providers, analyst].map((key) => [key.name, key]));
    const keyOf = (user: string): NamedKey => keys.get(user) ?? analyst;
    const stage: Stage = { terminal, local, keyOf };
    say(
      terminal,
      local.children.map(({ name, pid }) => `  ${name}: process ${pid ?? 0}, linked to the other ${others}`),
    );
    const followed = await uploads(stage);
    nodesView(stage, followed);
    await questions(stage);
    await withheld(stage);
    await explained(stage);
    if (nodes === 4) await lost(stage);
  } finally {
    await local.stop();
  }
  farewell(terminal);
}

/** Step 2: the hospitals deal their files, and agree that the analyst may ask. */
async function uploads({ terminal, local, keyOf }: Stage): Promise<FirstCell> {
  heading(terminal, 2, 'Each hospital splits its own file');
  const schema = await readSchemaFile(SCHEMA_FILE);
  const followed = new FirstCell(FOLLOWED);
  const [owner, ...contributors] = HOSPITALS;
  for (const hospital of HOSPITALS) {
    const client = new ClusterClient({ cluster: local.cluster, user: keyOf(hospital.user) });
    const { signal } = terminal;
    const file = await openCsv(hospital.file);
    if (hospital === owner) await followed.note(file);
    const { rows } = await uploadFile(client, {
      file,
      table: TABLE,
      slice: hospital.user,
      schema,
      signal,
      states: hospital === owner ? followed : undefined,
    });
    if (hospital === owner) {
      await setTableSettings(
        client,
        TABLE,
        { contributors: contributors.map(({ user }) => user) },
        { signal },
      );
    }
    await grantTable(client, TABLE, ANALYST, { signal });
    say(terminal, [`  ${uploaded(hospital, rows, file.encoding)}`]);
  }
  say(terminal, [
    '',
    `The nodes checked on shares that every value lies in its declared range. ${owner.user} owns the table,`,
    `named the other two as contributors, and all three granted it to the analyst '${ANALYST}'.`,
  ]);
  return followed;
}

function uploaded({ title, user }: Hospital, rows: number, encoding: string): string {
  const note = encoding === 'cp932' ? ' (its file is in CP932, as Excel writes it)' : '';
  return `${title.padEnd(20)} ${String(rows).padStart(4)} rows, slice '${user}'${note}`;
}

/** Step 3: one cell, as its provider has it and as the nodes have it. */
function nodesView({ terminal, local }: Stage, followed: FirstCell): void {
  const [count, others] = local.cluster.scheme === 'rep3' ? ['three', 'two'] : ['four', 'three'];
  heading(terminal, 3, 'What a node sees');
  const { value } = followed;
  const scheme = schemeNamed(local.cluster.scheme);
  const hex = followed.parts(scheme).map((part) => part.toString(16).padStart(16, '0'));
  const held = local.cluster.nodes.map(
    ({ name }, i) =>
      `  ${name} holds    ${partsHeldBy(scheme, i as NodeIndex)
        .map((part) => hex[part])
        .join('  ')}`,
  );
  say(terminal, [
    `The ${FOLLOWED} of the first patient in kita.csv is ${value}. The hospital dealt it in ${count} parts, of which`,
    `each node has ${others} (shown here by the hospital that dealt them; no node could show you all):`,
    '',
    ...held,
    '',
    `The ${count} different parts add up to ${value} modulo 2^64. All but one of them are as good as dice.`,
  ]);
}

/** Step 4: a handful of queries. */
async function questions(stage: Stage): Promise<void> {
  heading(stage.terminal, 4, `The analyst asks`);
  for (const query of QUERIES) await ask(stage, query);
}

/** Step 5: groups that are too small. */
async function withheld(stage: Stage): Promise<void> {
  heading(stage.terminal, 5, 'Small groups stay hidden');
  await ask(stage, SMALL_GROUPS);
  say(stage.terminal, [
    'A cell that fewer than 10 rows contribute to is withheld. The nodes decide that on shares: they learn',
    'whether a cell may leave, not how many rows it has. Empty groups look the same as small ones.',
  ]);
}

/** Step 6: what a query would cost and show, without touching data. */
async function explained({ terminal, local, keyOf }: Stage): Promise<void> {
  heading(terminal, 6, 'EXPLAIN tells it beforehand');
  const client = new ClusterClient({ cluster: local.cluster, user: keyOf(ANALYST) });
  const sql = QUERIES[1]!.sql;
  say(terminal, [`  ${terminal.style('cyan', `${sql}  --explain`)}`, '']);
  const { text } = await explainQuery(client, sql, { signal: terminal.signal });
  terminal.print(text);
}

/** Step 7, of four nodes: one is lost. */
async function lost({ terminal, local, keyOf }: Stage): Promise<void> {
  heading(terminal, 7, 'A node is lost');
  const { cluster } = local;
  const clientOf = (name: string): ClusterClient => new ClusterClient({ cluster, user: keyOf(name) });
  await loseNode(terminal, {
    hospitals: HOSPITALS.map(({ user }) => clientOf(user)),
    analyst: clientOf(ANALYST),
    sql: QUERIES[0]!.sql,
    child: local.children.at(-1)!,
    say: (lines) => say(terminal, lines),
  });
}

async function ask({ terminal, local, keyOf }: Stage, { says, sql }: DemoQuery): Promise<void> {
  const client = new ClusterClient({ cluster: local.cluster, user: keyOf(ANALYST) });
  say(terminal, [says, `  ${terminal.style('cyan', sql)}`]);
  const answer = await runQuery(client, sql, { signal: terminal.signal });
  terminal.print(resultText(answer.table));
  say(terminal, [terminal.style('dim', costLine(answer)), '']);
}

function farewell(terminal: Terminal): void {
  say(terminal, [
    '',
    'The nodes have stopped; nothing of it is left on this computer. What to try next:',
    '',
    '  warifu try --table p=YOUR.csv "SELECT COUNT(*) FROM p"    the same on your own file',
    '  warifu dev --dir ./warifu-dev                             a local cluster that stays',
    '  warifu --help                                             all commands',
  ]);
}

function heading(terminal: Terminal, step: number, title: string): void {
  say(terminal, ['', terminal.style('bold', `${step}. ${title}`), '']);
}

/** The tour is the result, so all of it goes to stdout, in order. */
function say(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.print(`${line}\n`);
}
