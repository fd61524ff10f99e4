/** A command's client: cluster and key from the options. */
import { ClusterClient } from '../client/cluster-client.js';
import { loadCluster, loadUserKey } from './config.js';
import type { ClusterOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** The client of the command's user at the command's cluster. */
export async function openClient(terminal: Terminal, options: ClusterOptions): Promise<ClusterClient> {
  const cluster = await loadCluster(options, terminal.environment);
  const user = await loadUserKey(options, terminal);
  terminal.signal.throwIfAborted();
  return new ClusterClient({ cluster, user });
}
