import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { anyFreePort, freePortFrom, isPortFree } from './free-port.js';

describe('a free port', () => {
  const servers: Server[] = [];
  const occupy = async (port: number) => {
    const server = createServer().listen(port, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  it('is the preferred one when nobody has it', async () => {
    const port = await anyFreePort();
    expect(await freePortFrom(port)).toBe(port);
  });

  it('is a later one when the preferred is taken or kept for another part', async () => {
    const port = await anyFreePort();
    await occupy(port);
    expect(await isPortFree(port)).toBe(false);
    const next = await freePortFrom(port);
    expect(next).toBeGreaterThan(port);
    expect(await freePortFrom(port, [next])).toBeGreaterThan(next);
  });

  it('is missed in words when there is none left', async () => {
    await expect(freePortFrom(65_535, [65_535])).rejects.toThrow('no free port at or above 65535');
  });
});
