import { afterEach, expect, it } from 'vitest';
import { findLostNode, isLostForAll } from '../../../src/client/analyst/lost-node.js';
import { WarifuError } from '../../../src/core/errors.js';
import type { HandledReply } from '../../../src/server/client-port/request-handler.js';
import { FOUR_NAMES, failure, handlers, TestCluster } from '../support/test-cluster.js';

let running: TestCluster | undefined;
afterEach(() => running?.stop());

/** A node that says of each other one whether it is linked to it. */
const says = (node: number, isUp: (peer: number) => boolean): HandledReply => ({
  data: {
    node,
    name: FOUR_NAMES[node]!,
    version: '0.1.0',
    protocol: 1,
    time: 5,
    peers: [0, 1, 2, 3]
      .filter((peer) => peer !== node)
      .map((peer) => ({ node: peer, name: FOUR_NAMES[peer]!, up: isUp(peer) })),
    running: 0,
    waiting: 0,
  },
});

async function lost(
  isUp: (node: number, peer: number) => boolean,
  closed: readonly number[] = [],
  nodes: 3 | 4 = 4,
) {
  running = await TestCluster.start({
    handlers: handlers((_, node) => says(node, (peer) => isUp(node, peer)), nodes),
  });
  await Promise.all(closed.map((node) => running!.ports[node]!.close()));
  return findLostNode(running.client());
}

it('is the one that all three others have lost, reached or not', async () => {
  expect(await lost((_, peer) => peer !== 2, [2])).toBe(2);
  await running!.stop();
  expect(await lost((node, peer) => peer !== 1 && node !== 1)).toBe(1);
});

it('is none when two of the others have lost it and the third has not, or when all are linked', async () => {
  expect(await failure(lost((node, peer) => peer !== 3 || node === 0))).toMatchObject({ code: 'USAGE' });
  await running!.stop();
  expect(await failure(lost(() => true))).toMatchObject({ code: 'USAGE' });
});

it('cannot be told when two do not answer', async () => {
  const error = await failure(lost((_, peer) => peer < 2, [2, 3]));
  expect(error).toMatchObject({ code: 'NODE_UNREACHABLE', details: { nodes: ['minami', 'nishi'] } });
  expect(error.message).toContain("nodes 'minami' and 'nishi' are not reached");
});

it('is of no use in a cluster of three', async () => {
  expect(await failure(lost((_, peer) => peer !== 2, [2], 3))).toMatchObject({ code: 'USAGE' });
});

it('is lost for all only where the other three say so: not by the word of one', async () => {
  const about = (node: string | number) => new WarifuError('NODE_LOST', 'x', { node });
  expect(await lost((_, peer) => peer !== 2, [2])).toBe(2);
  expect(await isLostForAll(running!.client(), about(2))).toBe(true);
  expect(await isLostForAll(running!.client(), about(FOUR_NAMES[2]!))).toBe(true);
  expect(await isLostForAll(running!.client(), about(1))).toBe(false);
  expect(await isLostForAll(running!.client(), about('nobody'))).toBe(false);
  const passedOn = new WarifuError(
    'NODE_LOST',
    `node '${FOUR_NAMES[1]!}': node '${FOUR_NAMES[2]!}' is lost`,
    { node: 1 },
  );
  expect(await isLostForAll(running!.client(), passedOn)).toBe(true);
  await running!.stop();
  await failure(lost((node, peer) => peer !== 3 || node !== 1));
  expect(await isLostForAll(running!.client(), about(3))).toBe(false);
});

it('is looked for without a warning of too many listeners, where an error names all four', async () => {
  const warnings: string[] = [];
  const hear = (warning: Error) => warnings.push(warning.name);
  process.on('warning', hear);
  try {
    expect(await lost((_, peer) => peer !== 2, [2])).toBe(2);
    const all = new WarifuError('NODE_LOST', FOUR_NAMES.map((name) => `'${name}'`).join(' '));
    expect(await isLostForAll(running!.client(), all)).toBe(true);
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', hear);
  }
});
