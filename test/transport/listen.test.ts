import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/transport/listen.js';

describe('listening', () => {
  it('says who has the port, as a fault of the configuration', async () => {
    const first = createServer();
    const port = await listen(first, '127.0.0.1', 0);
    try {
      await expect(listen(createServer(), '127.0.0.1', port)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: `cannot listen on 127.0.0.1:${port}: another program uses this port (EADDRINUSE); stop it, or choose another port`,
      });
    } finally {
      first.close();
    }
  });

  it('says that an address is not of this computer', async () => {
    // 192.0.2.0/24 is kept for documentation (RFC 5737)
    await expect(listen(createServer(), '192.0.2.1', 0)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('no address of this computer') as string,
    });
  });
});
