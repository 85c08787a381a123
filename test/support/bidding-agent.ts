import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentRequest, BidOutput } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { answerProbe } from './answer-probe.js';

export interface Bidding {
  price: number;
  /** Units that it sells in an exchange. */
  quantity?: number;
  etaMs?: number;
  bidAfterMs?: number;
  workMs?: number;
}

/** A real HTTP agent that bids one price, does its work, and keeps what it was told. */
export class BiddingAgent {
  readonly requests: { kind: AgentRequest['kind']; input: Json; key: string; at: number }[] = [];
  /** Called when work has come to it. */
  onWork: () => unknown = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(bidding: Bidding): Promise<BiddingAgent> {
    const server = createServer((request, response) => {
      if (answerProbe(request, response)) return;
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        await agent.answer(JSON.parse(Buffer.concat(chunks).toString()) as AgentRequest, bidding, response);
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new BiddingAgent(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return agent;
  }

  asked(kind: AgentRequest['kind']) {
    return this.requests.filter((request) => request.kind === kind);
  }

  /** As a kill would: connections break, and new ones are refused. */
  async die(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: AgentRequest, bidding: Bidding, response: ServerResponse): Promise<void> {
    const { kind, input, idempotencyKey } = request;
    this.requests.push({ kind, input, key: idempotencyKey, at: Date.now() });
    const { price, quantity, etaMs = 1_000, bidAfterMs = 0, workMs = 0 } = bidding;
    const answers = {
      bid: { bid: { price, etaMs, ...(quantity !== undefined && { quantity }) } } satisfies BidOutput,
      decide: { decision: null },
      task: { output: { done: input }, usage: { costUsd: price / 2 } },
      plan: { plan: null },
    };
    if (kind === 'task') this.onWork();
    await sleep(kind === 'bid' ? bidAfterMs : kind === 'task' ? workMs : 0, undefined, { ref: false });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[kind]));
  }
}
