import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { LostNodes } from '../../../src/server/jobs/lost-nodes.js';
import { codeOf } from '../support/hospital.js';

let up: Set<NodeIndex>;
let lost: LostNodes;

beforeEach(() => {
  up = new Set([1, 2, 3]);
  const status = () => ([1, 2, 3] as const).map((node) => ({ node, up: up.has(node) }));
  lost = new LostNodes({ status }, (node) => `n${node}`, 100);
});
afterEach(() => vi.useRealTimers());

function goesDown(node: NodeIndex): void {
  up.delete(node);
  lost.wentDown(node);
}

test('a node that is linked is not lost', async () => {
  await expect(lost.expectLost(2)).rejects.toMatchObject({ code: 'STATE_DIFFERS', details: { node: 'n2' } });
});

test('a node is lost when its link has been broken for long enough, which is waited for', async () => {
  goesDown(2);
  const start = performance.now();
  await lost.expectLost(2);
  expect(performance.now() - start).toBeGreaterThan(80);
  await lost.expectLost(2);
  expect(await codeOf(lost.expectLost(3))).toBe('STATE_DIFFERS');
});

test('a node that comes back while this is waited for is not lost, also when it goes again', async () => {
  goesDown(2);
  const waiting = codeOf(lost.expectLost(2));
  up.add(2);
  expect(await waiting).toBe('STATE_DIFFERS');
  goesDown(2);
  const again = codeOf(lost.expectLost(2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  up.add(2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  goesDown(2);
  expect(await again).toBe('STATE_DIFFERS');
});

test('a node that was never linked is lost some time after the start', async () => {
  up.delete(3);
  expect(await codeOf(lost.expectLost(3))).toBe('no error');
});
