/** `warifu node recover`: rebuilds the lost disk of a stopped node from the other nodes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { WarifuError } from '../../core/errors.js';
import { type Recovered, recoverNode } from '../../server/recover/recover-node.js';
import { UserFile } from '../../server/users/user-file.js';
import { readCluster } from '../config.js';
import { withExamples } from '../examples.js';
import { NODE_FILES, nodeSecret, openIdentity } from '../node-files.js';
import { type Address, jsonOption, parseAddress, refuseBoth } from '../options.js';
import { progressLine } from '../progress.js';
import type { Terminal } from '../terminal.js';

interface RecoverOptions {
  readonly dir: string;
  readonly cluster: string;
  readonly passphraseFile?: string;
  readonly keyFile?: string;
  readonly listenPeer?: Address;
  readonly setAside?: boolean;
  readonly acceptLoss?: boolean;
  readonly json?: boolean;
}

export function nodeRecoverCommand(terminal: Terminal): Command {
  const command = new Command('recover')
    .description("rebuild this stopped node's lost or damaged data from the other nodes, which must run")
    .requiredOption('--dir <directory>', "the node's directory, with its identity, settings and users")
    .requiredOption('--cluster <file>', 'the cluster file')
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase (default: $WARIFU_PASSPHRASE_FILE, or asked for)',
    )
    .option('--key-file <file>', 'the key, where the node was made with one')
    .option(
      '--listen-peer <host:port>',
      'listen here for other nodes, if not at the address of the card',
      parseAddress,
    )
    .option(
      '--set-aside',
      'move what is left of the store into a directory of its own, and recover everything',
    )
    .option(
      '--accept-loss',
      'end although some chunks are right at no node: their slices must be uploaded again',
    )
    .addOption(jsonOption())
    .action((options: RecoverOptions) => recover(terminal, options));
  return withExamples(
    command,
    'warifu node recover --dir /var/lib/warifu --cluster cluster.json',
    'warifu node recover --dir /var/lib/warifu --cluster cluster.json --set-aside',
  );
}

async function recover(terminal: Terminal, options: RecoverOptions): Promise<void> {
  const { dir } = options;
  refuseBoth({
    '--passphrase-file': options.passphraseFile !== undefined,
    '--key-file': options.keyFile !== undefined,
  });
  expectNodeFiles(dir);
  const cluster = await readCluster(options.cluster);
  const secret = await nodeSecret(terminal, dir, options);
  const identity = await openIdentity(dir, secret);
  terminal.signal.throwIfAborted();
  const warn = (_fields: unknown, message: string): void =>
    terminal.tell(`${terminal.style('yellow', 'warning:')} ${message}`);
  const recovering = recoverNode({
    identity,
    cluster,
    directory: dir,
    secret,
    users: new UserFile(dir),
    log: { info: () => undefined, warn, error: warn },
    setAside: options.setAside === true,
    acceptLoss: options.acceptLoss === true,
    signal: terminal.signal,
    onProgress: progressLine(terminal),
    listen: options.listenPeer,
  });
  const recovered = await recovering.catch((thrown: unknown) => {
    if (terminal.signal.aborted) terminal.tell('the same command goes on where it was');
    throw thrown;
  });
  terminal.print(options.json === true ? JSON.stringify(toJson(recovered)) : summary(recovered));
  for (const line of advice(recovered)) terminal.tell(line);
}

/** Recovery gives back what the other nodes know; who this node is, they do not. */
function expectNodeFiles(directory: string): void {
  const missing = NODE_FILES.filter((name) => !existsSync(join(directory, name)));
  if (missing.length === 0) return;
  throw new WarifuError(
    'CONFIG_INVALID',
    `'${directory}' lacks ${missing.join(', ')}: put the node's own files (${NODE_FILES.join(', ')}, users/) back from a backup first; the other nodes cannot give them`,
    { missing },
  );
}

function toJson({ state, tables, slices, chunks, lost, aside }: Recovered): Record<string, unknown> {
  return { state, tables, slices, chunks, lost, set_aside: aside ?? null };
}

const STATES: Readonly<Record<Recovered['state'], string>> = {
  whole: 'whole: nothing is missing, nothing was changed',
  repaired: 'repaired',
  recovered: 'recovered',
};

function summary({ state, tables, slices, chunks }: Recovered): string {
  return `${STATES[state]} (tables: ${tables}, slices: ${slices}, chunks fetched: ${chunks})`;
}

function advice({ state, lost, aside }: Recovered): string[] {
  const lines = lost.map(
    (slice) =>
      `${slice} is not whole: queries that read it fail until its contributor uploads it again (--replace)`,
  );
  if (aside !== undefined) lines.push(`what was here before is in ${aside}: delete it when it is not needed`);
  if (state === 'recovered') lines.push("Start the node with 'warifu node run'.");
  return lines;
}
