import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import { answerProbe } from './answer-probe.js';
import { until } from './until.js';

/** A real HTTP agent that answers every call with 202, and later when it is told to. */
export class LaterAgent {
  readonly requests: AgentRequest[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(): Promise<LaterAgent> {
    const server = createServer((incoming, response) => {
      if (answerProbe(incoming, response)) return;
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        agent.requests.push(JSON.parse(Buffer.concat(chunks).toString()) as AgentRequest);
        response.writeHead(202, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ taskId: `task-${agent.requests.length}` }));
      })();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new LaterAgent(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return agent;
  }

  /** The call of a run, once it has come. */
  async asked(runId: string, key = 'call'): Promise<AgentRequest> {
    const find = () => this.requests.findLast(({ idempotencyKey }) => idempotencyKey === `${runId}/${key}`);
    await until(() => find() !== undefined, 30_000);
    return find()!;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Status and body of what the API says to an answer. */
export async function post(url: string | undefined, body: unknown): Promise<{ status: number; code?: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url ?? '', { method: 'POST', headers, body: text });
  return { status: response.status, ...((await response.json()) as object) };
}
