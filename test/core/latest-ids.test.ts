import { expect, it } from 'vitest';
import { LatestIds } from '../../src/core/latest-ids.js';

it('knows the latest ids with what was said of them last, and no more than so many', () => {
  const ids = new LatestIds<string | undefined>(3);
  for (const id of ['a', 'b', 'c']) ids.set(id, `${id}1`);
  ids.set('a', 'a2');
  ids.set('d', undefined);
  // 'a' has come again after 'b'.
  expect(['a', 'b', 'c', 'd'].map((id) => ids.has(id))).toEqual([true, false, true, true]);
  expect(['a', 'b', 'c', 'd'].map((id) => ids.get(id))).toEqual(['a2', undefined, 'c1', undefined]);
  for (let i = 0; i < 1_000; i++) ids.set(`${i}`, 'x');
  expect(['a', 'c', 'd', '996', '997', '998', '999'].filter((id) => ids.has(id))).toEqual([
    '997',
    '998',
    '999',
  ]);
});
