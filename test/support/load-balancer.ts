import { once } from 'node:events';
import { Agent, createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PROBE_EVERY_MS = 100;

/**
 * Stands before several APIs as the usual load balancers do: keeps connections, asks for readiness, and sends each request
 * to one that was ready. It repeats none: what an API loses is lost.
 */
export class LoadBalancer {
  /** Requests that no API answered. */
  readonly lost: string[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server: Server;
  private readonly probing: Promise<void>;
  private ready: string[] = [];
  private turn = 0;
  private isOn = true;

  private constructor(private readonly backends: readonly string[]) {
    this.server = createServer((request, response) => this.pass(request, response));
    this.probing = this.probe();
  }

  static async before(backends: readonly string[]): Promise<LoadBalancer> {
    const balancer = new LoadBalancer(backends);
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  isReady(backend: string): boolean {
    return this.ready.includes(backend);
  }

  async close(): Promise<void> {
    this.isOn = false;
    await this.probing;
    this.agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async probe(): Promise<void> {
    while (this.isOn) {
      const found = await Promise.all(
        this.backends.map((backend) =>
          fetch(`${backend}/health/ready`).then(
            async (answer) => {
              await answer.arrayBuffer();
              return answer.ok;
            },
            () => false,
          ),
        ),
      );
      this.ready = this.backends.filter((_, place) => found[place]);
      await sleep(PROBE_EVERY_MS);
    }
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const lose = (reason: string) => {
      this.lost.push(`${method} ${url}: ${reason}`);
      response.writeHead(502).end();
    };
    const backend = this.ready[this.turn++ % this.ready.length];
    if (backend === undefined) return lose('no API is ready');
    const passed = ask(`${backend}${url}`, { method, headers, agent: this.agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', ({ message }) => lose(message));
    request.pipe(passed);
  }
}
