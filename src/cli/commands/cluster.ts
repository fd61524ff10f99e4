/** `warifu cluster create`: the cluster file, from the cards of three or four nodes. */
import { Command } from 'commander';
import { clusterText, parseCard, spokenFingerprint } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { createCluster } from '../../server/identity/cluster.js';
import { readConfigFile } from '../config.js';
import { withExamples } from '../examples.js';
import { STDOUT, writeText } from '../files.js';
import type { Terminal } from '../terminal.js';

interface CreateOptions {
  readonly out: string;
  readonly force?: boolean;
}

export function clusterCommand(terminal: Terminal): Command {
  return new Command('cluster')
    .description('join the cards of three or four nodes into a cluster file')
    .addCommand(createCommand(terminal));
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description(
      'make the cluster file; every operator makes it from the same cards, in the same order, and compares the fingerprint',
    )
    .argument('<cards...>', "three or four files, as 'warifu node init' printed them")
    .option('--out <file>', "where to write it; '-' is stdout", STDOUT)
    .option('--force', 'replace the file if it exists')
    .action((cards: readonly string[], options: CreateOptions) => create(terminal, cards, options));
  return withExamples(command, 'warifu cluster create north.card south.card east.card --out cluster.json');
}

async function create(terminal: Terminal, paths: readonly string[], options: CreateOptions): Promise<void> {
  const cards = await Promise.all(
    paths.map(async (path) => {
      const text = await readConfigFile(path);
      try {
        return parseCard(text);
      } catch (thrown) {
        if (!(thrown instanceof WarifuError)) throw thrown;
        throw new WarifuError(thrown.code, `${path}: ${thrown.message}`, { ...thrown.details, file: path });
      }
    }),
  );
  const cluster = createCluster(cards);
  await writeText(terminal, options.out, clusterText(cluster), { overwrite: options.force === true });
  terminal.tell(
    'Read this fingerprint to the other operators, by telephone or in person; it must be the same everywhere:',
  );
  terminal.tell('');
  terminal.tell(`    ${terminal.style('bold', spokenFingerprint(cluster.fingerprint))}`);
  terminal.tell('');
  cluster.nodes.forEach((node, i) =>
    terminal.tell(`node ${i}: ${node.name}, nodes at ${node.peer}, clients at ${node.client}`),
  );
}
