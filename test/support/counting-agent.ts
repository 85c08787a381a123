import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { TaskRejected } from '../../sdk/agent.js';
import { answerProbe } from './answer-probe.js';

/** What throws is answered with 503, or with 422 when the task is rejected. */
type Work = (input: Json, request: AgentRequest) => Json | Promise<Json>;

/** Where the answer to each kind of request stands; a bid stands for itself. */
const ANSWER_FIELDS = { task: 'output', plan: 'plan', decide: 'decision' } as const;

/** A real HTTP agent that keeps when it was asked under which idempotency key, and when its caller hung up. */
export class CountingAgent {
  readonly askedAt = new Map<string, number[]>();
  readonly hungUpAt: number[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(delayMs: number, work: Work = (input) => input): Promise<CountingAgent> {
    const server = createServer({ keepAlive: true }, (request, response) => {
      if (answerProbe(request, response)) return;
      response.once('close', () => {
        if (!response.writableFinished) agent.hungUpAt.push(Date.now());
      });
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const asked = JSON.parse(Buffer.concat(chunks).toString()) as AgentRequest;
        const { idempotencyKey, input } = asked;
        agent.askedAt.set(idempotencyKey, [...(agent.askedAt.get(idempotencyKey) ?? []), Date.now()]);
        await sleep(delayMs);
        const output = await (async () => work(input, asked))().catch((error: unknown) => error);
        response.statusCode = output instanceof Error ? (output instanceof TaskRejected ? 422 : 503) : 200;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(asked.kind === 'bid' ? output : { [ANSWER_FIELDS[asked.kind]]: output }));
      })();
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 });
    await once(server, 'listening');
    const agent = new CountingAgent(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return agent;
  }

  get calls(): number {
    return [...this.askedAt.values()].reduce((sum, times) => sum + times.length, 0);
  }

  /** Resolves when at least so many calls have come. */
  async reached(calls: number, patienceMs = 60_000): Promise<void> {
    const giveUpAt = Date.now() + patienceMs;
    while (this.calls < calls) {
      if (Date.now() > giveUpAt) throw new Error(`only ${this.calls} of ${calls} calls came in ${patienceMs} ms`);
      await sleep(5);
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
