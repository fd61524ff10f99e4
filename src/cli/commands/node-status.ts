/** `warifu node status`: which nodes are up, and linked to each other. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { clusterStatus, type NodeStatus } from '../../client/owner/status.js';
import { printable } from '../../client/printable.js';
import { WarifuError } from '../../core/errors.js';
import { withNodeNames } from '../../core/node-names.js';
import { withExamples } from '../examples.js';
import { type ClusterOptions, clusterOption, jsonOption, keyOption, passphraseOption } from '../options.js';
import { openClient } from '../session.js';
import type { Terminal } from '../terminal.js';

interface StatusOptions extends ClusterOptions {
  readonly json?: boolean;
}

export function nodeStatusCommand(terminal: Terminal): Command {
  const command = new Command('status')
    .description('ask every node how it is; needs the key of a user who is enrolled there, in any role')
    .addOption(jsonOption())
    .addOption(clusterOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action((options: StatusOptions) => status(terminal, options));
  return withExamples(command, 'warifu node status', 'warifu node status --json');
}

async function status(terminal: Terminal, options: StatusOptions): Promise<void> {
  const client = await openClient(terminal, options);
  const nodes = await clusterStatus(client, { signal: terminal.signal });
  terminal.signal.throwIfAborted();
  if (options.json === true) {
    terminal.print(JSON.stringify({ nodes: nodes.map(toJson) }));
  } else {
    const table = new Table({
      head: ['node', 'state', 'version', 'linked to', 'running', 'waiting'],
      style: { head: [], border: [] },
      colWidths: [null, 50],
      wordWrap: true,
    });
    table.push(...nodes.map(row));
    terminal.print(table.toString());
  }
  refuseUnlessWhole(nodes);
}

function toJson({ name, status: found }: NodeStatus): Record<string, unknown> {
  return found instanceof WarifuError
    ? { name, up: false, error: found.toJSON() }
    : { ...found, name, up: true };
}

function row({ name, status: found }: NodeStatus): string[] {
  if (found instanceof WarifuError) return [name, `${found.code}: ${found.message}`, '', '', '', ''];
  const linked = found.peers.filter(({ up }) => up).map((peer) => printable(peer.name));
  return [
    name,
    'up',
    printable(found.version),
    linked.join(', '),
    String(found.running),
    String(found.waiting),
  ];
}

/** @throws WarifuError the first error of a node, else NODE_UNREACHABLE where a link is missing. */
function refuseUnlessWhole(nodes: readonly NodeStatus[]): void {
  for (const { status: found } of nodes) if (found instanceof WarifuError) throw found;
  const names = nodes.map(({ name }) => name);
  for (const { name, status: found } of nodes) {
    if (found instanceof WarifuError) continue;
    const missing = found.peers.find(({ up }) => !up);
    if (missing === undefined) continue;
    const why = missing.error === undefined ? '' : `: ${withNodeNames(printable(missing.error), names)}`;
    throw new WarifuError(
      'NODE_UNREACHABLE',
      `node '${name}' is not linked to '${printable(missing.name)}'${why}`,
      {
        node: name,
      },
    );
  }
}
