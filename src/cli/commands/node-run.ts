/** `warifu node run`: one organisation's node, in the foreground until it is asked to stop. */
import { Command } from 'commander';
import { pino } from 'pino';
import { growHeapForVectors } from '../../server/heap.js';
import type { Log } from '../../server/log.js';
import { startNode } from '../../server/node.js';
import { beginEmptyStore } from '../../server/store/new-store.js';
import { UserFile } from '../../server/users/user-file.js';
import { readCluster } from '../config.js';
import { withExamples } from '../examples.js';
import { type LinkOptions, linkShape, withLinkOptions } from '../link-options.js';
import { nodeSecret, openIdentity, readNodeSettings } from '../node-files.js';
import { type Address, parseAddress, parseMebibytes, refuseBoth } from '../options.js';
import type { Terminal } from '../terminal.js';
import { untilStopped } from '../until-stopped.js';

interface RunOptions extends LinkOptions {
  readonly dir: string;
  readonly cluster: string;
  readonly passphraseFile?: string;
  readonly keyFile?: string;
  readonly listenPeer?: Address;
  readonly listenClient?: Address;
  readonly memory?: number;
  readonly newStore?: boolean;
}

export function nodeRunCommand(terminal: Terminal): Command {
  const command = new Command('run')
    .description('run the node until SIGTERM or Ctrl-C; logs JSON lines to stderr, or text to a terminal')
    .requiredOption('--dir <directory>', "the node's directory")
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
      '--listen-client <host:port>',
      'listen here for clients, if not at the address of the card',
      parseAddress,
    )
    .option('--memory <mib>', 'memory that running queries may take together (default: 4096)', parseMebibytes)
    .option(
      '--new-store',
      'begin with an empty store in place of a lost one: only where nothing was ever stored in the cluster',
    )
    .action((options: RunOptions) => run(terminal, options));
  return withExamples(
    withLinkOptions(command),
    'warifu node run --dir /var/lib/warifu --cluster cluster.json',
    'warifu node run --dir /var/lib/warifu --cluster cluster.json --key-file /run/secrets/warifu --listen-client 0.0.0.0:7700',
  );
}

async function run(terminal: Terminal, options: RunOptions): Promise<void> {
  refuseBoth({
    '--passphrase-file': options.passphraseFile !== undefined,
    '--key-file': options.keyFile !== undefined,
  });
  growHeapForVectors();
  const { minCountFloor } = await readNodeSettings(options.dir);
  const cluster = await readCluster(options.cluster);
  const secret = await nodeSecret(terminal, options.dir, options);
  const identity = await openIdentity(options.dir, secret);
  terminal.signal.throwIfAborted();
  if (options.newStore === true) await beginEmptyStore({ directory: options.dir, secret });
  const log = terminal.interactive
    ? textLog(terminal)
    : pino({ base: undefined }, pino.destination({ dest: 2, sync: true }));
  const node = await startNode({
    identity,
    cluster,
    directory: options.dir,
    secret,
    users: new UserFile(options.dir),
    minCountFloor,
    log,
    listen: {
      ...(options.listenPeer === undefined ? {} : { peer: options.listenPeer }),
      ...(options.listenClient === undefined ? {} : { client: options.listenClient }),
    },
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    shape: linkShape(options),
  });
  await untilStopped(terminal.signal);
  log.info({}, 'stopping');
  await node.stop();
}

/** `12:00:01 message field=value`, for a person who watches. */
function textLog(terminal: Terminal): Log {
  const line =
    (mark: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      const texts = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      terminal.tell([new Date().toISOString().slice(11, 19), `${mark}${message}`, ...texts].join(' '));
    };
  return {
    info: line(''),
    warn: line(terminal.style('yellow', 'warning: ')),
    error: line(terminal.style('red', 'error: ')),
  };
}
