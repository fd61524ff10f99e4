/** The last step of `warifu demo` with four nodes: one is killed, and the other three come to the same result. */
import { setTimeout as sleep } from 'node:timers/promises';
import { findLostNode } from '../../client/analyst/lost-node.js';
import { runQuery } from '../../client/analyst/query.js';
import { resultText } from '../../client/analyst/result-text.js';
import type { ClusterClient } from '../../client/cluster-client.js';
import { setTableSettings } from '../../client/owner/orders.js';
import { asWarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { NodeChild } from '../local-cluster/child.js';
import { threeLine } from '../show-result.js';
import type { Terminal } from '../terminal.js';
import { TABLE } from './hospitals.js';

const NOTICE_TRIES = 40;
const NOTICE_PAUSE_MS = 250;

export interface Loss {
  /** Whose rows are in the table. */
  readonly hospitals: readonly ClusterClient[];
  readonly analyst: ClusterClient;
  readonly sql: string;
  /** The node that is killed. */
  readonly child: NodeChild;
  readonly say: (lines: readonly string[]) => void;
}

/** Kills the node's process: it does not come back. */
export async function loseNode(
  terminal: Terminal,
  { hospitals, analyst, sql, child, say }: Loss,
): Promise<void> {
  const { signal } = terminal;
  for (const hospital of hospitals) await setTableSettings(hospital, TABLE, { allowThree: true }, { signal });
  child.kill();
  await child.ended;
  say([
    'All three hospitals have allowed it (warifu table patients --allow-three yes). Now the process of',
    `${child.name} is killed, and the analyst asks the first question again:`,
    '',
    `  ${terminal.style('dim', await refusalOf(analyst, sql, signal))}`,
    '',
    'With --with-three the other three go on, each of which must have lost the node by itself for three',
    'seconds. A node that lies is not caught then, so it is for the owners of the data to allow it.',
    '',
  ]);
  const answer = await runQuery(analyst, sql, { signal, without: await lostNode(analyst, signal) });
  terminal.print(resultText(answer.table));
  say([terminal.style('dim', threeLine(child.name))]);
}

/** The other nodes may take a moment to notice. */
async function lostNode(analyst: ClusterClient, signal: AbortSignal): Promise<NodeIndex> {
  for (let tries = 1; ; tries++) {
    try {
      return await findLostNode(analyst, { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      if (tries === NOTICE_TRIES) throw thrown;
      await sleep(NOTICE_PAUSE_MS, undefined, { signal });
    }
  }
}

/** What four nodes say of which one is lost. */
async function refusalOf(analyst: ClusterClient, sql: string, signal: AbortSignal): Promise<string> {
  try {
    await runQuery(analyst, sql, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message } = asWarifuError(thrown);
    return `error ${code}: ${message}`;
  }
  return 'the killed node has answered';
}
