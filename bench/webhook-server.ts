import type { IncomingMessage, ServerResponse } from 'node:http';
import { nowMs } from './harness/clock.js';
import { answer, serve } from './harness/serve.js';
import type { WebhookServerStats } from './harness/webhook-server.client.js';
import { quantile } from './harness/statistics.js';

// The receivers of every webhook endpoint: each path is one of its own; `/hang…` never answers.
let latencies: number[] = [];
let seen = new Map<string, number>();
let hanging = 0;
/** Events before this one belong to a measurement that is over. */
let from = 0;

serve(route);

function route({ method, url = '/', headers }: IncomingMessage, response: ServerResponse, body: string): void {
  if (method === 'GET') return answer(response, stats());
  if (url === '/reset') {
    latencies = [];
    seen = new Map();
    hanging = 0;
    ({ from } = JSON.parse(body) as { from: number });
    return answer(response, stats());
  }
  if (url.startsWith('/hang')) {
    hanging += 1;
    return;
  }
  const { data } = JSON.parse(body) as { data: { at: number; n: number } };
  response.writeHead(204).end();
  if (data.n < from) return;
  latencies.push(nowMs() - data.at);
  const key = `${url} ${String(headers['webhook-id'])} ${data.n}`;
  seen.set(key, (seen.get(key) ?? 0) + 1);
}

function stats(): WebhookServerStats {
  return {
    received: latencies.length,
    distinct: seen.size,
    distinctEvents: new Set([...seen.keys()].map((key) => key.replace(/ \S+ /, ' '))).size,
    hanging,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    max: quantile(latencies, 1),
  };
}
