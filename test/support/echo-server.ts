import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An outside system that says all that it was sent, whatever it answers: `/422` is answered 422, other paths 200. */
export class EchoServer {
  readonly heard: string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<EchoServer> {
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { url = '/', headers } = incoming;
        const said = JSON.stringify({ message: { url, headers, body: Buffer.concat(chunks).toString() } });
        echo.heard.push(said);
        const status = Number(/^\/(\d{3})\b/.exec(url)?.[1] ?? 200);
        response.writeHead(status, {
          'content-type': 'application/json',
          'x-heard': headers.authorization ?? 'nothing',
        });
        response.end(said);
      });
    });
    const echo = new EchoServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return echo;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
