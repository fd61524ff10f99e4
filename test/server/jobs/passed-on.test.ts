/** A job that ends at one node ends at all, and each says who said so first. */
import { expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { JobWorld, jobId, NAMES, NODES, type Observed, run } from './job-world.js';

const REFUSED = new WarifuError('NOT_GRANTED', 'the table is not granted', { table: 't' });
const never = (): Promise<never> => new Promise(() => undefined);

/** Runs a job at nodes that a refusal of node 0 reaches only by way of the others. */
async function refusedBehind(told: readonly NodeIndex[]): Promise<Observed<unknown>[]> {
  const world = new JobWorld(`told ${told.join(' ')}`);
  world.bend = (from, to, message) =>
    from === 0 && message.type === 'refuse' && !told.includes(to) ? undefined : message;
  const observed = NODES.slice(1).map((node) => run(world, node, jobId(1), never));
  await world.settle();
  world.node(0).coordinator.refuse(jobId(1), REFUSED);
  await world.settle();
  return observed;
}

test('who hears of a refusal only from another node names both', async () => {
  const [beta, gamma] = await refusedBehind([1]);
  expect(beta?.error).toMatchObject({
    code: 'NOT_GRANTED',
    message: 'node alpha: the table is not granted',
    details: { node: 'alpha', table: 't', told_by: 'alpha' },
  });
  expect(gamma?.error).toMatchObject({
    code: 'NOT_GRANTED',
    message: 'node beta says that node alpha refused: the table is not granted',
    details: { node: 'alpha', table: 't', said_by: 'alpha', told_by: 'beta' },
  });
});

test('who comes late hears of it in the same way', async () => {
  const world = new JobWorld('late');
  world.bend = (_from, to, message) => (to === 2 ? undefined : message);
  run(world, 1, jobId(1), never);
  world.node(0).coordinator.refuse(jobId(1), REFUSED);
  await world.settle();
  // Who refused has forgotten it.
  world.start(0);
  world.bend = (_from, _to, message) => message;
  const gamma = run(world, 2, jobId(1), never);
  await world.settle();
  expect(gamma.error?.details).toMatchObject({ said_by: 'alpha', told_by: 'beta' });
});

test('a node that is not linked to two others names both', async () => {
  const world = new JobWorld('two away');
  world.crash(1);
  world.crash(2);
  const observed = run(world, 0, jobId(1), never);
  await world.settle();
  expect(observed.error).toMatchObject({
    code: 'NODE_UNREACHABLE',
    message: `nodes ${NAMES[1]} and ${NAMES[2]} are not connected to the others: try again later`,
    details: { nodes: [NAMES[1], NAMES[2]] },
  });
});
