import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Received {
  id: string;
  path: string;
  at: number;
  headers: Record<string, string>;
  body: string;
  json: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** Answers a request: a status, or a status with headers; undefined: never. */
export type Answer = number | { status: number; headers?: Record<string, string>; body?: string } | undefined;

/** A server of somebody's own that webhooks are sent to, and what it got. */
export class WebhookReceiver {
  private constructor(
    private readonly server: Server,
    readonly received: Received[],
    readonly port: number,
  ) {}

  static async open(
    answer: (received: Received, nth: number) => Answer = () => 200,
    port = 0,
  ): Promise<WebhookReceiver> {
    const received: Received[] = [];
    const server = createServer((incoming, response) => {
      void readAll(incoming).then((body) => {
        const headers = incoming.headers as Record<string, string>;
        const got = {
          id: headers['webhook-id'] ?? '',
          path: incoming.url ?? '',
          at: Date.now(),
          headers,
          body,
          json: parse(body),
        };
        received.push(got);
        const say = answer(got, received.length);
        if (say === undefined) return;
        const { status, headers: extra = {}, body: text = '' } = typeof say === 'number' ? { status: say } : say;
        response.writeHead(status, extra).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new WebhookReceiver(server, received, (server.address() as AddressInfo).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks?for=me`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

function parse(body: string): Received['json'] {
  try {
    return JSON.parse(body) as Received['json'];
  } catch {
    return { type: '', timestamp: '', data: {} };
  }
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
