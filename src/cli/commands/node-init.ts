/** `warifu node init`: makes one organisation's node and prints its public card. */
import { mkdir } from 'node:fs/promises';
import { Command } from 'commander';
import { cardText, parseCard } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { createCard, createNodeIdentity, saveNodeIdentity } from '../../server/identity/node-identity.js';
import { createStore, expectNoStore } from '../../server/store/new-store.js';
import { withExamples } from '../examples.js';
import { identityPassphrase, newNodeSecret, writeNodeSettings } from '../node-files.js';
import { type Address, addressText, parseAddress, parseMinCount, refuseBoth } from '../options.js';
import type { Terminal } from '../terminal.js';

/** An operator's floor unless it chooses one. */
export const DEFAULT_FLOOR = 3;

interface InitOptions {
  readonly dir: string;
  readonly name: string;
  readonly peer: Address;
  readonly client: Address;
  readonly floor: number;
  readonly passphraseFile?: string;
  readonly keyFile?: string;
}

export function nodeInitCommand(terminal: Terminal): Command {
  const command = new Command('init')
    .description("make this organisation's node; prints its public card, for the other operators")
    .requiredOption('--dir <directory>', 'where the node keeps its data; made if it does not exist')
    .requiredOption('--name <name>', 'name of the node: one word')
    .requiredOption('--peer <host:port>', 'where the other nodes reach it', parseAddress)
    .requiredOption('--client <host:port>', 'where providers and analysts reach it', parseAddress)
    .option(
      '--floor <k>',
      'release nothing from fewer than k rows here, whatever owners allow',
      parseMinCount,
      DEFAULT_FLOOR,
    )
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase (default: $WARIFU_PASSPHRASE_FILE, or asked for)',
    )
    .option('--key-file <file>', 'instead of a passphrase: a key kept elsewhere; made if it does not exist')
    .action((options: InitOptions) => init(terminal, options));
  return withExamples(
    command,
    'warifu node init --dir /var/lib/warifu --name north --peer north.example:7701 --client north.example:7700 > north.card',
  );
}

async function init(terminal: Terminal, options: InitOptions): Promise<void> {
  refuseBoth({
    '--passphrase-file': options.passphraseFile !== undefined,
    '--key-file': options.keyFile !== undefined,
  });
  if (addressText(options.peer).toLowerCase() === addressText(options.client).toLowerCase()) {
    throw new WarifuError(
      'USAGE',
      `--peer and --client are both ${addressText(options.peer)}: give them different ports`,
    );
  }
  const identity = await createNodeIdentity(options.name, Date.now());
  const card = createCard(identity, { peer: addressText(options.peer), client: addressText(options.client) });
  parseCard(cardText(card));
  const secret = await newNodeSecret(terminal, options.dir, options);
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  await expectNoStore(options.dir);
  await saveNodeIdentity(options.dir, identity, identityPassphrase(secret));
  await writeNodeSettings(options.dir, { minCountFloor: options.floor });
  await createStore({ directory: options.dir, secret });
  terminal.print(cardText(card));
  terminal.tell(
    `made node '${options.name}' in ${options.dir}; keep the directory, and its passphrase or key, safe`,
  );
  terminal.tell(
    "Send the card above to the other operators; then each runs 'warifu cluster create' on all the cards.",
  );
}
