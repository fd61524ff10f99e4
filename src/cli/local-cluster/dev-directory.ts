/**
 * What `warifu dev` keeps: D/cluster.json, D/keys (users' private keys and the keys of the stores, mode 0600),
 * D/nodes/NAME (a node's directory each, as `warifu node init` makes it). For development on one computer: the
 * "organisations" are one person, and the keys lie beside each other.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, clusterText } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { encodeKeyFile, newNamedKey } from '../../core/key-file.js';
import { parseCluster } from '../../server/identity/cluster.js';
import { loadNodeIdentity, saveNodeIdentity } from '../../server/identity/node-identity.js';
import { createStore } from '../../server/store/new-store.js';
import type { Role } from '../../server/users/enrolled-users.js';
import { writeNewFile } from '../../server/users/key-storage.js';
import { UserFile } from '../../server/users/user-file.js';
import { readConfigFile } from '../config.js';
import {
  identityPassphrase,
  newNodeSecret,
  nodeSecret,
  readNodeSettings,
  writeNodeSettings,
} from '../node-files.js';
import type { Terminal } from '../terminal.js';
import { type LocalNode, newLocalCluster } from './local-cluster.js';

/** Who is enrolled at the start, at all nodes. */
export const DEV_USERS: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  { name: 'provider', roles: ['provider'] },
  { name: 'analyst', roles: ['analyst'] },
];

const CLUSTER_FILE = 'cluster.json';

export interface DevDirectory {
  readonly cluster: Cluster;
  readonly nodes: readonly LocalNode[];
}

export const clusterPath = (directory: string): string => join(directory, CLUSTER_FILE);
export const userKeyPath = (directory: string, name: string): string =>
  join(directory, 'keys', `${name}.key.json`);
export const nodePath = (directory: string, name: string): string => join(directory, 'nodes', name);
export const storeKeyPath = (directory: string, name: string): string =>
  join(directory, 'keys', `${name}.store.key`);

/**
 * Makes the directory's contents, or reads those of an earlier start.
 *
 * @param nodesWanted how many nodes a new cluster has, and an old one must have; 3 for a new one if undefined.
 * @throws WarifuError CONFIG_INVALID, KEY_INVALID, FILE_MISSING for a directory that is not whole, CONFIG_INVALID for one
 *   of another number of nodes.
 */
export async function openDevDirectory(
  terminal: Terminal,
  directory: string,
  minCountFloor: number,
  nodesWanted?: 3 | 4,
): Promise<DevDirectory> {
  if (!existsSync(clusterPath(directory))) await make(terminal, directory, minCountFloor, nodesWanted ?? 3);
  const cluster = parseCluster(await readConfigFile(clusterPath(directory)));
  if (nodesWanted !== undefined && nodesWanted !== cluster.nodes.length) {
    throw new WarifuError(
      'CONFIG_INVALID',
      `the cluster in ${directory} has ${cluster.nodes.length} nodes: leave --nodes away, or give another directory`,
    );
  }
  const nodes = await Promise.all(
    cluster.nodes.map(async ({ name }): Promise<LocalNode> => {
      const path = nodePath(directory, name);
      await readNodeSettings(path);
      const secret = await nodeSecret(terminal, path, { keyFile: storeKeyPath(directory, name) });
      return { identity: await loadNodeIdentity(path, identityPassphrase(secret)), directory: path, secret };
    }),
  );
  return { cluster, nodes };
}

/** The cluster file comes last: a directory that has it is whole. */
async function make(
  terminal: Terminal,
  directory: string,
  minCountFloor: number,
  count: 3 | 4,
): Promise<void> {
  const { identities, cluster } = await newLocalCluster(count);
  mkdirSync(join(directory, 'keys'), { recursive: true, mode: 0o700 });
  const users = DEV_USERS.map(({ name, roles }) => ({ key: newNamedKey('user', name), roles }));
  for (const { key } of users) {
    await writeNewFile(userKeyPath(directory, key.name), await encodeKeyFile(key, undefined));
  }
  for (const identity of identities) {
    const path = nodePath(directory, identity.key.name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const secret = await newNodeSecret(terminal, path, {
      keyFile: storeKeyPath(directory, identity.key.name),
    });
    await saveNodeIdentity(path, identity, identityPassphrase(secret));
    await writeNodeSettings(path, { minCountFloor });
    await createStore({ directory: path, secret });
    await new UserFile(path).change((list) =>
      users.reduce((before, { key, roles }) => before.enrol(key, roles, Date.now()), list),
    );
  }
  await writeNewFile(clusterPath(directory), clusterText(cluster));
}
