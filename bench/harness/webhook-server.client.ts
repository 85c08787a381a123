import { Pool } from 'undici';
import { Child } from './child.js';

/** Since the last reset; latencies in milliseconds, from before the event was published to its arrival. */
export interface WebhookServerStats {
  received: number;
  /** By endpoint, `webhook-id` and event. */
  distinct: number;
  /** By endpoint and event. */
  distinctEvents: number;
  /** Requests that get no answer. */
  hanging: number;
  p50: number;
  p99: number;
  max: number;
}

/** The process that webhooks are sent to. */
export class WebhookServer {
  private constructor(
    private readonly child: Child<{ type: 'ready'; port: number }>,
    private readonly pool: Pool,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookServer> {
    const child = await Child.start<{ type: 'ready'; port: number }>('webhook-server');
    const url = `http://127.0.0.1:${child.ready.port}`;
    return new WebhookServer(child, new Pool(url, { connections: 1 }), url);
  }

  /** From the event with this number on. */
  reset(from: number): Promise<WebhookServerStats> {
    return this.ask('POST', '/reset', { from });
  }

  stats(): Promise<WebhookServerStats> {
    return this.ask('GET', '/stats');
  }

  async stop(): Promise<void> {
    await this.child.kill('SIGTERM');
    await this.pool.destroy();
  }

  private async ask(method: 'GET' | 'POST', path: string, sent?: object): Promise<WebhookServerStats> {
    const { body } = await this.pool.request({ method, path, body: sent && JSON.stringify(sent) });
    return (await body.json()) as WebhookServerStats;
  }
}
