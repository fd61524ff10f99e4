/** `warifu user`: keys of users, and each operator's own list of who may ask what at its node. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { encodeKeyFile, newNamedKey } from '../../core/key-file.js';
import type { Role } from '../../server/users/enrolled-users.js';
import { writeNewFile } from '../../server/users/key-storage.js';
import { UserFile } from '../../server/users/user-file.js';
import { parseUserKeyLine, userKeyLine } from '../../server/users/user-key-line.js';
import { configDirectory } from '../config.js';
import { withExamples } from '../examples.js';
import { readNodeSettings } from '../node-files.js';
import { jsonOption, parseRoles, refuseBoth } from '../options.js';
import { newPassphrase } from '../passphrase.js';
import type { Terminal } from '../terminal.js';

export function userCommand(terminal: Terminal): Command {
  return new Command('user')
    .description('make a key for yourself; enrol users at your node')
    .addCommand(keygenCommand(terminal))
    .addCommand(addCommand(terminal))
    .addCommand(revokeCommand(terminal))
    .addCommand(listCommand(terminal));
}

interface KeygenOptions {
  readonly out?: string;
  readonly passphraseFile?: string;
  /** False for --no-passphrase. */
  readonly passphrase: boolean;
}

function keygenCommand(terminal: Terminal): Command {
  const command = new Command('keygen')
    .description('make a private key; prints the public line to send to the operator of each node')
    .argument('<name>', 'your name at the nodes: one word')
    .option('--out <file>', 'where to write the private key (default: key.json in the configuration)')
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase (default: $WARIFU_PASSPHRASE_FILE, or asked for)',
    )
    .option('--no-passphrase', 'leave the key unprotected, in a file that only you can read')
    .action((name: string, options: KeygenOptions) => keygen(terminal, name, options));
  return withExamples(
    command,
    'warifu user keygen yamada',
    'warifu user keygen yamada --out yamada.key.json --passphrase-file secret.txt',
  );
}

async function keygen(terminal: Terminal, name: string, options: KeygenOptions): Promise<void> {
  refuseBoth({
    '--no-passphrase': !options.passphrase,
    '--passphrase-file': options.passphraseFile !== undefined,
  });
  const key = newNamedKey('user', name);
  const passphrase = options.passphrase
    ? await newPassphrase(terminal, options.passphraseFile, {
        question: 'A passphrase for the key: ',
        otherwise: '--no-passphrase',
      })
    : undefined;
  const path = options.out ?? join(configDirectory(terminal.environment), 'key.json');
  if (options.out === undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeNewFile(path, await encodeKeyFile(key, passphrase));
  terminal.tell(`private key: ${path} (keep it; nobody else can make it again)`);
  terminal.tell('Send this line to the operator of each node:');
  terminal.print(userKeyLine(key));
}

interface AddOptions {
  readonly role: readonly Role[];
  readonly dir: string;
}

function addCommand(terminal: Terminal): Command {
  const command = new Command('add')
    .description("enrol a user at your node, by the line that the user's keygen printed")
    .argument('<line...>', 'warifu-user ed25519 NAME KEY, with or without quotes around it')
    .requiredOption('--role <roles>', 'provider, analyst, or provider,analyst', parseRoles)
    .requiredOption('--dir <directory>', "your node's directory")
    .action(async (words: readonly string[], { role, dir }: AddOptions) => {
      const user = parseUserKeyLine(words.join(' '));
      await (await userFileOf(dir)).change((users) => users.enrol(user, role, Date.now()));
      terminal.tell(`enrolled '${user.name}' as ${role.join(' and ')}; a running node accepts it at once`);
    });
  return withExamples(
    command,
    "warifu user add 'warifu-user ed25519 yamada 3q2+7w...=' --role provider --dir /var/lib/warifu",
  );
}

function revokeCommand(terminal: Terminal): Command {
  const command = new Command('revoke')
    .description('accept no more requests of a user at your node')
    .argument('<name>', 'the user')
    .requiredOption('--dir <directory>', "your node's directory")
    .action(async (name: string, { dir }: { readonly dir: string }) => {
      await (await userFileOf(dir)).change((users) => users.revoke(name, Date.now()));
      terminal.tell(`revoked '${name}'; tables and slices stay until they are dropped`);
    });
  return withExamples(command, 'warifu user revoke yamada --dir /var/lib/warifu');
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('the users enrolled at your node')
    .requiredOption('--dir <directory>', "your node's directory")
    .addOption(jsonOption())
    .action(async ({ dir, json }: { readonly dir: string; readonly json?: boolean }) => {
      const { records } = await (await userFileOf(dir)).read();
      const users = records.map(({ name, roles, enrolled, revoked }) => ({
        name,
        roles,
        enrolled,
        revoked: revoked ?? null,
      }));
      if (json === true) {
        terminal.print(JSON.stringify({ users }));
        return;
      }
      const table = new Table({
        head: ['user', 'roles', 'enrolled', 'revoked'],
        style: { head: [], border: [] },
      });
      table.push(
        ...users.map((user) => [user.name, user.roles.join(', '), user.enrolled, user.revoked ?? '']),
      );
      terminal.print(table.toString());
    });
  return withExamples(command, 'warifu user list --dir /var/lib/warifu');
}

/** The list of users of a node's directory; refuses a directory that is none, rather than making a list there. */
async function userFileOf(directory: string): Promise<UserFile> {
  await readNodeSettings(directory);
  return new UserFile(directory);
}
