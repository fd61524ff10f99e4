import { afterEach, expect, test } from 'vitest';
import type { MeshOptions } from '../../src/transport/peer-mesh.js';
import { type Cluster, cluster, until } from './support/meshes.js';

const LIMITS = { redialMs: 100, redialMaxMs: 200 };
const WATCHED_MS = 600;

let running: Cluster | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

test.each<[string, Partial<MeshOptions>]>([
  ['HANDSHAKE_CLUSTER', { cluster: 'd2'.repeat(32) }],
  ['HANDSHAKE_VERSION', { protocolVersion: 99 }],
  ['HANDSHAKE_CLOCK', { wallClock: () => Date.now() - 3_600_000 }],
])('nodes that refuse each other pause between their dials: %s', async (code, wrong) => {
  const made = await cluster({ limits: LIMITS }, [0, 1]);
  running = made;
  let hellos = 0;
  const codes = new Set<string>();
  const right = made.make(0, {
    // Read once for every connection, dialled or accepted.
    wallClock: () => {
      hellos += 1;
      return Date.now();
    },
    onFault: (error) => codes.add(error.code),
  });
  await right.start();
  await made.make(1, wrong).start();
  await until(() => codes.has(code), `${code} at node 0`);

  hellos = 0;
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const pauses = (performance.now() - begun) / (LIMITS.redialMs / 2);
  expect(hellos).toBeGreaterThan(0);
  // Each of the two dials at most once more than it pauses.
  expect(hellos).toBeLessThanOrEqual(2 * (pauses + 1));
});
