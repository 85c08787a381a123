import type { IncomingMessage, ServerResponse } from 'node:http';
import { nowMs } from './harness/clock.js';
import { answer, serve } from './harness/serve.js';
import type { AgentCallSeen, AgentServerStats } from './harness/agent-server.client.js';

// The agent of every benchmark: each path is an endpoint of its own, and all of them echo after `delayMs`.
let delayMs = 0;
const tell = process.env.BENCH_TELLS ? (call: AgentCallSeen) => process.send?.(call) : undefined;
let calls: AgentCallSeen[] = [];

serve(route);

function route({ method, url = '/' }: IncomingMessage, response: ServerResponse, body: string): void {
  if (method === 'GET' && url === '/stats') return answer(response, stats());
  if (method === 'GET' && url === '/calls') return answer(response, calls);
  if (method === 'GET') return answer(response, { status: 'ok' });
  if (url === '/reset') {
    delayMs = (JSON.parse(body) as { delayMs: number }).delayMs;
    calls = [];
    return answer(response, stats());
  }
  echo(url, JSON.parse(body) as AgentBody, response);
}

interface AgentBody {
  input: unknown;
  idempotencyKey: string;
  run: { id: string };
}

function echo(endpoint: string, { input, idempotencyKey, run }: AgentBody, response: ServerResponse): void {
  const call: AgentCallSeen = { key: idempotencyKey, runId: run.id, endpoint, receivedAt: nowMs() };
  calls.push(call);
  tell?.(call);
  response.once('finish', () => {
    call.answeredAt = nowMs();
    tell?.(call);
  });
  if (delayMs > 0) setTimeout(() => answer(response, { output: input }), delayMs);
  else answer(response, { output: input });
}

function stats(): AgentServerStats {
  const seen = new Set<string>();
  let duplicates = 0;
  for (const call of calls) {
    const key = `${call.runId} ${call.key}`;
    if (seen.has(key)) duplicates += 1;
    seen.add(key);
  }
  const endpoints = new Set(calls.map(({ endpoint }) => endpoint)).size;
  return { calls: calls.length, endpoints, duplicates, delayMs };
}
