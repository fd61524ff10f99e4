/** Links without TLS: nodes find each other, and nobody else is taken for one of them. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { PlainSockets } from '../../bench/nodes/plain-sockets.js';
import type { WarifuError } from '../../src/core/errors.js';
import { type Cluster, cluster, NODES } from '../transport/support/meshes.js';

let nodes: Cluster | undefined;
afterEach(() => nodes?.stop());

async function start(onFault: (error: WarifuError) => void = () => undefined): Promise<Cluster> {
  const made = await cluster();
  const meshes = NODES.map((node) =>
    made.make(node, { sockets: new PlainSockets(node, made.ports), onFault }),
  );
  for (const mesh of meshes) await mesh.start();
  return made;
}

// Without TLS the peer's hello usually comes in one piece with the answer to the opening handshake.
it.each(Array.from({ length: 10 }, (_, i) => i))('links three nodes, time %i', async () => {
  nodes = await start();
  await Promise.all(nodes.meshes.map((mesh) => mesh.whenUp(3000)));
  expect(nodes.meshes.every((mesh) => mesh.status().every(({ up }) => up))).toBe(true);
});

it('refuses who dials from elsewhere', async () => {
  const faults: WarifuError[] = [];
  nodes = await start((error) => faults.push(error));
  await Promise.all(nodes.meshes.map((mesh) => mesh.whenUp(3000)));
  const stranger = connect(nodes.ports[0]!, '127.0.0.1');
  const said = await new Promise<string>((resolve) => stranger.once('data', (data) => resolve(String(data))));
  stranger.destroy();
  expect(said).toMatch(/^HTTP\/1.1 403.*HANDSHAKE_CERTIFICATE/s);
  expect(faults.some(({ code }) => code === 'HANDSHAKE_CERTIFICATE')).toBe(true);
});
