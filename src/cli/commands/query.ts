/** `warifu query`: one SQL SELECT over what providers shared. */
import { Command } from 'commander';
import { findLostNode, isLostForAll } from '../../client/analyst/lost-node.js';
import { explainQuery, runQuery } from '../../client/analyst/query.js';
import type { ClusterClient } from '../../client/cluster-client.js';
import type { Progress } from '../../client/node-messages.js';
import { WarifuError } from '../../core/errors.js';
import { withExamples } from '../examples.js';
import {
  type ClusterOptions,
  clusterOption,
  csvOption,
  jsonOption,
  keyOption,
  passphraseOption,
  refuseBoth,
} from '../options.js';
import { progressLine } from '../progress.js';
import { openClient } from '../session.js';
import { type ResultForm, showResult } from '../show-result.js';
import type { Terminal } from '../terminal.js';

interface QueryOptions extends ClusterOptions, ResultForm {
  readonly explain?: boolean;
  readonly withThree?: boolean;
}

export function queryCommand(terminal: Terminal): Command {
  const command = new Command('query')
    .description('ask one SQL SELECT; only cells that pass the release policy are shown')
    .argument('<sql>', 'a SELECT over one table, in PostgreSQL form')
    .option(
      '--explain',
      'print plan, rounds, bytes, what would be released and the proof of bounds; touches no data',
    )
    .option(
      '--with-three',
      'in a cluster of four that has lost a node: let the other three compute it, where the table allows that',
    )
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((sql: string, options: QueryOptions) => query(terminal, sql, options));
  return withExamples(
    command,
    'warifu query "SELECT sex, COUNT(*), AVG(weight) FROM patients WHERE age >= 40 GROUP BY sex"',
    'warifu query --explain "SELECT t_test(sbp, smoker) FROM patients"',
    'warifu query --with-three "SELECT COUNT(*) FROM patients"',
    'warifu query --json "SELECT AVG(体重) AS mean FROM patients" > result.json',
  );
}

async function query(terminal: Terminal, sql: string, options: QueryOptions): Promise<void> {
  refuseBoth({ '--json': options.json === true, '--csv': options.csv === true });
  refuseBoth({ '--explain': options.explain === true, '--csv': options.csv === true });
  const client = await openClient(terminal, options);
  const { signal } = terminal;
  const without = options.withThree === true ? await findLostNode(client, { signal }) : undefined;
  if (options.explain === true) {
    const { text, json } = await explainQuery(client, sql, { signal, without });
    terminal.print(options.json === true ? JSON.stringify(json) : text);
    return;
  }
  const show = progressLine(terminal);
  const onProgress = ({ stage, done, total }: Progress): void => show(stage, done, total);
  const ask = { signal, onProgress, without };
  try {
    showResult(terminal, await runQuery(client, sql, ask), options);
  } catch (thrown) {
    throw without === undefined ? await withOffer(client, thrown) : thrown;
  }
}

/** Where a node of four is lost for all others, they may go on, if they are asked to. */
async function withOffer(client: ClusterClient, thrown: unknown): Promise<unknown> {
  const mayBeLost =
    thrown instanceof WarifuError && (thrown.code === 'NODE_LOST' || thrown.code === 'NODE_UNREACHABLE');
  if (!mayBeLost || !(await isLostForAll(client, thrown))) return thrown;
  return new WarifuError(
    thrown.code,
    `${thrown.message}; where the table allows it, the other three go on: warifu query --with-three`,
    thrown.details,
  );
}
