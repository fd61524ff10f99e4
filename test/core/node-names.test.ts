import { expect, it } from 'vitest';
import { nodesNamed, withNodeNames } from '../../src/core/node-names.js';

const NAMES = ['kita', 'naka', 'minami', 'nishi'];

it.each([
  ['node 1 is lost: node 1: x', "node 'naka' is lost: node 'naka': x"],
  ['node 2 or node 3 sent something else', "node 'minami' or node 'nishi' sent something else"],
  ['the copies from nodes 0 and 3 differ', "the copies from nodes 'kita' and 'nishi' differ"],
  ['nodes 0, 2 and 3 sent 1, 2 and 3', "nodes 'kita', 'minami' and 'nishi' sent 1, 2 and 3"],
  ['node 7, node 12, node 1.example and node 1st', 'node 7, node 12, node 1.example and node 1st'],
  ['nodes 1 and 12, nodes 3', 'nodes 1 and 12, nodes 3'],
  ['node 1, 2 rows', "node 'naka', 2 rows"],
])('%s', (message, named) => {
  expect(withNodeNames(message, NAMES)).toBe(named);
});

it('one or several nodes are named', () => {
  expect([1, 2, 3].map((count) => nodesNamed(NAMES.slice(0, count)))).toEqual([
    'node kita',
    'nodes kita and naka',
    'nodes kita, naka and minami',
  ]);
});
