import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TEST_AUTHORITY, TEST_SERVER } from './certificates.js';

/** A server that speaks with clients of the test authority alone; `shown` has who asked, and for what. */
export async function certifiedServer(answer: (path: string) => object) {
  const shown: string[] = [];
  const asking = { ...TEST_SERVER, ca: TEST_AUTHORITY, requestCert: true, rejectUnauthorized: true };
  const server = createServer(asking, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    shown.push(`${String(subject.CN)} ${request.method} ${request.url}`);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(request.url ?? '')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    shown,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
