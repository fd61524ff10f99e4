/** What strangers at the peer port can write into a node's log. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { type LocalNodes, localNodes } from './support/local-nodes.js';

let nodes: LocalNodes;
afterAll(() => nodes.close());

/** Sends what is no TLS, or says hello without a certificate, and waits for the end. */
async function knock(port: number, withTls: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = withTls
      ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
      : connectTcp(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

test('the same faults again and again are a line each', async () => {
  const lines: string[] = [];
  const warn = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    if (fields['peer'] === 'a stranger') lines.push(message);
  };
  const log = { info: () => undefined, error: () => undefined, warn };
  nodes = await localNodes({ change: (i) => (i === 0 ? { log } : {}) });
  const port = nodes.nodes[0]?.peerPort ?? 0;
  for (let i = 0; i < 6; i++) {
    await knock(port, false);
    await knock(port, true);
  }
  expect(lines.length).toBeGreaterThanOrEqual(2);
  expect(lines).toEqual([...new Set(lines)]);
});
