import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { type AgentOptions, type RunningAgent, serveAgent, TaskRejected } from '../../sdk/agent.js';

export interface SeenRequest {
  method: string;
  url: string;
  body: unknown;
}

/** An API whose answers are written by the test: for what the real one cannot be made to say. */
export interface ScriptedApi {
  url: string;
  seen: SeenRequest[];
  /** The next answers, in order, with status 0 for none; afterwards every registration and heartbeat goes well. */
  answers: [status: number, body: unknown][];
  close(): void;
}

const REGISTERED = { id: 'a1', instanceId: 'i1', state: 'ready', lease: { expiresAt: null } };

export async function scriptedApi(): Promise<ScriptedApi> {
  const seen: SeenRequest[] = [];
  const answers: ScriptedApi['answers'] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      seen.push({ method: request.method ?? '', url: request.url ?? '', body: text ? JSON.parse(text) : undefined });
      const [status, body] = answers.shift() ?? [200, REGISTERED];
      if (status === 0) return;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, answers, close };
}

/** An agent that doubles numbers, waits at `gate` first, rejects 13 and breaks at 500; made by the SDK. */
export class Doubler {
  worked = 0;
  signal: AbortSignal | undefined;
  private begin = () => {};
  /** Resolves when a handler has begun. */
  readonly begun = new Promise<void>((resolve) => (this.begin = resolve));

  private constructor(readonly gate: Promise<unknown> | undefined) {}

  agent!: RunningAgent;

  static async serve(
    apiUrl: string,
    { gate, ...options }: Partial<AgentOptions> & { gate?: Promise<unknown> } = {},
  ): Promise<Doubler> {
    const doubler = new Doubler(gate);
    doubler.agent = await serveAgent({
      name: 'doubler',
      version: '1.0.0',
      apiUrl,
      ownsProcess: false,
      log: pino({ level: 'silent' }),
      ...options,
      capabilities: {
        double: {
          input: z.object({ n: z.number() }),
          output: z.number().max(1_000_000),
          handler: async ({ n }, context) => {
            doubler.worked += 1;
            doubler.signal = context.signal;
            doubler.begin();
            await gate;
            if (n === 13) throw new TaskRejected('13 is not doubled');
            if (n === 500) throw new Error('broken');
            context.report({ confidence: 0.9 });
            return n * 2;
          },
        },
      },
    });
    return doubler;
  }

  /** Posts a task as Brikk does. */
  ask(
    input: unknown,
    key: string,
    { headers = {}, secret, ...changed }: { headers?: object; secret?: string; capability?: string } = {},
  ) {
    const task = { kind: 'task', capability: 'double', input, context: null, deadlineMs: 5_000, idempotencyKey: key };
    const body = JSON.stringify({ ...task, run: { id: 'r1', step: '/', attempt: 1 }, ...changed });
    return this.post(body, { ...(secret === undefined ? {} : signatureOf(body, secret)), ...headers });
  }

  post(body: string, headers: object = {}): Promise<Response> {
    return fetch(this.agent.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  }
}

/** The headers of Standard Webhooks under their names in the agent protocol. */
export function signatureOf(body: string, secret: string, at = new Date()): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'brikk-signature': new Webhook(secret).sign('msg_1', at, body),
  };
}
