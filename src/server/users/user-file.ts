/**
 * The list of users on disk, `users/users.json` in a node's directory. The operator's commands change it under a
 * lock; a running node notices by reading it again.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WarifuError } from '../../core/errors.js';
import { type DataLock, lockDirectory } from '../store/data-lock.js';
import { nodeDisk } from '../store/disk.js';
import { Files } from '../store/files.js';
import { EnrolledUsers, MAX_USERS_FILE, parseUsers } from './enrolled-users.js';

const LOCK_LIMIT_MS = 5000;
const LOCK_RETRY_MS = 50;

export class UserFile {
  readonly #files: Files;
  readonly #directory: string;
  readonly #path: string;
  #text = '';
  #users = new EnrolledUsers([]);

  /** @param nodeDirectory the node's directory, which exists. */
  constructor(nodeDirectory: string) {
    this.#files = new Files(nodeDisk, nodeDirectory);
    this.#directory = join(nodeDirectory, 'users');
    this.#path = join(this.#directory, 'users.json');
  }

  /**
   * The users as the file has them now; none before the first enrolment.
   *
   * @throws WarifuError CONFIG_INVALID or KEY_INVALID for a damaged file: then nobody is let in.
   */
  async read(): Promise<EnrolledUsers> {
    const bytes = (await this.#files.read(this.#path, 0, MAX_USERS_FILE + 1)) ?? new Uint8Array();
    if (bytes.length > MAX_USERS_FILE) {
      throw new WarifuError('CONFIG_INVALID', `users.json has more than ${MAX_USERS_FILE} bytes`);
    }
    // Whole-file comparison: time stamps are too coarse to tell two quick changes apart.
    const text = Buffer.from(bytes).toString('utf8');
    if (text !== this.#text) {
      this.#users = text === '' ? new EnrolledUsers([]) : parseUsers(text);
      this.#text = text;
    }
    return this.#users;
  }

  /**
   * Replaces the list by what `change` makes of it; durable when this resolves.
   *
   * @throws WarifuError STORE_LOCKED when another command keeps changing it for five seconds.
   */
  async change(change: (users: EnrolledUsers) => EnrolledUsers): Promise<EnrolledUsers> {
    await this.#files.makeDirectory(this.#directory);
    const lock = await this.#lock();
    try {
      const changed = change(await this.read());
      await this.#files.writeAtomically(this.#path, [Buffer.from(changed.toText(), 'utf8')]);
      return changed;
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<DataLock> {
    for (let waited = 0; ; waited += LOCK_RETRY_MS) {
      try {
        return lockDirectory(this.#directory);
      } catch (thrown) {
        if (!(thrown instanceof WarifuError) || thrown.code !== 'STORE_LOCKED') throw thrown;
        if (waited >= LOCK_LIMIT_MS) {
          throw new WarifuError(
            'STORE_LOCKED',
            'another command is changing the list of users; try again when it has ended',
            thrown.details,
          );
        }
        await sleep(LOCK_RETRY_MS);
      }
    }
  }
}
