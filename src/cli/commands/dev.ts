/** `warifu dev`: a local cluster that stays, for developing against. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { spokenFingerprint } from '../../core/cluster-file.js';
import { withExamples } from '../examples.js';
import { type LinkOptions, linkShape, withLinkOptions } from '../link-options.js';
import type { NodeChild } from '../local-cluster/child.js';
import {
  clusterPath,
  DEV_USERS,
  nodePath,
  openDevDirectory,
  storeKeyPath,
  userKeyPath,
} from '../local-cluster/dev-directory.js';
import { LocalCluster } from '../local-cluster/local-cluster.js';
import { watchNodes } from '../local-cluster/watch-nodes.js';
import { readNodeSettings } from '../node-files.js';
import { type NodesChoice, newNodesOption, nodesOf, parseMinCount } from '../options.js';
import { shellWord } from '../shell-word.js';
import type { Terminal } from '../terminal.js';
import { untilStopped } from '../until-stopped.js';
import { DEFAULT_FLOOR } from './node-init.js';

interface DevOptions extends LinkOptions {
  readonly dir: string;
  readonly floor: number;
  readonly nodes?: NodesChoice;
}

export function devCommand(terminal: Terminal): Command {
  const command = new Command('dev')
    .description('run a local cluster of three or four nodes that keeps its data; Ctrl-C stops it')
    .requiredOption('--dir <directory>', 'where keys and data are kept; made if it does not exist')
    .option(
      '--floor <k>',
      'release nothing from fewer than k rows; counts at the first start',
      parseMinCount,
      DEFAULT_FLOOR,
    )
    .addOption(newNodesOption())
    .action((options: DevOptions) => dev(terminal, options));
  return withExamples(
    withLinkOptions(command),
    'warifu dev --dir ./warifu-dev',
    'warifu dev --dir ./warifu-dev --nodes 4',
    'warifu dev --dir ./warifu-dev --latency 20 --bandwidth 100',
  );
}

async function dev(terminal: Terminal, { dir, floor, nodes: choice, ...links }: DevOptions): Promise<void> {
  const directory = resolve(dir);
  const { cluster, nodes } = await openDevDirectory(
    terminal,
    directory,
    floor,
    choice === undefined ? undefined : nodesOf(choice),
  );
  const { minCountFloor } = await readNodeSettings(nodes[0]!.directory);
  const local = await LocalCluster.start(
    { cluster, nodes, users: undefined, minCountFloor, runDirectory: undefined, shape: linkShape(links) },
    terminal.signal,
  );
  try {
    tellHowToReach(terminal, directory, local);
    const onLost = (child: NodeChild): void => {
      if (!terminal.signal.aborted) tellLost(terminal, directory, child, links);
    };
    await Promise.race([untilStopped(terminal.signal), watchNodes(local, onLost)]);
  } finally {
    await local.stop();
  }
  terminal.tell('stopped; the same command starts it again with its data');
}

/** A node of four is gone: what still works, and the command that starts it again. */
function tellLost(
  terminal: Terminal,
  directory: string,
  { name, pid, how }: NodeChild,
  { latency, bandwidth }: LinkOptions,
): void {
  const run = [
    'warifu node run',
    `--dir ${shellWord(nodePath(directory, name))}`,
    `--cluster ${shellWord(clusterPath(directory))}`,
    `--key-file ${shellWord(storeKeyPath(directory, name))}`,
    ...(latency === undefined ? [] : [`--latency ${latency}`]),
    ...(bandwidth === undefined ? [] : [`--bandwidth ${bandwidth}`]),
  ];
  const lines = [
    '',
    terminal.style('yellow', `node '${name}' (process ${pid ?? 0}) ${how}; the other three go on.`),
    'Queries of tables that allowed it beforehand (warifu table T --allow-three yes) run by these three:',
    `  ${warifuAs('analyst', directory)} query --with-three "SELECT COUNT(*) FROM T"`,
    'Anything else waits for the node. To start it again, in another terminal (Ctrl-C stops it there):',
    `  ${run.join(' ')}`,
  ];
  for (const line of lines) terminal.tell(line);
}

function tellHowToReach(terminal: Terminal, directory: string, { cluster, children }: LocalCluster): void {
  const lines = [
    `cluster:  ${clusterPath(directory)} (fingerprint ${spokenFingerprint(cluster.fingerprint)})`,
    ...cluster.nodes.map(({ name, client }) => {
      const pid = children.find((child) => child.name === name)?.pid ?? 0;
      return `${name}:   process ${pid}, clients at ${client}, data in ${nodePath(directory, name)}`;
    }),
    ...DEV_USERS.map(({ name, roles }) => `${roles.join(' and ').padEnd(9)} ${userKeyPath(directory, name)}`),
    '',
    'In another terminal:',
    '  warifu schema infer FILE.csv',
    `  ${warifuAs('provider', directory)} upload FILE.csv --table T --slice one --schema FILE.schema.json`,
    `  ${warifuAs('provider', directory)} grant T analyst`,
    `  ${warifuAs('analyst', directory)} query "SELECT COUNT(*) FROM T"`,
    '',
    'Ctrl-C stops it.',
  ];
  for (const line of lines) terminal.tell(line);
}

/** The command of one of the cluster's users, as it can be pasted. */
function warifuAs(user: string, directory: string): string {
  return `WARIFU_CLUSTER=${shellWord(clusterPath(directory))} WARIFU_KEY=${shellWord(userKeyPath(directory, user))} warifu`;
}
