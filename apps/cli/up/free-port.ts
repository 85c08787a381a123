import { createServer } from 'node:net';

const LAST_PORT = 65_535;

/** The first port from `preferred` upwards that is free on the loopback interface and not in `reserved`. */
export async function freePortFrom(preferred: number, reserved: readonly number[] = []): Promise<number> {
  for (let port = preferred; port <= LAST_PORT; port += 1) {
    if (!reserved.includes(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`no free port at or above ${preferred}`);
}

/** A free port of the operating system's choosing. */
export function anyFreePort(): Promise<number> {
  return listenOn(0);
}

export async function isPortFree(port: number): Promise<boolean> {
  return listenOn(port).then(
    () => true,
    () => false,
  );
}

function listenOn(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
