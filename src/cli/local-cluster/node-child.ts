/**
 * The process of one node of a local cluster. It gets everything over its private channel and ends with it: when
 * the command that started it is gone, however it went, the node stops and removes what it wrote.
 */
import { pino } from 'pino';
import { asWarifuError } from '../../core/errors.js';
import { decodeKeyFile } from '../../core/key-file.js';
import { growHeapForVectors } from '../../server/heap.js';
import { parseCluster } from '../../server/identity/cluster.js';
import { type RunningNode, startNode } from '../../server/node.js';
import { EnrolledUsers } from '../../server/users/enrolled-users.js';
import { UserFile } from '../../server/users/user-file.js';
import type { ChildSettings, ChildUser, FromChild, ToChild } from './child-messages.js';
import { removeRunDirectory } from './run-directory.js';

/** The settings follow the greeting at once; without them the process is of no use. */
const SETTINGS_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 2000;
const LINK_LIMIT_MS = 60_000;

growHeapForVectors();

let node: Promise<RunningNode> | undefined;
let settings: ChildSettings | undefined;
let ending = false;
const tooLate = setTimeout(() => void end(1), SETTINGS_LIMIT_MS);

// Ctrl-C reaches all processes of a terminal; the command decides what it means for its nodes.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));
process.on('message', (message) => {
  const told = message as ToChild;
  if (told.kind === 'stop') void end(0);
  else void start(told.settings);
});
send({ kind: 'hello' });

async function start(given: ChildSettings): Promise<void> {
  clearTimeout(tooLate);
  settings = given;
  try {
    node = open(given);
    await (await node).whenLinked(LINK_LIMIT_MS);
    send({ kind: 'ready' });
  } catch (thrown) {
    const { code, message, details } = asWarifuError(thrown);
    send({ kind: 'failed', code, message, details });
    await end(1);
  }
}

async function open(given: ChildSettings): Promise<RunningNode> {
  const key = await decodeKeyFile(given.key, 'node');
  process.title = `warifu ${key.name}`;
  return startNode({
    identity: { key, certificate: given.certificate },
    cluster: parseCluster(given.cluster),
    directory: given.directory,
    secret: given.secret,
    users: given.users === undefined ? new UserFile(given.directory) : usersInMemory(given.users),
    minCountFloor: given.minCountFloor,
    shape: given.shape,
    log: pino({ base: undefined }, pino.destination({ dest: 2, sync: true })),
  });
}

function usersInMemory(users: readonly ChildUser[]): { read(): Promise<EnrolledUsers> } {
  const enrolled = new EnrolledUsers(
    users.map((user) => ({ ...user, enrolled: new Date().toISOString(), revoked: undefined })),
  );
  return { read: async () => enrolled };
}

function send(message: FromChild): void {
  // Without the callback a channel that just closed would throw.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), STOP_LIMIT_MS + 3000).unref();
  await Promise.race([stopped(), new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref())]);
  if (settings?.runDirectory !== undefined) await removeRunDirectory(settings.runDirectory);
  process.exit(code);
}

async function stopped(): Promise<void> {
  try {
    await (await node)?.stop();
  } catch {
    // it did not start, or cannot stop in order; the process ends either way
  }
}
